"""A small picture of each series, drawn in a killable worker: to see whether it is the right disc.

A series whose picture cannot be drawn has none; that says nothing about whether it can be sent.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

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
    with drawing() as workers:
        for series, instance in sorted(_middles(result).items()):
            yield series, draw(workers, result.root, instance, password=password, side=side)


def drawing() -> WorkerPool:
    """Return the workers that draw(): one, to be closed."""
    return WorkerPool(TARGET, LIMITS, size=1)


def draw(
    workers: WorkerPool,
    root: Path,
    instance: FoundInstance,
    *,
    password: str | None = None,
    side: int = SIDE,
) -> bytes | None:
    """Return the PNG of an image on the medium at ``root``, None where there is none."""
    look = Look(frame=0, max_size=side)
    try:
        return preview(workers, (root, instance.parts), look, password=password).png
    except (UndecodablePixels, WorkerFailed):
        return None


def _middles(result: ScanResult) -> dict[int, FoundInstance]:
    """Return the middle image of each series by its numbers."""
    by_series: dict[int, list[FoundInstance]] = defaultdict(list)
    for file in result.found:
        by_series[file.series].append(file)
    return {
        series: sorted(files, key=lambda file: file.instance_number or 0)[len(files) // 2]
        for series, files in by_series.items()
    }
