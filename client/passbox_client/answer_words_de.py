"""German words for what the hospital's server answers, by the codes of the contract."""

from typing import Final

ANSWERS: Final = {
    "malformed": (
        "Der Server der Klinik hat dieses Programm nicht verstanden.",
        "Holen Sie die aktuelle Version von der Klinik.",
    ),
    "client_too_old": (
        "Dieses Programm ist zu alt für den Server der Klinik.",
        "Holen Sie die aktuelle Version von der Klinik.",
    ),
    "not_found": (
        "Die Adresse in der Adressdatei führt ins Leere.",
        "Bitten Sie die Klinik um eine neue Adressdatei.",
    ),
    "wrong_method": (
        "Der Server der Klinik hat dieses Programm nicht verstanden.",
        "Holen Sie die aktuelle Version von der Klinik.",
    ),
    "too_large": (
        "Ein Teil war größer, als der Server der Klinik annimmt.",
        "Holen Sie die aktuelle Version von der Klinik.",
    ),
    "length_wrong": (
        "Ein Teil kam immer wieder unvollständig an.",
        (
            "Versuchen Sie es mit einer anderen Internetverbindung; "
            "was angekommen ist, bleibt erhalten."
        ),
    ),
    "digest_wrong": (
        "Ein Teil kam immer wieder beschädigt an.",
        (
            "Versuchen Sie es mit einer anderen Internetverbindung; "
            "was angekommen ist, bleibt erhalten."
        ),
    ),
    "signature_wrong": (
        "Der Server der Klinik hat die Unterschrift dieser Sendung nicht anerkannt.",
        "Senden Sie von vorn.",
    ),
    "unknown_destination": (
        "Der Server der Klinik bedient das Ziel aus der Adressdatei nicht.",
        "Bitten Sie die Klinik um eine neue Adressdatei.",
    ),
    "unknown_transfer": (
        "Der Server der Klinik kennt diese Sendung nicht mehr.",
        "Senden Sie von vorn.",
    ),
    "pack_conflict": (
        "Der Server der Klinik hat an dieser Stelle schon etwas anderes.",
        "Senden Sie von vorn.",
    ),
    "held_differs": (
        "Der Server der Klinik hat nicht, was gesendet wurde.",
        "Senden Sie von vorn, und sagen Sie der Klinik Bescheid.",
    ),
    "closed": (
        "Diese Sendung ist bereits abgeschlossen.",
        "Sehen Sie mit dem Quittungscode nach.",
    ),
    "cancelled": (
        "Diese Sendung wurde abgebrochen.",
        "Senden Sie noch einmal, wenn das ein Versehen war.",
    ),
    "stopped": (
        "Die Klinik hat diese Sendung abgelehnt.",
        "Rufen Sie die Klinik an; vielleicht ist die Adressdatei veraltet.",
    ),
    "expired": (
        "Diese Sendung ruhte zu lange und wurde entfernt.",
        "Senden Sie von vorn.",
    ),
    "blocked": (
        "Die Klinik nimmt von dieser Internetverbindung nichts an.",
        "Rufen Sie die Klinik an.",
    ),
    "too_many_requests": (
        "Der Server der Klinik ist überlastet.",
        "Versuchen Sie es in ein paar Minuten; was angekommen ist, bleibt erhalten.",
    ),
    "too_many_open": (
        "Von dieser Internetverbindung laufen zu viele Sendungen zugleich.",
        "Warten Sie, bis eine davon fertig ist.",
    ),
    "transfer_too_large": (
        "Das ist mehr, als die Klinik in einer Sendung annimmt.",
        "Senden Sie weniger Untersuchungen auf einmal, oder rufen Sie die Klinik an.",
    ),
    "source_limit": (
        "Die Klinik nimmt heute von dieser Internetverbindung nichts mehr an.",
        "Versuchen Sie es morgen; was angekommen ist, bleibt erhalten.",
    ),
    "day_limit": (
        "Die Klinik nimmt heute nichts mehr an.",
        "Versuchen Sie es morgen; was angekommen ist, bleibt erhalten.",
    ),
    "not_accepting": (
        "Die Klinik nimmt zurzeit nichts an.",
        "Versuchen Sie es später; was angekommen ist, bleibt erhalten.",
    ),
    "store_full": (
        "Der Server der Klinik hat keinen Platz mehr.",
        (
            "Versuchen Sie es später; was angekommen ist, bleibt erhalten. "
            "Die Klinik ist benachrichtigt."
        ),
    ),
    "internal": (
        "Der Server der Klinik hat eine Störung.",
        "Versuchen Sie es später; was angekommen ist, bleibt erhalten.",
    ),
}
