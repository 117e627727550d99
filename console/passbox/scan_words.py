"""The few words of a scan's report that are not findings, German and English.

Text and HTML report say the same; both take their words here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passbox.speaking import Language

if TYPE_CHECKING:
    from passbox_client.accounts import StudyAccount
    from passbox_client.found import FoundPatient, FoundSeries, FoundStudy, ScanResult

_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ScanWords:
    """Words of one language. Pairs are (one, several); braces hold facts."""

    language: Language
    title: str
    image: tuple[str, str]
    study_word: tuple[str, str]
    patient_word: tuple[str, str]
    born: str
    on_medium: str
    all_is_well: str
    look: str
    loss: str
    nothing: str
    findings_title: str
    no_picture: str
    account_title: str
    account_heads: Sequence[str]
    disclaimer: str
    files: str
    insert_again: str
    page_written: str
    page_failed: str

    def images(self, count: int) -> str:
        """Return "12 images"."""
        return _counted(count, self.image)

    def summary(self, result: "ScanResult") -> str:
        """Return how much is on the medium."""
        facts = (
            self.images(len(result.found)),
            _counted(len(result.studies), self.study_word),
            _counted(len(result.patients), self.patient_word),
            self.number(result.found_bytes / _MEGABYTE),
        )
        return self.on_medium.format(*facts, self.number(result.seconds))

    def verdict(self, result: "ScanResult") -> str:
        """Return in one sentence how the medium is."""
        severities = {finding.severity.value for finding in result.findings}
        if not result.found:
            return self.nothing
        if "loss" in severities:
            return self.loss
        return self.look if "look" in severities else self.all_is_well

    def patient(self, patient: "FoundPatient") -> str:
        """Return a patient in one line."""
        from passbox_client.sentences import of_date
        from passbox_client.spelling import shown_name

        born = f", {self.born} {of_date(patient.birth_date, self.language)}"
        name = shown_name(patient.name) or "-"
        return f"{name}{born if patient.birth_date else ''}, ID {patient.patient_id or '-'}"

    def study(self, study: "FoundStudy") -> str:
        """Return a study in one line."""
        from passbox_client.sentences import of_date

        date = of_date(study.study_date, self.language)
        return " ".join(part for part in (date, study.description) if part) or "-"

    def series(self, series: "FoundSeries") -> str:
        """Return a series in one line."""
        number = "" if series.number is None else f"#{series.number}"
        return f"{series.modality or '-':3} {series.description or number}".rstrip()

    def account_cells(self, account: "StudyAccount") -> list[str]:
        """Return a row of the account, as its heads say."""
        from passbox_client.sentences import of_date

        study = account.study
        named = (of_date(study.study_date, self.language), study.description)
        name = " ".join(part for part in named if part) or study.study_instance_uid or "-"
        numbers = (
            account.listed,
            account.found,
            account.missing,
            account.elsewhere,
            account.unlisted,
            account.unreadable,
        )
        return [name, *map(str, numbers)]

    def number(self, value: float) -> str:
        """Return a number with one digit after the point or comma."""
        point = f"{value:.1f}"
        return point.replace(".", ",") if self.language is Language.GERMAN else point


def _counted(count: int, word: tuple[str, str]) -> str:
    return f"{count} {word[count != 1]}"


_WORDS: Final = {
    Language.GERMAN: ScanWords(
        language=Language.GERMAN,
        title="Was auf diesem Datenträger ist",
        image=("Bild", "Bilder"),
        study_word=("Untersuchung", "Untersuchungen"),
        patient_word=("Patient", "Patienten"),
        born="geb.",
        on_medium="{0} in {1}, {2}, {3} MB (durchgesehen in {4} s)",
        all_is_well="Es fehlt nichts, soweit der Datenträger es selbst sagt.",
        look="Die Bilder sind da; etwas ist auffällig und sollte angesehen werden.",
        loss="Achtung: Etwas fehlt oder ist beschädigt.",
        nothing="Auf diesem Datenträger wurden keine medizinischen Bilder gefunden.",
        findings_title="Was aufgefallen ist",
        no_picture="keine Vorschau",
        account_title="Für die Bildarchiv-Abteilung: Inhaltsverzeichnis und Wirklichkeit",
        account_heads=(
            "Untersuchung",
            "gelistet",
            "gefunden",
            "fehlt dort",
            "anderswo",
            "ungelistet",
            "unlesbar",
        ),
        disclaimer="Die kleinen Bilder dienen dem Erkennen, nicht der Befundung.",
        files="Dateien",
        insert_again="Der Datenträger wurde entfernt. Legen Sie ihn wieder ein und drücken Sie die "
        "Eingabetaste; mit q und Eingabe endet das Durchsehen hier. ",
        page_written="Der Bericht steht in {0}.",
        page_failed="Der Bericht konnte nicht geschrieben werden: {0}.",
    ),
    Language.ENGLISH: ScanWords(
        language=Language.ENGLISH,
        title="What is on this medium",
        image=("image", "images"),
        study_word=("examination", "examinations"),
        patient_word=("patient", "patients"),
        born="born",
        on_medium="{0} in {1}, {2}, {3} MB (looked at in {4} s)",
        all_is_well="Nothing is missing, as far as the medium itself can tell.",
        look="The images are there; something is odd and should be looked at.",
        loss="Attention: something is missing or damaged.",
        nothing="No medical images were found on this medium.",
        findings_title="What is odd",
        no_picture="no preview",
        account_title="For the archive's people: table of contents and reality",
        account_heads=(
            "Examination",
            "listed",
            "found",
            "not there",
            "elsewhere",
            "unlisted",
            "unreadable",
        ),
        disclaimer="The small pictures are for recognising, not for diagnosis.",
        files="files",
        insert_again="The medium was taken out. Insert it again and press Enter; q and Enter ends "
        "here. ",
        page_written="The report is in {0}.",
        page_failed="The report could not be written: {0}.",
    ),
}


def words_of(language: Language) -> ScanWords:
    """Return the words of a language."""
    return _WORDS[language]
