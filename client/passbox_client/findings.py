"""What is odd on a medium, told as findings: codes, counts and places. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from passbox_client.found import (
    Attached,
    Finding,
    FindingCode,
    FoundInstance,
    FoundPatient,
    Listing,
    Parts,
    Skipped,
    SkipReason,
)
from passbox_wire.inventory import FileKind

MOST_PATHS: Final = 20
_IMAGE_SUFFIXES: Final = (".dcm", ".dicom", ".ima", ".dic")
_FEWEST_IN_SERIES: Final = 4
_BY_REASON: Final = {
    SkipReason.UNREADABLE: FindingCode.UNREADABLE,
    SkipReason.DAMAGED: FindingCode.CUT_SHORT,
    SkipReason.HOSTILE: FindingCode.HOSTILE,
    SkipReason.ARCHIVE_REFUSED: FindingCode.ARCHIVE_REFUSED,
    SkipReason.LOCKED: FindingCode.ARCHIVE_REFUSED,
    SkipReason.DUPLICATE: FindingCode.DUPLICATES,
}
_BY_KIND: Final = {
    FileKind.ACR_NEMA: FindingCode.OLD_FORMAT,
    FileKind.UNIDENTIFIED: FindingCode.WITHOUT_UIDS,
    FileKind.PDF: FindingCode.DOCUMENTS,
    FileKind.PICTURE: FindingCode.DOCUMENTS,
}


def finding(code: FindingCode, paths: Iterable[str], detail: str = "") -> Finding | None:
    """Return a finding over ``paths``, None when there are none."""
    everything = list(paths)
    if not everything:
        return None
    return Finding(code, len(everything), tuple(everything[:MOST_PATHS]), detail)


def about_patients(patients: Sequence[FoundPatient]) -> Iterator[Finding | None]:
    """Yield what is odd about who is on the medium."""
    if len(patients) > 1:
        yield Finding(FindingCode.SEVERAL_PATIENTS, len(patients))
    for patient in patients:
        if patient.spellings:
            names = ", ".join((patient.name, *patient.spellings))
            yield Finding(FindingCode.SEVERAL_SPELLINGS, len(patient.spellings) + 1, detail=names)
        if patient.name_is_a_guess:
            yield Finding(FindingCode.NAME_IS_A_GUESS, 1, detail=patient.name)


def about_files(
    instances: Sequence[FoundInstance],
    attached: Sequence[Attached],
    skipped: Sequence[Skipped],
    headerless: Sequence[Parts],
) -> Iterator[Finding | None]:
    """Yield what is odd about single files."""
    by_code: dict[FindingCode, list[str]] = defaultdict(list)
    for file in skipped:
        if file.reason in _BY_REASON:
            by_code[_BY_REASON[file.reason]].append(file.path)
        if file.reason in {SkipReason.NOT_DICOM, SkipReason.EMPTY} and _named_as_image(file.path):
            by_code[FindingCode.NAMED_AS_IMAGE].append(file.path)
    for document in attached:
        by_code[_BY_KIND[document.kind]].append(document.path)
    by_code[FindingCode.CUT_SHORT] += [file.path for file in instances if file.truncated]
    by_code[FindingCode.NOT_LISTED] += [
        file.path for file in instances if file.listing is Listing.UNLISTED
    ]
    by_code[FindingCode.WITHOUT_HEADER] += ["/".join(parts) for parts in headerless]
    for code, paths in by_code.items():
        yield finding(code, paths)


def _named_as_image(path: str) -> bool:
    return path.casefold().endswith(_IMAGE_SUFFIXES)


def about_series(instances: Sequence[FoundInstance]) -> Iterator[Finding | None]:
    """Yield gaps in the numbering of series: 1 to 40 and 42 to 100."""
    numbers: dict[int, set[int]] = defaultdict(set)
    first: dict[int, str] = {}
    for file in instances:
        first.setdefault(file.series, file.path)
        if file.instance_number is not None:
            numbers[file.series].add(file.instance_number)
    for series, present in numbers.items():
        missing = max(present) - min(present) + 1 - len(present)
        # Numbering in steps (1, 101, 201) is a habit of some devices, not a gap.
        if len(present) >= _FEWEST_IN_SERIES and 0 < missing <= len(present) // 2:
            absent = sorted(set(range(min(present), max(present) + 1)) - present)
            detail = ", ".join(map(str, absent[:MOST_PATHS]))
            yield Finding(FindingCode.SERIES_GAP, missing, (first[series],), detail)
