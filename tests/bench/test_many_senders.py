"""Fifty senders at once: what the receiver holds in memory, what fails, what goes through."""

import concurrent.futures
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from passbox_client.coding import CodecChoice
from tests.bench import media, results
from tests.bench.codecs import against, single
from tests.bench.contenders import RelayProcess, Sender, Speed, durable_at, peak_rss
from tests.bench.relay import LOOPBACK
from tests.e2e.hospital import Hospital

pytestmark = [pytest.mark.bench, pytest.mark.timeout(7200)]

SENDERS: Final = int(os.environ.get("PASSBOX_BENCH_SENDERS", "50"))
FILES: Final = int(os.environ.get("PASSBOX_BENCH_FILES", "6"))
"""Of the CT, for each sender: fifty clients share this machine with everything they send to."""


def _part_of(medium: Path, folder: Path, count: int) -> Path:
    folder.mkdir()
    for path in media.files(medium)[:count]:
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def _seconds(hospital: Hospital, answers: Sequence[dict[str, Any]], disc: Path) -> float:
    """Return the time from the first start to the last durable instance."""
    count = len(media.files(disc))
    started = min(answer["started"] for answer in answers)
    ended = max(durable_at(hospital, answer["transfer"], count) for answer in answers)
    return float(ended - started)


def _send(
    hospital: Hospital,
    ports: Sequence[int],
    disc: Path,
    folder: Path,
    codec: CodecChoice = CodecChoice.AUTO,
) -> list[dict[str, Any]]:
    """Let one sender for each port send the disc, all at once."""
    folder.mkdir()
    senders = [
        Sender.ready(hospital, f"https://{LOOPBACK}:{port}", disc, folder / str(port), codec)
        for port in ports
    ]
    for sender in senders:
        sender.start()
    with concurrent.futures.ThreadPoolExecutor(len(senders)) as threads:
        return list(threads.map(Sender.finish, senders))


def test_many_senders(tmp_path: Path) -> None:
    """One sender, then fifty at once, each from an address of his own."""
    disc = _part_of(media.ct(tmp_path), tmp_path / "disc", FILES)
    with Hospital(tmp_path / "house", cold=True) as hospital:
        hospital.start("receiver", "viewer", "poller")
        public = hospital.house.ports.public
        addresses = [(public, f"127.0.1.{number + 1}") for number in range(SENDERS)]
        relay = RelayProcess(Speed(None, 0.0), addresses)
        try:
            alone = [
                _seconds(
                    hospital, _send(hospital, relay.ports[:1], disc, tmp_path / f"one{n}"), disc
                )
                for n in range(3)
            ]
            answers = _send(hospital, relay.ports, disc, tmp_path / "many")
            failed = [answer for answer in answers if answer["exit_code"]]
            good = [answer for answer in answers if not answer["exit_code"]]
            together = _seconds(hospital, good, disc)
            memory = {
                name: peak_rss(hospital.pid(name)) for name in ("receiver", "poller", "viewer")
            }
            singly = {
                codec: [
                    _seconds(
                        hospital, _send(hospital, relay.ports, disc, tmp_path / codec, codec), disc
                    )
                ]
                for codec in single()
            }
        finally:
            relay.stop()
    size = sum(path.stat().st_size for path in media.files(disc)) / 1e6
    singles = [size / seconds for seconds in alone]
    throughput = len(good) * size / together
    rows = [
        ["one sender, MB/s (three runs)", " ".join(f"{speed:.1f}" for speed in singles)],
        [f"{SENDERS} senders at once, MB/s in all", f"{throughput:.1f}"],
        ["ratio to the best single run", f"{throughput / max(singles):.2f}"],
        ["failed", str(len(failed))],
        *([f"peak RSS of the {n}, MiB", f"{b / results.MIB:.0f}"] for n, b in memory.items()),
    ]
    results.publish(
        f"{SENDERS} senders at once",
        f"Each sends {FILES} CT slices from an address of his own; the senders' processes run on "
        "the same machine. Must reach: receiver within 200 MB, 0 failed, 0.9 of one sender's "
        f"throughput.\n\n{results.table(['what', 'figure'], rows)}\n\n"
        f"{against([together], singly)}".strip(),
    )
