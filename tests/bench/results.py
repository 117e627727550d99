"""Figures as a table, on the screen and in docs/benchmarks.md. It judges nothing."""

import datetime as dt
import os
import platform
import re
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.e2e.hospital import ROOT

DOCUMENT: Final = ROOT / "docs" / "benchmarks.md"
_HEAD: Final = """\
# Benchmarks

Made by `make bench`, never by hand; each section says when and where. The machine is shared: trust
the ratios within one section, not the seconds across sections.

Times are end to end: from the start of sending (Passbox: scan included) until the last instance is
where it is kept. Passbox: scanned, coded, sealed, TLS, DMZ, pulled, opened, checked, its file in
the temporary store under its final name. Peers: plain TCP, until Orthanc has said so. Peers and
Passbox go through the same relay process (`tests/bench/relay.py`: rate and delay on loopback, a
handshake costs a round trip, no loss, no slow start) in alternating runs; all programs share this
machine.

RSNA CTP is not among the peers: it is in no package registry that the tests install from (PyPI,
Debian, npm), so `make bench` cannot bring it.
"""
MIB: Final = 1024 * 1024


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, its columns aligned."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([line(head), rule, *map(line, rows)])


def seconds(values: Sequence[float]) -> str:
    """Return the median, and all values when there are several."""
    middle = f"{statistics.median(values):.2f}"
    several = " ".join(f"{value:.2f}" for value in values)
    return f"{middle} ({several})" if len(values) > 1 else middle


def ratio(values: Sequence[float], reference: Sequence[float]) -> str:
    """Return median over median."""
    return f"{statistics.median(values) / statistics.median(reference):.2f}"


def publish(title: str, body: str) -> None:
    """Print a section and put it into the document, in place of the one of the same title."""
    text = f"## {title}\n\n{body}\n\n{_machine()}\n"
    print(f"\n{text}")  # noqa: T201  # a bench speaks by printing
    old = DOCUMENT.read_text() if DOCUMENT.exists() else _HEAD
    sections = {_title(part): part for part in re.split(r"(?m)^(?=## )", old)[1:]}
    sections[title] = text
    DOCUMENT.write_text("\n".join([_HEAD, *(part.strip() + "\n" for part in sections.values())]))


def _title(section: str) -> str:
    return section.partition("\n")[0].removeprefix("## ").strip()


def _machine() -> str:
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    today = dt.datetime.now(dt.UTC)
    return (
        f"{today:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores ({processor}), {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"load {os.getloadavg()[0]:.1f} at the end, commit {commit or 'unknown'}"
    )
