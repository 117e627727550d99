"""What is odd on a medium, told as findings: codes, counts, places, studies. Pure.

The loudest come first. Who is on the medium is told in finding_patients.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from passbox_client.claims import Claims
from passbox_client.found import (
    DOCUMENTS,
    AffectedStudy,
    Attached,
    Finding,
    FindingCode,
    FoundInstance,
    FoundPatient,
    FoundSeries,
    FoundStudy,
    Listing,
    Missing,
    Parts,
    Severity,
    Skipped,
    SkipReason,
    is_unreadable,
    shown_path,
)
from passbox_dicom.directory import Context
from passbox_dicom.uids import is_private
from passbox_wire.inventory import FileKind

MOST_PATHS: Final = 1000
_MOST_NUMBERS: Final = 20
_IMAGE_SUFFIXES: Final = (".dcm", ".dicom", ".ima", ".dic")
_FEWEST_IN_SERIES: Final = 4
_LOUDEST_FIRST: Final = (Severity.LOSS, Severity.LOOK, Severity.NOTE)
_BY_REASON: Final = {
    SkipReason.UNREADABLE: FindingCode.UNREADABLE,
    SkipReason.DAMAGED: FindingCode.CUT_SHORT,
    SkipReason.HOSTILE: FindingCode.HOSTILE,
    SkipReason.ARCHIVE_REFUSED: FindingCode.ARCHIVE_REFUSED,
    SkipReason.LOCKED: FindingCode.LOCKED,
    SkipReason.TOO_DEEP: FindingCode.TOO_DEEP,
    SkipReason.DUPLICATE: FindingCode.DUPLICATES,
    SkipReason.LINK: FindingCode.LINKS,
    SkipReason.SPECIAL: FindingCode.LINKS,
    SkipReason.NOT_DICOM: FindingCode.OTHER_FILES,
    SkipReason.EMPTY: FindingCode.OTHER_FILES,
}
_BY_KIND: Final = {
    FileKind.ACR_NEMA: FindingCode.OLD_FORMAT,
    FileKind.UNIDENTIFIED: FindingCode.WITHOUT_UIDS,
    FileKind.PDF: FindingCode.DOCUMENTS,
    FileKind.PICTURE: FindingCode.DOCUMENTS,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything a scan has seen, for judging."""

    patients: Sequence[FoundPatient]
    studies: Sequence[FoundStudy]
    series: Sequence[FoundSeries]
    found: Sequence[FoundInstance]
    attached: Sequence[Attached]
    skipped: Sequence[Skipped]
    headerless: frozenset[Parts]
    rivals: Sequence[FoundInstance]
    claims: Claims
    moved: frozenset[Parts]
    """Images that a table of contents names in another place."""

    def study_of(self, series: int) -> AffectedStudy:
        """Return the study of a series, as its headers name it."""
        study = self.studies[self.series[series].study]
        return AffectedStudy(
            study.study_instance_uid,
            self.patients[study.patient].name,
            study.study_date,
            study.description or self.series[series].modality,
            1,
        )


def loudest_first(findings: Iterable[Finding | None]) -> tuple[Finding, ...]:
    """Return the findings there are, losses before oddities before notes."""
    real = [finding for finding in findings if finding is not None]
    return tuple(sorted(real, key=lambda finding: _LOUDEST_FIRST.index(finding.severity)))


def finding(
    code: FindingCode,
    paths: Iterable[str],
    detail: str = "",
    studies: Iterable[AffectedStudy] = (),
) -> Finding | None:
    """Return a finding over ``paths``, None when there are none."""
    everything = list(paths)
    if not everything:
        return None
    counted = _counted(studies)
    return Finding(code, len(everything), tuple(everything[:MOST_PATHS]), detail, counted)


def _counted(studies: Iterable[AffectedStudy]) -> tuple[AffectedStudy, ...]:
    """Return each study once, with how many of the files are its."""
    counts: dict[AffectedStudy, int] = defaultdict(int)
    for study in studies:
        counts[study] += 1
    return tuple(
        AffectedStudy(
            study.study_instance_uid, study.patient_name, study.study_date, study.description, count
        )
        for study, count in counts.items()
    )


def _claimed_study(claimed: Context | None) -> Iterator[AffectedStudy]:
    if claimed is not None and (claimed.study_instance_uid or claimed.study_date):
        yield AffectedStudy(
            claimed.study_instance_uid or "",
            claimed.patient.name,
            claimed.study_date,
            claimed.study_description or claimed.modality,
            1,
        )


def about_the_whole(seen: Seen) -> Iterator[Finding | None]:
    """Yield whether there is anything to send at all."""
    if not seen.found and not seen.attached and not seen.skipped:
        yield Finding(FindingCode.NOTHING_THERE, 0)
    elif not seen.found and all(file.kind in DOCUMENTS for file in seen.attached):
        yield Finding(FindingCode.NO_IMAGES, len(seen.attached) + len(seen.skipped))


def about_claims(claims: Claims) -> Iterator[Finding | None]:
    """Yield where tables of contents differ from the medium."""
    for folder, count in claims.folders.items():
        yield Finding(FindingCode.FOLDER_MISSING, count, (folder,), folder)
    outside = set(claims.outside)
    gone = [
        file
        for file in claims.missing.values()
        if file.elsewhere is None and file.path not in outside
    ]
    moved = [file for file in claims.missing.values() if file.elsewhere is not None]
    yield _about_missing(FindingCode.LISTED_MISSING, gone)
    yield _about_missing(FindingCode.LISTED_ELSEWHERE, moved)
    yield finding(FindingCode.LISTED_OUTSIDE, sorted(outside))
    yield finding(FindingCode.DIRECTORY_DAMAGED, map(shown_path, claims.damaged))


def _about_missing(code: FindingCode, files: Sequence[Missing]) -> Finding | None:
    studies = (study for file in files for study in _claimed_study(file.claimed))
    return finding(code, (file.path for file in files), studies=studies)


def about_files(seen: Seen) -> Iterator[Finding | None]:
    """Yield what is odd about single files."""
    paths: dict[FindingCode, list[str]] = defaultdict(list)
    studies: dict[FindingCode, list[AffectedStudy]] = defaultdict(list)
    for skipped in seen.skipped:
        code = _of_skipped(skipped)
        if code is not None:
            paths[code].append(skipped.path)
            studies[code] += _claimed_study(skipped.claimed)
    for document in seen.attached:
        paths[_BY_KIND[document.kind]].append(document.path)
    for file in seen.found:
        for code in _of_instance(file, seen):
            paths[code].append(file.path)
            studies[code].append(seen.study_of(file.series))
    for code, places in paths.items():
        yield finding(code, places, studies=studies[code])
    rivals = [seen.study_of(file.series) for file in seen.rivals]
    yield finding(
        FindingCode.SAME_UID_OTHER_BYTES, (file.path for file in seen.rivals), studies=rivals
    )


def _of_skipped(file: Skipped) -> FindingCode | None:
    code = _BY_REASON.get(file.reason)
    if code is not FindingCode.OTHER_FILES:
        return code
    if is_unreadable(file):
        return FindingCode.LISTED_BROKEN
    named_as_image = file.path.casefold().endswith(_IMAGE_SUFFIXES)
    return FindingCode.NAMED_AS_IMAGE if named_as_image else FindingCode.OTHER_FILES


def _of_instance(file: FoundInstance, seen: Seen) -> Iterator[FindingCode]:
    if file.truncated:
        yield FindingCode.CUT_SHORT
    if file.parts in seen.headerless:
        yield FindingCode.WITHOUT_HEADER
    if is_private(file.sop_class_uid):
        yield FindingCode.VENDOR_OBJECTS
    if file.listing is Listing.UNLISTED and file.parts not in seen.moved:
        yield FindingCode.NOT_LISTED


def about_series(seen: Seen) -> Iterator[Finding | None]:
    """Yield gaps in the numbering of series: 1 to 40 and 42 to 100."""
    numbers: dict[int, set[int]] = defaultdict(set)
    first: dict[int, str] = {}
    for file in seen.found:
        first.setdefault(file.series, file.path)
        if file.instance_number is not None:
            numbers[file.series].add(file.instance_number)
    for series, present in numbers.items():
        missing = max(present) - min(present) + 1 - len(present)
        # Numbering in steps (1, 101, 201) is a habit of some devices, not a gap.
        if len(present) >= _FEWEST_IN_SERIES and 0 < missing <= len(present) // 2:
            yield Finding(
                FindingCode.SERIES_GAP,
                missing,
                (first[series],),
                _ranges(sorted(set(range(min(present), max(present) + 1)) - present)),
                (seen.study_of(series),),
            )


def _ranges(numbers: Sequence[int]) -> str:
    """Return rising numbers as people write them: 3, 7-12."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    said = [str(low) if low == high else f"{low}-{high}" for low, high in runs[:_MOST_NUMBERS]]
    return ", ".join(said + ["…"] * (len(runs) > _MOST_NUMBERS))
