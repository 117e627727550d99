"""One way of taking a disc's inventory, in a process of its own: `python -m tests.bench.scanning`.

It prints one JSON object: files read, seconds for them, seconds until the first study was known.
"""

import json
import sys
import time
from pathlib import Path
from typing import Final

TAGS: Final = (
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientName",
    "PatientID", "PatientBirthDate", "StudyDate", "StudyDescription", "Modality",
    "SeriesDescription", "SeriesNumber", "InstanceNumber",
)  # fmt: skip


def passbox(medium: Path) -> dict[str, float]:
    """Scan as the program does: workers, table of contents, findings."""
    from passbox_client.progress import ScanProgress
    from passbox_client.scan import scan

    first: list[float] = []
    started = time.monotonic()

    def tell(progress: ScanProgress) -> None:
        if progress.new_studies and not first:
            first.append(time.monotonic() - started)

    result = scan(medium, tell)
    return {
        "files": result.files,
        "seconds": time.monotonic() - started,
        "first": first[0],
        "found": len(result.found),
    }


def plain_pydicom(medium: Path) -> dict[str, float]:
    """Walk and read each header in one process with pydicom: what a short script would do."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    started = time.monotonic()
    found = files = 0
    first = 0.0
    for path in sorted(medium.rglob("*")):
        if not path.is_file():
            continue
        files += 1
        try:
            data = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(TAGS))
        except InvalidDicomError:
            continue
        found += "StudyInstanceUID" in data
        first = first or time.monotonic() - started
    return {
        "files": files,
        "seconds": time.monotonic() - started,
        "first": first,
        "found": found,
    }


WAYS: Final = {"passbox": passbox, "pydicom": plain_pydicom}

if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]](Path(sys.argv[2]))))  # noqa: T201 - its one answer
