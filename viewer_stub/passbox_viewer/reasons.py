"""Why a file is no image in the store, in words: German and English side by side.

The keys are the stable words of the sender's scan and of the poller's checks, as they stand in
findings. It says nothing about words it does not know.
"""

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "directory": ("Inhaltsverzeichnis", "table of contents"),
    "duplicate": ("genaue Kopie eines anderen Bildes", "exact copy of another image"),
    "unreadable": ("lässt sich nicht lesen", "cannot be read"),
    "not_dicom": ("kein medizinisches Bild", "not a medical image"),
    "program": ("Teil eines Betrachtungsprogramms", "part of a viewer program"),
    "empty": ("leere Datei", "empty file"),
    "link": ("nur ein Verweis auf eine andere Stelle", "only a link to another place"),
    "special": ("keine gewöhnliche Datei", "not an ordinary file"),
    "damaged": ("bis zur Unkenntlichkeit beschädigt", "damaged beyond recognition"),
    "hostile": ("lässt sich nicht gefahrlos untersuchen", "cannot be examined safely"),
    "archive_refused": (
        "gepackte Datei, die sich nicht öffnen lässt",
        "packed file that cannot be opened",
    ),
    "locked": ("gepackte Datei mit Kennwort", "packed file with a password"),
    "too_deep": ("in zu vielen Ordnern in Ordnern", "in too many folders within folders"),
    "changed": ("hat sich während des Sendens geändert", "changed while it was being sent"),
    "skipped": ("nicht gesendet", "not sent"),
    "not finished": ("noch nicht gesendet", "not yet sent"),
    "pieces contradict each other": (
        "kam in Teilen an, die sich widersprechen",
        "arrived in pieces that contradict each other",
    ),
    "larger than claimed": ("größer als angekündigt", "larger than announced"),
    "in too many pieces": ("kam in zu vielen Teilen an", "arrived in too many pieces"),
    "does not decode": ("kam beschädigt an", "arrived damaged"),
    "digest wrong": ("kam anders an, als es gesendet wurde", "arrived other than it was sent"),
    "not DICOM": ("kein medizinisches Bild", "not a medical image"),
    "truncated": ("endet mittendrin", "ends in the middle"),
    "malformed": ("beschädigt", "damaged"),
    "over a reading limit": (
        "ließ sich nicht gefahrlos untersuchen",
        "could not be examined safely",
    ),
    "no instance a PACS can store": (
        "ein Bildarchiv kann es nicht aufnehmen",
        "an image archive cannot hold it",
    ),
    "took too long to check": ("die Untersuchung dauerte zu lange", "took too long to examine"),
    "took too much memory to check": ("zu groß zum Untersuchen", "too large to examine"),
    "the check broke": ("ließ sich nicht untersuchen", "could not be examined"),
    "the store refused it": (
        "der Speicher der Klinik nahm es nicht an",
        "the hospital's store did not take it",
    ),
    "its transfer was deleted": (
        "die Übermittlung dazu ist gelöscht",
        "its transfer was deleted",
    ),
    "its transfer was never finished": (
        "die Übermittlung dazu wurde nie abgeschlossen",
        "its transfer was never finished",
    ),
    "never came": ("kam nicht an", "did not arrive"),
    "not yet here": ("noch nicht da", "not here yet"),
    "missing": ("kam nicht an", "did not arrive"),
    "refused": ("von der Klinik nicht angenommen", "not taken by the hospital"),
    "not in the manifest": ("nicht in der Schlussliste", "not in the closing list"),
    "kind of image not allowed here": (
        "diese Art Bild nimmt die Klinik nicht an",
        "the hospital does not take this kind of image",
    ),
    "kind of file not allowed here": (
        "diese Art Datei nimmt die Klinik nicht an",
        "the hospital does not take this kind of file",
    ),
    "a program": ("ein Programm", "a program"),
    "found by the virus scanner": (
        "der Virenscanner hat etwas gefunden",
        "the virus scanner found something",
    ),
    "too large for the virus scanner": (
        "zu groß für den Virenscanner",
        "too large for the virus scanner",
    ),
    "program in the preamble removed": (
        "ein vorangestelltes Programm wurde entfernt",
        "a program in front of it was removed",
    ),
    "released from quarantine": ("aus der Quarantäne freigegeben", "released from quarantine"),
    "patient name differs inside the study": (
        "innerhalb der Studie stehen verschiedene Patientennamen",
        "different patient names within the study",
    ),
    "patient ID differs inside the study": (
        "innerhalb der Studie stehen verschiedene Patienten-IDs",
        "different patient IDs within the study",
    ),
    "birth date differs inside the study": (
        "innerhalb der Studie stehen verschiedene Geburtsdaten",
        "different birth dates within the study",
    ),
    "study date differs inside the study": (
        "innerhalb der Studie stehen verschiedene Untersuchungsdaten",
        "different study dates within the study",
    ),
}
