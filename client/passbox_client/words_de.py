"""German words for every code; see sentences.py."""

from typing import Final

from passbox_client.answer_words_de import ANSWERS

ERRORS: Final = {
    # A person has to choose
    "several_patients": (
        "Auf diesem Datenträger sind {count} Patienten: {patients}.",
        (
            "Wählen Sie, wessen Bilder gesendet werden: ein Patient (--patient ID) oder alle "
            "(--all-patients)."
        ),
    ),
    "unknown_patient": (
        "Auf dem Datenträger ist kein Patient mit der ID {patient}.",
        "Prüfen Sie die ID, oder sehen Sie zuerst nach, was auf dem Datenträger ist.",
    ),
    "unknown_destination_name": (
        "Im Profil der Klinik gibt es dieses Ziel nicht. Bekannt: {known}.",
        "Wählen Sie eines davon.",
    ),
    "wrong_department": (
        "Die Klinik hat keine Abteilung {department}. Bekannt: {known}.",
        "Wählen Sie eine davon, oder lassen Sie die Abteilung weg.",
    ),
    "wrong_recipient": (
        "{recipient} ist keine Adresse dieser Klinik. Erlaubt: {known}.",
        "Prüfen Sie die Adresse, oder lassen Sie sie weg: Die Bilder kommen auch so an.",
    ),
    "wrong_code": (
        "Das ist kein Quittungscode: Er enthält einen Tippfehler.",
        "Vergleichen Sie ihn Zeichen für Zeichen mit Ihrem Ausdruck.",
    ),
    "nothing_to_resume": (
        "Es gibt keine unfertige Sendung genau dieser Dateien an diese Klinik.",
        "Senden Sie von vorn: Nichts kommt doppelt an.",
    ),
    # The medium
    "medium_missing": (
        "An dieser Stelle ist nichts.",
        "Prüfen Sie Laufwerk oder Ordner; legen Sie die CD noch einmal ein.",
    ),
    "medium_empty": (
        "Der Ordner oder Datenträger ist leer.",
        "Wählen Sie den mit den Bildern.",
    ),
    "medium_without_images": (
        "Keine der {count} Dateien hier ist ein medizinisches Bild.",
        "Wählen Sie den ganzen Datenträger oder den Ordner mit den Bildern.",
    ),
    "only_documents": (
        "Hier ist kein medizinisches Bild, nur Dokumente oder Fotos: {count}.",
        "Wählen Sie die ganze CD; oder sagen Sie, dass nur diese gesendet werden (--documents).",
    ),
    "medium_unreadable": (
        "Die CD oder der Stick lässt sich nicht lesen.",
        "Reinigen Sie die CD, nehmen Sie ein anderes Laufwerk, oder bitten Sie um eine neue Kopie.",
    ),
    "medium_gone": (
        "Die CD oder der Stick wurde während des Lesens herausgenommen.",
        "Legen Sie sie wieder ein, und setzen Sie fort: Was angekommen ist, bleibt erhalten.",
    ),
    "medium_changed": (
        "Das ist nicht die CD oder der Stick von vorhin, oder die Dateien haben sich geändert.",
        "Legen Sie das Richtige ein, oder sehen Sie dies von vorn durch.",
    ),
    "medium_wanted": (
        "CD {number} dieser Sendung wurde nicht bis zum Ende gesendet.",
        "Legen Sie sie wieder ein, und setzen Sie fort (--resume): Was angekommen ist, bleibt.",
    ),
    "medium_twice": (
        "Diese CD oder dieser Ordner gehört schon zu dieser Sendung.",
        "Legen Sie die nächste CD ein, oder wählen Sie einen anderen Ordner.",
    ),
    "other_patient": (
        "Die nächste CD ist von jemand anderem: {patients}.",
        (
            "Senden Sie sie für sich; oder sagen Sie, wessen Bilder mitgehen (--patient ID, "
            "--all-patients)."
        ),
    ),
    # This computer
    "state_full": (
        "Die Festplatte dieses Computers ist voll: Die Sendung kann dort nicht gemerkt werden.",
        (
            "Schaffen Sie Platz, und setzen Sie die Sendung dann fort; was angekommen ist, bleibt "
            "erhalten und wird nicht noch einmal gesendet."
        ),
    ),
    "state_failed": (
        "In den Ordner, in dem Sendungen gemerkt werden, kann nicht geschrieben werden.",
        (
            "Prüfen Sie dessen Festplatte und ob Sie dort schreiben dürfen, und setzen Sie die "
            "Sendung dann fort; was angekommen ist, bleibt erhalten (--state nennt einen anderen "
            "Ordner)."
        ),
    ),
    # The hospital's address card
    "profile_missing": (
        "Die Adressdatei der Klinik lässt sich nicht öffnen.",
        "Prüfen Sie, wo sie liegt, oder holen Sie sie noch einmal von der Klinik.",
    ),
    "profile_damaged": (
        "Die Adressdatei der Klinik ist beschädigt.",
        "Holen Sie sie noch einmal von der Klinik.",
    ),
    "profile_unsigned": (
        "Das ist keine unterschriebene Adressdatei einer Klinik.",
        "Holen Sie die Datei mit der Endung .passbox von der Klinik.",
    ),
    "profile_altered": (
        "Die Adressdatei wurde verändert, nachdem die Klinik sie unterschrieben hat.",
        "Verwenden Sie sie nicht. Holen Sie sie neu von der Klinik, und sagen Sie dort Bescheid.",
    ),
    "profile_expired": (
        "Die Adressdatei der Klinik ist abgelaufen.",
        (
            "Prüfen Sie das Datum dieses Computers; stimmt es, holen Sie eine neue Datei von der "
            "Klinik."
        ),
    ),
    "profile_too_few_pins": (
        "Die Adressdatei nennt weniger als zwei Schlüssel des Servers.",
        "Sagen Sie der Klinik Bescheid; sie muss die Datei neu erstellen.",
    ),
    "profile_other_signer": (
        "Diese Adressdatei hat jemand anderes unterschrieben als die bisherige.",
        "Vergleichen Sie den Fingerabdruck mit dem Überweisungsbrief, bevor Sie sie verwenden.",
    ),
    "profile_older_serial": (
        "Diese Adressdatei ist älter als die bereits verwendete.",
        "Verwenden Sie die neuere.",
    ),
    # The line
    "no_connection": (
        "Der Server der Klinik ist nicht erreichbar.",
        (
            "Prüfen Sie die Internetverbindung, und versuchen Sie es noch einmal; "
            "was angekommen ist, bleibt erhalten."
        ),
    ),
    "proxy_address": (
        "Die Adresse des Proxys ist unbrauchbar.",
        "Gebraucht wird HOST:PORT, zum Beispiel proxy.praxis.example:3128 (--proxy).",
    ),
    "proxy_dead": (
        "Der Proxy {proxy} antwortet nicht; über ihn geht es hier ins Internet.",
        (
            "Versuchen Sie es noch einmal, und fragen Sie sonst Ihre IT. Anderer Proxy oder "
            "keiner: unter Verbindung (--proxy)."
        ),
    ),
    "proxy_kind": (
        "Dieser Computer soll den Proxy {proxy} benutzen; seine Art (SOCKS) kann Passbox nicht.",
        (
            "Ohne ihn ist die Klinik nicht erreichbar. Fragen Sie Ihre IT nach einem anderen "
            "Proxy, und geben Sie ihn unter Verbindung ein (--proxy)."
        ),
    ),
    "proxy_login": (
        "Der Proxy {proxy} verlangt eine Anmeldung (407).",
        (
            "Bitten Sie Ihre IT, die Adresse der Klinik ohne Anmeldung durchzulassen, oder geben "
            "Sie unter Verbindung NAME:KENNWORT@HOST:PORT ein (--proxy)."
        ),
    ),
    "proxy_refused": (
        "Der Proxy {proxy} lässt nicht zur Klinik durch.",
        "Bitten Sie Ihre IT, die Adresse der Klinik freizugeben.",
    ),
    "wrong_pin": (
        (
            "Der Server unter der Adresse der Klinik hat nicht den Schlüssel der Klinik. "
            "Es wurde nichts gesendet."
        ),
        "Jemand liest dazwischen mit, oder die Adressdatei ist veraltet. Fragen Sie die Klinik.",
    ),
    "not_trusted": (
        (
            "Der Server unter der Adresse der Klinik konnte sich nicht ausweisen. "
            "Es wurde nichts gesendet."
        ),
        (
            "Vielleicht sieht eine Firewall in die Verbindung, oder die Uhr des Computers geht "
            "falsch. Fragen Sie Ihre IT-Betreuung."
        ),
    ),
    "inspected": (
        (
            "Ein Gerät unterwegs öffnet verschlüsselte Verbindungen und liest mit; "
            "sein Zertifikat ist von {issuer}. Es wurde nichts gesendet."
        ),
        (
            "Meist ist es eine Firewall oder ein Virenscanner. Bitten Sie Ihre IT, die Adresse der "
            "Klinik ungeöffnet durchzulassen. Weiß niemand von dem Gerät, rufen Sie die Klinik an."
        ),
    ),
    "odd_answer": (
        "Etwas zwischen hier und der Klinik antwortet an ihrer Stelle.",
        "Prüfen Sie, ob das Netz eine Anmeldung verlangt, und versuchen Sie es noch einmal.",
    ),
    "pack_lost": (
        "Der Server der Klinik hat nicht mehr, was er bestätigt hatte.",
        "Senden Sie von vorn, und sagen Sie der Klinik Bescheid.",
    ),
    # The receipt
    "receipt_forged": (
        "Die Quittung trägt nicht die Unterschrift der Klinik und wurde nicht angenommen.",
        "Fragen Sie die Klinik telefonisch, ob die Bilder angekommen sind.",
    ),
    "receipt_replayed": (
        "Eine alte Quittung wurde noch einmal vorgezeigt und nicht angenommen.",
        "Versuchen Sie es später, oder fragen Sie die Klinik telefonisch.",
    ),
    "receipt_of_another": (
        "Die Quittung gehört zu einer anderen Sendung und wurde nicht angenommen.",
        "Fragen Sie die Klinik telefonisch, ob die Bilder angekommen sind.",
    ),
    "no_receipt_yet": (
        "Die Klinik hat für diese Sendung noch nicht unterschrieben.",
        "Versuchen Sie es später noch einmal mit dem Quittungscode.",
    ),
    "report_kind": (
        "Eine Quittung wird als PDF oder JSON gespeichert; {name} ist keines von beiden.",
        "Geben Sie ihr einen Namen, der auf .pdf oder .json endet.",
    ),
    "report_place": (
        "Den Ordner {folder}, in dem die Quittung gespeichert werden soll, gibt es nicht.",
        "Wählen Sie einen anderen Ordner.",
    ),
    "report_failed": (
        "Die Quittung konnte nicht gespeichert werden.",
        "Prüfen Sie Ordner und freien Platz; mit dem Quittungscode lässt sie sich neu erstellen.",
    ),
    # What the hospital's server answers
    **ANSWERS,
}

OUTCOMES: Final = {
    "complete": ("Alle Bilder sind angekommen. Die Klinik hat dafür unterschrieben.", ""),
    "partial": (
        "Die Bilder sind angekommen, aber nicht alle.",
        "In der Liste steht, welche fehlen und warum. Die Klinik weiß davon.",
    ),
    "refused": (
        "Die Klinik hat die Bilder nicht angenommen.",
        "In der Liste steht, warum. Rufen Sie die Klinik an.",
    ),
    "unconfirmed": (
        "Alles ist übergeben; die Klinik hat noch nicht dafür unterschrieben.",
        "Sehen Sie später mit dem Quittungscode nach.",
    ),
    "interrupted": (
        "Die Sendung wurde unterbrochen. Was angekommen ist, bleibt erhalten.",
        "Setzen Sie sie später mit demselben Datenträger fort (--resume).",
    ),
}

SKIPPED: Final = {
    "directory": "Inhaltsverzeichnis",
    "duplicate": "genaue Kopie eines anderen Bildes",
    "unreadable": "lässt sich nicht lesen",
    "not_dicom": "kein medizinisches Bild",
    "program": "Teil eines Betrachtungsprogramms",
    "empty": "leere Datei",
    "link": "nur ein Verweis auf eine andere Stelle",
    "special": "keine gewöhnliche Datei",
    "damaged": "bis zur Unkenntlichkeit beschädigt",
    "hostile": "lässt sich nicht gefahrlos untersuchen",
    "archive_refused": "gepackte Datei, die sich nicht öffnen lässt",
    "locked": "gepackte Datei mit Kennwort",
    "too_deep": "in zu vielen Ordnern in Ordnern",
}

REASONS: Final = {
    # ours
    **SKIPPED,
    "changed": "hat sich während des Sendens geändert",
    "skipped": "nicht gesendet",
    "not finished": "noch nicht gesendet",
    # the inside's
    "pieces contradict each other": "kam in Teilen an, die sich widersprechen",
    "larger than claimed": "größer als angekündigt",
    "in too many pieces": "kam in zu vielen Teilen an",
    "does not decode": "kam beschädigt an",
    "digest wrong": "kam anders an, als es gesendet wurde",
    "not DICOM": "kein medizinisches Bild",
    "truncated": "endet mittendrin",
    "malformed": "beschädigt",
    "over a reading limit": "ließ sich nicht gefahrlos untersuchen",
    "no instance a PACS can store": "ein Bildarchiv kann es nicht aufnehmen",
    "took too long to check": "die Untersuchung dauerte zu lange",
    "took too much memory to check": "zu groß zum Untersuchen",
    "the check broke": "ließ sich nicht untersuchen",
    "the store refused it": "der Speicher der Klinik nahm es nicht an",
    "its transfer was deleted": "die Klinik hatte die Übertragung gelöscht",
    "its transfer was never finished": "die Übertragung wurde nie abgeschlossen",
    "never came": "kam nicht an",
    "missing": "kam nicht an",
    "not yet here": "noch nicht angekommen",
    "refused": "von der Klinik nicht angenommen",
    "not in the manifest": "nicht in der Schlussliste",
    "kind of image not allowed here": "diese Art Bild nimmt die Klinik nicht an",
    "kind of file not allowed here": "diese Art Datei nimmt die Klinik nicht an",
    "a program": "ein Programm",
    "found by the virus scanner": "der Virenscanner der Klinik hat etwas gefunden",
    "too large for the virus scanner": "zu groß für den Virenscanner der Klinik",
    "program in the preamble removed": "ein vorangestelltes Programm wurde entfernt",
    "released from quarantine": "von der Klinik nachträglich angenommen",
    "patient name differs inside the study": "verschiedene Patientennamen in der Studie",
    "patient ID differs inside the study": "verschiedene Patienten-IDs in der Studie",
    "birth date differs inside the study": "verschiedene Geburtsdaten in der Studie",
    "study date differs inside the study": "verschiedene Untersuchungsdaten in der Studie",
}

RESULTS: Final = {
    "delivered": "angekommen",
    "kept": "angekommen, als Dokument aufbewahrt",
    "refused": "nicht angenommen",
    "missing": "nicht angekommen",
    "not sent": "nicht gesendet",
}

DELIVERIES: Final = {
    "arriving": "Die Klinik prüft noch.",
    "complete": "Alle Bilder sind in der Klinik angekommen und geprüft.",
    "partial": "Ein Teil der Bilder ist in der Klinik angekommen; was fehlt, steht in der Liste.",
    "refused": "Die Klinik hat die Sendung nicht angenommen.",
    "abandoned": "Die Sendung wurde nicht zu Ende gebracht.",
    "withdrawn": "Die Sendung wurde zurückgezogen.",
}

FORWARDS: Final = {
    "staged": "",
    "visible": "Die Klinik kann sie ansehen.",
    "forwarding": "Die Klinik überträgt sie gerade in ihr Bildarchiv.",
    "in PACS": "Sie sind im Bildarchiv der Klinik.",
    "failed": "Die Übertragung in das Bildarchiv ist noch nicht gelungen.",
    "refused": "Die Klinik hat sie nach Durchsicht nicht behalten.",
}

IN_PACS_PARTLY: Final = "{in_pacs} von {delivered} sind im Bildarchiv der Klinik."

AS_OF: Final = "Stand: {time}."

UNKNOWN_ERROR: Final = (
    "Etwas Unerwartetes ist geschehen.",
    "Versuchen Sie es noch einmal; wenn es bleibt, nennen Sie der Klinik diesen Code.",
)
UNKNOWN_REASON: Final = "{reason}"
HOSPITAL_SAYS: Final = "Die Klinik schreibt: {text}"
