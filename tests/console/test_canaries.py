import base64
import gzip
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import zstandard
from pydicom import dcmread

from passbox.demo.blindness import make_canary_disc
from passbox.demo.canaries import Canaries, count_hits, files_below, make_canaries, memory_of
from passbox_dicom.codec import encode_slice
from passbox_dicom.header import read_header
from passbox_wire.pack import Codec

NOISE = os.urandom(4096)


@pytest.fixture
def canaries() -> Canaries:
    """Ten words to plant."""
    return make_canaries(10)


@pytest.mark.parametrize(
    "hide",
    [
        lambda word: word.encode(),
        lambda word: word.encode("utf-16-le"),
        lambda word: word.encode("utf-16-be"),
        lambda word: word.encode().hex().encode(),
        lambda word: word.encode().hex().upper().encode(),
        lambda word: base64.b64encode(word.encode()),
        lambda word: base64.b64encode(b"x" + word.encode() + b"y"),
        lambda word: base64.b64encode(b"xy" + word.encode()),
        lambda word: zlib.compress(word.encode()),
        lambda word: gzip.compress(b"before " + word.encode()),
        lambda word: zstandard.compress(b"before " + word.encode()),
    ],
)
def test_each_form_of_a_canary_is_found(canaries: Canaries, hide: object) -> None:
    """A planted word is found raw, in UTF-16, hexadecimal, base64 and compressed."""
    for word in canaries.words:
        assert count_hits(canaries, [NOISE + hide(word) + NOISE]) > 0  # type: ignore[operator]  # a lambda of the table


def test_noise_holds_no_canary(canaries: Canaries) -> None:
    """A search of random bytes finds nothing."""
    assert count_hits(canaries, [os.urandom(2_000_000)]) == 0


@pytest.mark.parametrize("codec", [Codec.STORED, Codec.ZSTD, Codec.JPEGLS])
def test_canaries_in_pixels_survive_every_codec(
    canaries: Canaries, codec: Codec, tmp_path: Path
) -> None:
    """A canary file that was only coded, not sealed, is found out, its pixels alone too."""
    path = next(p for p in make_canary_disc(tmp_path, canaries).rglob("*") if p.is_file())
    with path.open("rb") as file:
        header = read_header(file, path.stat().st_size)
    payload = encode_slice(path.read_bytes(), header.pixel, codec)
    assert count_hits(canaries, [payload]) > 0
    pixels = dcmread(path).PixelData
    assert count_hits(canaries, [pixels]) >= np.frombuffer(pixels, np.uint8).size // 2**20


def test_names_of_files_are_searched(canaries: Canaries, tmp_path: Path) -> None:
    """A canary in a file's name counts as seen."""
    (tmp_path / canaries.words[0]).touch()
    assert count_hits(canaries, files_below(tmp_path)) == 1


def test_memory_of_a_process_is_searched(canaries: Canaries) -> None:
    """A word that a process holds in memory is found there, one it does not hold is not."""
    program = (
        "import sys; kept = sys.stdin.readline(); print('ready', flush=True); sys.stdin.read()"
    )
    other = make_canaries(1)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(canaries.words[0] + "\n")
        process.stdin.flush()
        process.stdout.readline()
        try:
            found = count_hits(canaries, memory_of(process.pid))
            nothing = count_hits(other, memory_of(process.pid))
        finally:
            process.stdin.close()
    assert found > 0
    assert nothing == 0
