"""Hostile files in real workers with the poller's limits: D1 to D4 and D9 with their figures."""

import random
import struct
from pathlib import Path

import pytest

from passbox_dicom.check import Structure
from passbox_dicom.errors import WorkerFailed
from passbox_dicom.worker import Worker, WorkerLimits
from tests.builders.dicom import UNDEFINED, ct_slice, element, part10
from tests.dicom.worker_targets import measured_check
from tests.discs import hostile

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1500)]

LIMITS = WorkerLimits(opens_files=False)
MOST_BYTES = 512 * 1024 * 1024
MOST_SECONDS = 10.0
ROOT = str(Path(__file__).parents[2])
TARGET = f"tests.dicom.worker_targets:{measured_check.__name__}"
LEVEL = element(0x00091001, b"SQ", b"", length=UNDEFINED)[:12]
LEVEL += struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED)


def cost(path: Path) -> tuple[str, int]:
    """Return what a fresh worker says of a file, or how it was lost, and its peak of memory."""
    worker = Worker(TARGET, LIMITS, [ROOT])
    try:
        worker.start()
        assert worker.missing == ()
        try:
            answer = worker.run({"path": str(path)})
        except WorkerFailed as error:  # it was over a limit: the kernel has seen to it
            return type(error).__name__, 0
    finally:
        worker.stop()
    assert int(str(answer["processor_ms"])) <= 1000 * MOST_SECONDS
    return str(answer["structure"]), int(str(answer["peak_bytes"]))


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (hostile.deflate_bomb, "BOMB"),
        (hostile.element_flood, "FLOOD"),
        (hostile.huge_length, "HUGE"),
        (hostile.deep_nesting, "DEEP"),
    ],
)
def test_bombs_cost_little(tmp_path: Path, make: object, name: str) -> None:
    """D1, D3, D4: at most 512 MiB and 10 s of a worker's processor, and never sound."""
    assert callable(make)
    make(tmp_path / "disc")
    (path,) = [p for p in (tmp_path / "disc").rglob("*") if p.name == name]
    said, peak = cost(path)
    print(f"{name}: {said}, {peak // 2**20} MiB")  # noqa: T201  # the figure itself
    assert said != Structure.SOUND
    assert peak <= MOST_BYTES


def test_a_million_elements(tmp_path: Path) -> None:
    """D3: 7 MB of a million elements are over in 10 s, whatever is said of them."""
    path = tmp_path / "flood"
    path.write_bytes(
        part10(b"".join(element(0x00090000 + n % 0xFFFF, b"US", b"") for n in range(1_000_000)))
    )
    _, peak = cost(path)
    assert peak <= MOST_BYTES


@pytest.mark.parametrize("depth", [50, 51, 200, 1_000, 10_000, 100_000])
def test_depth(tmp_path: Path, depth: int) -> None:
    """D2: sequences in sequences, open at the end: 0 crashes, each refused with a reason."""
    path = tmp_path / "deep"
    path.write_bytes(part10(LEVEL * depth))
    said, peak = cost(path)
    assert said in {Structure.HOSTILE, Structure.TRUNCATED, Structure.MALFORMED}
    assert peak <= MOST_BYTES


def test_10000_mutated_files(tmp_path: Path) -> None:
    """D9: 0 crashes of this process, no worker over its memory, every file answered or refused."""
    chance = random.Random(4711)
    worker = Worker(TARGET, LIMITS, [ROOT])
    image, path = ct_slice(), tmp_path / "file"
    said: dict[str, int] = {}
    peak = 0
    try:
        for _ in range(10_000):
            path.write_bytes(mutated(chance, image))
            try:
                answer = worker.run({"path": str(path)})
            except WorkerFailed as error:
                word = type(error).__name__
            else:
                word = str(answer["structure"])
                peak = max(peak, int(str(answer["peak_bytes"])))
            said[word] = said.get(word, 0) + 1
    finally:
        worker.stop()
    print(f"{said}, at most {peak // 2**20} MiB")  # noqa: T201  # the figure itself
    assert sum(said.values()) == 10_000
    assert set(said) <= set(Structure)
    assert peak <= MOST_BYTES


def mutated(chance: random.Random, image: bytes) -> bytes:
    """Return the image with a few bytes changed, cut, doubled or made extreme."""
    data = bytearray(image)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        way = chance.randrange(4)
        if way == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif way == 1:
            data[at : at + 4] = b"\xff\xff\xff\xff"
        elif way == 2:
            del data[at : at + chance.randint(1, 64)]
        else:
            data[at:at] = data[at : at + chance.randint(1, 64)]
        if not data:
            return b"\0"
    return bytes(data)
