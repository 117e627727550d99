"""The speed of the disc doctor, beside a plain pydicom walk and dcmdump, in alternating runs.

PASSBOX_BENCH_RUNS says how many runs of each (3). All are warm: the disc is in the system's cache.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from tests.bench import results
from tests.builders.dicom import data_set, part10, text
from tests.discs.contents import table
from tests.discs.making import write
from tests.discs.slices import Slice
from tests.parts.programs import require

pytestmark = [pytest.mark.bench, pytest.mark.parts, pytest.mark.timeout(3600)]

RUNS: Final = int(os.environ.get("PASSBOX_BENCH_RUNS", "3"))
FILES: Final = 3000
FILE_BYTES: Final = 500_000
MANY: Final = 100_000
_A_SERIES: Final = 300
_MORE: Final = {
    0x00180010 + 2 * number: (b"LO", text(f"acquisition {number}")) for number in range(120)
}
"""A CT of today has some 150 elements before its pixels."""
_POLL: Final = 0.05
_TAGS: Final = (
    "0008,0016", "0008,0018", "0008,0020", "0008,0060", "0008,1030", "0008,103e", "0010,0010",
    "0010,0020", "0010,0030", "0020,000d", "0020,000e", "0020,0011", "0020,0013",
)  # fmt: skip


def a_disc(folder: Path, count: int, size: int) -> Path:
    """Write a disc of ``count`` files of ``size`` bytes with its table of contents."""
    folder.mkdir()
    padding = os.urandom(max(0, size - 2000))
    named = []
    for number in range(count):
        series, place = divmod(number, _A_SERIES)
        image = Slice(number=place + 1, series=series + 1, study=f"1.2.3.{series // 5}")
        path = f"DICOM/SE{series:06}/IM{place:06}"
        # Behind the pixels, where no reader of headers looks.
        data = part10(data_set(image.values() | _MORE, image.pixels()))
        write(folder, {path: data + b"\xfc\xff\xfc\xffOB\0\0" + _long(padding)})
        named.append((path, image))
    write(folder, {"DICOMDIR": table(named)})
    return folder


def _long(data: bytes) -> bytes:
    return len(data).to_bytes(4, "little") + data


def measured(way: str, disc: Path) -> dict[str, float]:
    """Take the inventory in a process of its own; ``whole`` is with its start."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.scanning", way, disc],
        check=True,
        capture_output=True,
    )
    said: dict[str, float] = json.loads(done.stdout)
    return said | {"whole": time.monotonic() - started}


def dcmdump(disc: Path) -> dict[str, float]:
    """Let dcmdump print the same elements of all files, in one process."""
    searches = [word for tag in _TAGS for word in ("+P", tag)]
    program = require("dcmdump", "dcmtk")
    started = time.monotonic()
    done = subprocess.run(
        [program, "-q", "-M", "-s", "+sd", "+r", "+sb", "0020,0014", *searches, disc],
        check=False,
        capture_output=True,
    )
    seconds = time.monotonic() - started
    found = done.stdout.count(b"(0020,000d)")
    return {"files": found, "found": found, "seconds": seconds, "first": 0.0, "whole": seconds}


def test_a_full_disc_beside_pydicom_and_dcmdump(tmp_path: Path) -> None:
    """3,000 files of half a megabyte: files a second, first study, ratios of one run."""
    disc = a_disc(tmp_path / "disc", FILES, FILE_BYTES)
    measured("pydicom", disc)  # warms the cache
    runs: dict[str, list[dict[str, float]]] = {"passbox": [], "pydicom": [], "dcmdump": []}
    for _ in range(RUNS):
        runs["passbox"].append(measured("passbox", disc))
        runs["pydicom"].append(measured("pydicom", disc))
        runs["dcmdump"].append(dcmdump(disc))
    reference = [run["seconds"] for run in runs["passbox"]]
    rows = []
    for name, several in runs.items():
        times = [run["seconds"] for run in several]
        first = statistics.median(run["first"] for run in several)
        rows.append(
            [
                name,
                f"{several[0]['found']:.0f}",
                results.seconds(times),
                f"{several[0]['found'] / statistics.median(times):.0f}",
                results.ratio(times, reference),
                f"{first:.2f}" if first else "-",
                results.seconds([run["whole"] for run in several]),
            ]
        )
    head = ["way", "images", "s", "images/s", "ratio to passbox", "first study, s", "with start, s"]
    text = (
        f"{FILES} files of {FILE_BYTES / 1e6:.1f} MB with a DICOMDIR, warm. Passbox compares the "
        "table of contents and isolates its parsers; the others only read headers, in one "
        "process.\n\n"
    )
    results.publish("Inventory of a disc", text + results.table(head, rows))
    assert {run["found"] for run in runs["passbox"]} == {FILES}


def test_a_hundred_thousand_files(tmp_path: Path) -> None:
    """100,000 small files: seconds, and the most memory of all processes together."""
    disc = a_disc(tmp_path / "disc", MANY, 0)
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.scanning", "passbox", disc],
        stdout=subprocess.PIPE,
    ) as process:
        most = most_parent = 0
        while process.poll() is None:
            parent, together = _resident(process.pid)
            most, most_parent = max(most, together), max(most_parent, parent)
            time.sleep(_POLL)
        said = json.loads(process.stdout.read()) if process.stdout else {}
    rows = [
        [
            f"{said['found']}",
            f"{said['seconds']:.1f}",
            f"{said['first']:.2f}",
            f"{said['found'] / said['seconds']:.0f}",
            f"{most_parent / results.MIB:.0f}",
            f"{most / results.MIB:.0f}",
            f"{time.monotonic() - started:.1f}",
        ]
    ]
    head = [
        "images",
        "s",
        "first study, s",
        "images/s",
        "program, MiB",
        "with workers, MiB",
        "whole",
    ]
    results.publish("Memory of 100,000 files", results.table(head, rows))


def _resident(pid: int) -> tuple[int, int]:
    """Return the resident bytes of a process, and of it and its children together (Linux)."""
    parent = _rss(pid)
    children = Path(f"/proc/{pid}/task/{pid}/children")
    threads = Path(f"/proc/{pid}/task")
    found: set[int] = set()
    for thread in threads.glob("*/children") if children.exists() else ():
        try:
            found |= {int(child) for child in thread.read_text().split()}
        except OSError:
            continue
    return parent, parent + sum(map(_rss, found))


def _rss(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
