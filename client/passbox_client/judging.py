"""From what a scan has read to its result: listing, copies, findings. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from passbox_client import findings
from passbox_client.claims import Claims, compare
from passbox_client.collecting import Collection
from passbox_client.duplicates import Duplicates
from passbox_client.finding_patients import about_patients
from passbox_client.findings import Seen, loudest_first
from passbox_client.found import (
    Finding,
    FindingCode,
    FoundInstance,
    Listing,
    Parts,
    ScanResult,
    Skipped,
    SkipReason,
)
from passbox_dicom.directory import Directory


@dataclass(frozen=True, slots=True)
class Read:
    """Everything that was read; ``directories`` are None where they cannot be read at all."""

    root: Path
    collection: Collection
    directories: Mapping[Parts, Directory | None]
    duplicates: Duplicates
    too_many: bool
    finished: bool
    password: str | None = field(default=None, repr=False)


def judge(read: Read, seconds: float) -> ScanResult:
    """Return the result of a scan that took ``seconds``."""
    collection = read.collection
    collection.settle()
    claims = compare(read.directories.items(), collection.sizes, collection.instances)
    found = tuple(_listed(read, claims))
    skipped = tuple(_skipped(read, claims))
    seen = Seen(
        patients=collection.patients,
        studies=collection.studies,
        series=collection.series,
        found=found,
        attached=collection.attached,
        skipped=skipped,
        headerless=frozenset(collection.headerless),
        rivals=read.duplicates.rivals,
        claims=claims,
        moved=frozenset(file.elsewhere for file in claims.missing.values() if file.elsewhere),
    )
    return ScanResult(
        root=read.root,
        patients=tuple(collection.patients),
        studies=tuple(collection.studies),
        series=tuple(collection.series),
        found=found,
        attached=tuple(collection.attached),
        skipped=skipped,
        findings=loudest_first(_findings(read, seen)),
        listed=claims.listed,
        missing=tuple(claims.missing.values()),
        seconds=seconds,
        finished=read.finished,
        password=read.password,
    )


def _listed(read: Read, claims: Claims) -> Iterator[FoundInstance]:
    """Yield the images without the copies among them, each with how it stands in the tables."""
    for file in read.collection.instances:
        if file.parts in read.duplicates.copies:
            continue
        if read.directories:
            listed = file.parts in claims.found
            yield replace(file, listing=Listing.LISTED if listed else Listing.UNLISTED)
        else:
            yield file


def _skipped(read: Read, claims: Claims) -> Iterator[Skipped]:
    for skipped in read.collection.skipped:
        claimed = claims.found.get(skipped.parts)
        yield skipped if claimed is None else replace(skipped, claimed=claimed)
    for file in read.collection.instances:
        if file.parts in read.duplicates.copies:
            yield Skipped(file.parts, file.size, SkipReason.DUPLICATE, claims.found.get(file.parts))


def _findings(read: Read, seen: Seen) -> Iterator[Finding | None]:
    files = read.collection.files
    if not read.finished:
        yield Finding(FindingCode.MEDIUM_GONE, files)
    if read.too_many:
        yield Finding(FindingCode.TOO_MANY_FILES, files)
    yield from findings.about_the_whole(seen)
    yield from findings.about_claims(seen.claims)
    yield from findings.about_files(seen)
    yield from about_patients(seen)
    yield from findings.about_series(seen)
