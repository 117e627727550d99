"""The words of the sender's report that are not sentences of sentences.py, German and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from passbox_client.report import Stage, Standing, Step


@dataclass(frozen=True, slots=True)
class ReportWords:
    """Words of one language; braces hold facts. ``stages`` by step and standing."""

    title: str
    date: str
    as_of: str
    code: str
    keep_code: str
    phone: str
    stages: Mapping[tuple[Step, Standing], str]
    images: str
    studies: str
    study_heads: tuple[str, str, str, str, str, str]
    unnamed_study: str
    unnamed_patient: str
    unnamed_file: str
    no_names: str
    missing: str
    none_missing: str
    others: str
    and_more: str
    kept: str
    waiting: str
    proof: str
    checked: str
    unchecked: str
    transfer: str
    sequence: str
    manifest: str
    signer: str
    note: str
    unshowable: str
    page: str
    disclaimer: str

    def stage(self, stage: Stage) -> str:
        """Return a step in words, with its count where there is one."""
        said = self.stages[stage.step, stage.standing]
        if stage.count is None or stage.total is None or stage.standing is Standing.NOT:
            return said
        if stage.standing is Standing.OPEN and not stage.count:
            return said
        return f"{said}: {self.images.format(count=stage.count, total=stage.total)}"


_EN: Final = ReportWords(
    title="Receipt for images sent",
    date="%Y-%m-%d %H:%M UTC",
    as_of="As of {time}",
    code="Receipt code",
    keep_code="Keep this sheet: whoever has the code can look up what became of the images.",
    phone="Code for the telephone",
    stages={
        (Step.RECEIVED, Standing.DONE): "Received by the hospital's server",
        (Step.RECEIVED, Standing.PARTLY): "Partly received by the hospital's server",
        (Step.RECEIVED, Standing.OPEN): "Not yet received by the hospital's server",
        (Step.RECEIVED, Standing.NOT): "Not taken by the hospital's server",
        (Step.DELIVERED, Standing.DONE): "Delivered inside the hospital and checked",
        (Step.DELIVERED, Standing.PARTLY): "Partly delivered inside the hospital",
        (Step.DELIVERED, Standing.OPEN): "The hospital has not yet signed for the delivery",
        (Step.DELIVERED, Standing.NOT): "Not delivered",
        (Step.IN_PACS, Standing.DONE): "In the hospital's image archive (PACS)",
        (Step.IN_PACS, Standing.PARTLY): "Partly in the hospital's image archive (PACS)",
        (Step.IN_PACS, Standing.OPEN): "Not in the hospital's image archive (PACS) so far",
        (Step.IN_PACS, Standing.NOT): "Looked at by the hospital and not kept",
    },
    images="{count} of {total} images",
    studies="Studies",
    study_heads=("Patient", "Study", "Date", "Images", "Delivered", "In archive"),
    unnamed_study="Study {study} of medium {part}",
    unnamed_patient="-",
    unnamed_file="File {number}",
    no_names=(
        "This report was looked up by its code. Names of patients and files stand only in the "
        "report that was saved when the images were sent."
    ),
    missing="Not arrived",
    none_missing="Each of the {count} files has arrived.",
    others="The other {count} files have arrived.",
    and_more="and {count} more: the report saved as JSON names each file.",
    kept="{count} of them are documents or pictures that an image archive cannot hold; they are "
    "kept beside the images.",
    waiting="The hospital has not yet signed for any file. Look it up later with the receipt code.",
    proof="Proof",
    checked="The hospital's signature was checked and is valid.",
    unchecked="There is no signature of the hospital yet.",
    transfer="Transfer",
    sequence="Receipt number",
    manifest="SHA-256 of the list of files",
    signer="Key of the signature",
    note="The hospital writes: {note}",
    unshowable="Some characters cannot be shown with this computer's fonts; the report saved as "
    "JSON has them.",
    page="Page {page} of {pages}",
    disclaimer="Made by Passbox. Not a medical device, not for diagnosis.",
)

_DE: Final = ReportWords(
    title="Quittung über gesendete Bilder",
    date="%d.%m.%Y, %H:%M UTC",
    as_of="Stand: {time}",
    code="Quittungscode",
    keep_code="Bitte aufheben: Wer den Code hat, kann nachsehen, was aus den Bildern wurde.",
    phone="Code fürs Telefon",
    stages={
        (Step.RECEIVED, Standing.DONE): "Vom Server der Klinik empfangen",
        (Step.RECEIVED, Standing.PARTLY): "Zum Teil vom Server der Klinik empfangen",
        (Step.RECEIVED, Standing.OPEN): "Vom Server der Klinik noch nicht empfangen",
        (Step.RECEIVED, Standing.NOT): "Vom Server der Klinik nicht angenommen",
        (Step.DELIVERED, Standing.DONE): "In der Klinik angekommen und geprüft",
        (Step.DELIVERED, Standing.PARTLY): "Zum Teil in der Klinik angekommen",
        (Step.DELIVERED, Standing.OPEN): "Von der Klinik noch nicht bestätigt",
        (Step.DELIVERED, Standing.NOT): "Nicht angekommen",
        (Step.IN_PACS, Standing.DONE): "Im Bildarchiv der Klinik (PACS)",
        (Step.IN_PACS, Standing.PARTLY): "Zum Teil im Bildarchiv der Klinik (PACS)",
        (Step.IN_PACS, Standing.OPEN): "Bisher nicht im Bildarchiv der Klinik (PACS)",
        (Step.IN_PACS, Standing.NOT): "Von der Klinik angesehen und nicht behalten",
    },
    images="{count} von {total} Bildern",
    studies="Untersuchungen",
    study_heads=("Patient", "Untersuchung", "Datum", "Bilder", "Angekommen", "Im Archiv"),
    unnamed_study="Untersuchung {study} auf Datenträger {part}",
    unnamed_patient="-",
    unnamed_file="Datei {number}",
    no_names=(
        "Diese Quittung wurde mit ihrem Code nachgeschlagen. Namen von Patienten und Dateien "
        "stehen nur in der Quittung, die beim Senden gespeichert wurde."
    ),
    missing="Nicht angekommen",
    none_missing="Jede der {count} Dateien ist angekommen.",
    others="Die übrigen {count} Dateien sind angekommen.",
    and_more="und {count} weitere: Die als JSON gespeicherte Quittung nennt jede Datei.",
    kept="{count} davon sind Dokumente oder Fotos, die ein Bildarchiv nicht aufnehmen kann; sie "
    "werden neben den Bildern aufbewahrt.",
    waiting="Die Klinik hat noch für keine Datei unterschrieben. Sehen Sie später mit dem "
    "Quittungscode nach.",
    proof="Nachweis",
    checked="Die Unterschrift der Klinik wurde geprüft und ist gültig.",
    unchecked="Eine Unterschrift der Klinik gibt es noch nicht.",
    transfer="Sendung",
    sequence="Nummer der Quittung",
    manifest="SHA-256 der Liste der Dateien",
    signer="Schlüssel der Unterschrift",
    note="Die Klinik schreibt: {note}",
    unshowable="Einige Zeichen lassen sich mit den Schriften dieses Computers nicht darstellen; "
    "die als JSON gespeicherte Quittung enthält sie.",
    page="Seite {page} von {pages}",
    disclaimer="Erstellt mit Passbox. Kein Medizinprodukt, nicht zur Befundung.",
)

REPORT_WORDS: Final[Mapping[str, ReportWords]] = {"de": _DE, "en": _EN}


def report_words(language: str) -> ReportWords:
    """Return the words of a language tag; every other language is English."""
    return REPORT_WORDS.get(language.partition("-")[0].casefold(), _EN)
