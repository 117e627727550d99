"""One large multi-frame instance: what each program's main process holds in memory at most."""

import os
from pathlib import Path
from typing import Final

import pytest

from tests.bench import media, results
from tests.bench.codecs import against, single
from tests.bench.contenders import Passbox, peak_rss
from tests.e2e.hospital import Hospital

pytestmark = [pytest.mark.bench, pytest.mark.timeout(7200)]

BYTES: Final = int(float(os.environ.get("PASSBOX_BENCH_GB", "2")) * 1e9)


def test_large_instance(tmp_path: Path) -> None:
    """A multi-frame of PASSBOX_BENCH_GB gigabytes (2) over bare loopback."""
    disc = media.multi_frame(tmp_path / "disc", BYTES)
    size = media.files(disc)[0].stat().st_size
    with Hospital(tmp_path / "house", cold=True) as hospital:
        hospital.start("receiver", "viewer", "poller")
        run = Passbox(hospital, None, tmp_path / "state").run(disc, 1)
        memory = {name: peak_rss(hospital.pid(name)) for name in ("receiver", "poller", "viewer")}
        alone = {
            codec: [Passbox(hospital, None, tmp_path / "state", codec).run(disc, 1).seconds]
            for codec in single()
        }
    rows = [
        ["client, peak RSS in MiB", f"{(run.peak_rss or 0) / results.MIB:.0f}"],
        *([f"{n}, peak RSS in MiB", f"{b / results.MIB:.0f}"] for n, b in memory.items()),
        ["seconds until durable", f"{run.seconds:.1f}"],
        ["bytes sent / bytes", f"{run.bytes_sent / size:.3f}"],
    ]
    results.publish(
        "One large multi-frame instance",
        f"{size / 1e9:.2f} GB in one file. Must reach: each main process within 300 MB.\n\n"
        f"{results.table(['what', 'figure'], rows)}\n\n{against([run.seconds], alone)}".strip(),
    )
