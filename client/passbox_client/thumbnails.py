"""A small picture of each series, drawn in a killable worker: to see whether it is the right disc.

A series whose picture cannot be drawn has none; that says nothing about whether it can be sent.
"""

from collections import defaultdict
from collections.abc import Iterator

from passbox_client.found import FoundInstance, ScanResult
from passbox_dicom.errors import UndecodablePixels, WorkerFailed
from passbox_dicom.preview import LIMITS, TARGET, Look, preview
from passbox_dicom.worker import WorkerPool

SIDE = 160
"""Longer side in pixels."""


def thumbnails(
    result: ScanResult, *, password: str | None = None, side: int = SIDE
) -> Iterator[tuple[int, bytes | None]]:
    """Yield the index of each series and the PNG of its middle image, None where there is none."""
    with WorkerPool(TARGET, LIMITS, size=1) as workers:
        for series, instance in sorted(_middles(result).items()):
            look = Look(frame=0, max_size=side)
            place = (result.root, instance.parts)
            try:
                yield series, preview(workers, place, look, password=password).png
            except (UndecodablePixels, WorkerFailed):
                yield series, None


def _middles(result: ScanResult) -> dict[int, FoundInstance]:
    """Return the middle image of each series by its numbers."""
    by_series: dict[int, list[FoundInstance]] = defaultdict(list)
    for file in result.found:
        by_series[file.series].append(file)
    return {
        series: sorted(files, key=lambda file: file.instance_number or 0)[len(files) // 2]
        for series, files in by_series.items()
    }
