"""The speed of the line: Passbox beside dcmsend and STOW-RS, in alternating runs over one relay.

PASSBOX_BENCH_RUNS says how many runs of each (3). Each single codec runs beside what Passbox
chooses by itself (PASSBOX_BENCH_CODECS=0 leaves them out): it may cost at most 10 % against the
best of them.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.bench import media, results
from tests.bench.codecs import against, single
from tests.bench.contenders import (
    Contender,
    Dcmsend,
    Passbox,
    RelayProcess,
    Run,
    Speed,
    Stow,
    only,
    peak_rss,
)
from tests.e2e.hospital import Hospital
from tests.parts.orthanc import Orthanc, running_orthanc

pytestmark = [pytest.mark.bench, pytest.mark.parts, pytest.mark.timeout(7200)]

RUNS: Final = int(os.environ.get("PASSBOX_BENCH_RUNS", "3"))
_PLUGIN: Final = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


@dataclass(frozen=True, slots=True)
class World:
    """A hospital and a PACS, behind one line or none."""

    folder: Path
    hospital: Hospital
    orthanc: Orthanc
    relay: RelayProcess | None

    def contenders(self) -> list[Contender]:
        """Return who is measured, the reference first."""
        found: list[Contender] = [
            Dcmsend(self.orthanc, self.relay),
            Dcmsend(self.orthanc, self.relay, no_delay=True),
        ]
        if _PLUGIN.exists():
            found.append(Stow(self.orthanc, self.relay, self.folder))
        found.append(Passbox(self.hospital, self.relay, self.folder / "state"))
        state = self.folder / "state"
        return found + [Passbox(self.hospital, self.relay, state, codec) for codec in single()]


@contextlib.contextmanager
def a_world(folder: Path, speed: Speed | None) -> Iterator[World]:
    """Run everything until the block ends; ``speed`` None is bare loopback, without a relay."""
    plugins = [_PLUGIN] if _PLUGIN.exists() else []
    pacs = folder / "orthanc"
    pacs.mkdir()
    with (
        Hospital(folder / "house", cold=True) as hospital,
        running_orthanc(pacs, plugins) as orthanc,
    ):
        hospital.start("receiver", "viewer", "poller")
        ports = (hospital.house.ports.public, orthanc.dicom_port, orthanc.rest_port)
        relay = RelayProcess(speed, [(port, None) for port in ports]) if speed else None
        try:
            yield World(folder, hospital, orthanc, relay)
        finally:
            if relay is not None:
                relay.stop()


def measure(world: World, medium: Path) -> dict[str, list[Run]]:
    """Let everybody send in turn, RUNS times, all warmed up; return the runs by name."""
    count = len(media.files(medium))
    contenders = world.contenders()
    warm_up = media.small_files(world.folder / "warm-up", 1)
    for contender in contenders:  # whoever comes first would pay for every program's first time
        contender.run(warm_up, 1)
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for number in range(RUNS):
        for contender in contenders:
            run = contender.run(medium, count)
            runs[contender.name].append(run)
            print(f"  {number + 1} {contender.name}: {run.seconds:.2f} s", flush=True)  # noqa: T201  # a bench speaks by printing
    return runs


def report(title: str, must: str, world: World, medium: Path, runs: dict[str, list[Run]]) -> None:
    """Publish what was measured."""
    size = sum(path.stat().st_size for path in media.files(medium))
    reference = next(iter(runs.values()))
    rows = [_row(name, found, reference, size) for name, found in runs.items()]
    head = ["who", "seconds: median (each)", "of dcmsend", "bytes sent / bytes", "receipt after"]
    memory = ", ".join(
        f"{name} {peak_rss(world.hospital.pid(name)) / results.MIB:.0f}"
        for name in ("receiver", "poller", "viewer")
    )
    clients = [run.peak_rss for run in runs["Passbox"] if run.peak_rss]
    results.publish(
        title,
        f"Data: {len(media.files(medium))} files, {size / 1e6:.1f} MB. Must reach: {must}.\n\n"
        f"{results.table(head, rows)}\n\n"
        f"{_against_single_codecs(runs)}"
        f"Peak RSS of main processes in MiB: client {max(clients) / results.MIB:.0f}, {memory}.",
    )


def _row(name: str, runs: Sequence[Run], reference: Sequence[Run], size: int) -> list[str]:
    times = [run.seconds for run in runs]
    receipts = [run.receipt_seconds for run in runs if run.receipt_seconds is not None]
    return [
        name,
        results.seconds(times),
        results.ratio(times, [run.seconds for run in reference]),
        f"{max(run.bytes_sent for run in runs) / size:.3f}" if runs[0].bytes_sent else "-",
        results.seconds(receipts) if receipts else "-",
    ]


def _against_single_codecs(runs: dict[str, list[Run]]) -> str:
    times = {name: [run.seconds for run in found] for name, found in runs.items()}
    return against(times["Passbox"], {codec: times[only(codec)] for codec in single()})


def bench(folder: Path, title: str, must: str, speed: Speed | None, medium: Path) -> None:
    """Measure one line and publish it."""
    with a_world(folder, speed) as world:
        report(title, must, world, medium, measure(world, medium))


def test_slow_line(tmp_path: Path) -> None:
    """A CT over a doctor's uplink: 10 Mbit/s, 40 ms."""
    must = "0.28 of dcmsend and 0.20 bytes a byte"
    medium = media.ct(tmp_path)
    bench(tmp_path, "10 Mbit/s, 40 ms RTT", must, Speed(10e6, 0.040), medium)


def test_long_fat_line(tmp_path: Path) -> None:
    """A CT from another continent: 200 Mbit/s, 200 ms."""
    must = "0.25 of dcmsend and faster than STOW-RS"
    medium = media.ct(tmp_path)
    bench(tmp_path, "200 Mbit/s, 200 ms RTT", must, Speed(200e6, 0.200), medium)


def test_bare_loopback(tmp_path: Path) -> None:
    """A CT without any line: what the programs themselves cost."""
    bench(tmp_path, "Bare loopback", "0.6 of dcmsend", None, media.ct(tmp_path))


def test_many_small_files(tmp_path: Path) -> None:
    """1,000 files of 20 KB at 50 ms."""
    medium = media.small_files(tmp_path / "small", 1000)
    speed = Speed(None, 0.050)
    bench(tmp_path, "1,000 files of 20 KB, 50 ms RTT", "0.30 of dcmsend", speed, medium)
