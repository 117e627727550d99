"""Discs with several people, one person in several spellings, and names in many writings."""

from dataclasses import replace
from pathlib import Path

from tests.discs.making import disc, write
from tests.discs.slices import Slice, files, series


@disc
def two_patients(root: Path) -> Path:
    """Two patients on one disc."""
    other = Slice(patient=b"Roe^Richard", patient_id="ID-2", birth_date="19600101", study="1.2.9")
    return write(root, {**files(series(3), "A"), **files(series(2, other), "B")})


@disc
def one_study_two_patients(root: Path) -> Path:
    """One study whose images carry two patients: mixed up while burning."""
    other = Slice(patient=b"Roe^Richard", patient_id="ID-2", birth_date="19600101", series=5)
    return write(root, {**files(series(3), "A"), **files(series(2, other), "B")})


@disc
def several_spellings(root: Path) -> Path:
    """One patient, written as devices write him: umlauts, capitals, separators."""
    names = (b"M\xfcller^J\xf6rg", b"MUELLER^JOERG", b"Mueller^Joerg^^")
    slices = [
        replace(Slice(), number=n, patient=name, charset="ISO_IR 100")
        for n, name in enumerate(names, 1)
    ]
    return write(root, files(slices))


@disc
def two_ids(root: Path) -> Path:
    """One name and birth date under the numbers of two clinics."""
    other = Slice(patient_id="H-4711", study="1.2.8")
    return write(root, {**files(series(2), "A"), **files(series(2, other), "B")})


@disc
def one_id_two_names(root: Path) -> Path:
    """One number for two different people: somebody typed the wrong one."""
    other = Slice(patient=b"Smith^Anna", birth_date="19710203", study="1.2.8")
    return write(root, {**files(series(2), "A"), **files(series(2, other), "B")})


@disc
def birth_date_missing(root: Path) -> Path:
    """One patient whose birth date some images lack: no second patient."""
    return write(root, files([Slice(number=1), replace(Slice(number=2), birth_date="")]))


@disc
def many_writings(root: Path) -> Path:
    """Umlauts, Cyrillic, Greek, Japanese and UTF-8, each declared rightly."""
    japanese = (
        b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"
    )
    names = (
        ("ISO_IR 100", "Böhm^Jörg".encode("latin-1")),
        ("ISO_IR 144", "Иванов^Иван".encode("iso8859-5")),
        ("ISO_IR 126", "Διονυσιος".encode("iso8859-7")),
        ("\\ISO 2022 IR 87", japanese),
        ("ISO_IR 192", "Wang^小东".encode()),
    )
    slices = [
        Slice(patient=name, charset=charset, patient_id=f"ID-{n}", study=f"1.2.{n}")
        for n, (charset, name) in enumerate(names, 1)
    ]
    return write(root, files(slices))


@disc
def utf8_under_latin1(root: Path) -> Path:
    """UTF-8 bytes in files that say Latin-1."""
    name = "Müller^Zoë".encode()
    return write(root, files(series(2, Slice(patient=name, charset="ISO_IR 100"))))


@disc
def latin1_under_utf8(root: Path) -> Path:
    """Latin-1 bytes in files that say UTF-8."""
    name = "Müller^Jörg".encode("latin-1")
    return write(root, files(series(2, Slice(patient=name, charset="ISO_IR 192"))))


@disc
def no_charset(root: Path) -> Path:
    """An umlaut in files that declare no character set."""
    return write(root, files(series(2, Slice(patient="Bäcker^Ute".encode("latin-1")))))
