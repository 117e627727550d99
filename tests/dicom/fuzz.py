"""A mutation fuzzer over everything that reads headers and tables of contents.

``python -m tests.dicom.fuzz --inputs 1000000`` runs long; a short run is among the tests. What it
holds: whatever the bytes, a reader returns facts or raises a DicomError, within seconds. It starts
from files of all forms and changes them where it hurts: lengths, tags, delimiters, ends.
"""

import argparse
import io
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from pydicom.data import get_testdata_file

from passbox_dicom import tags
from passbox_dicom.classify import FIRST_BYTES, classify
from passbox_dicom.directory import read_directory
from passbox_dicom.elements import Taking, walk
from passbox_dicom.errors import DicomError
from passbox_dicom.form import Opening, read_opening
from passbox_dicom.header import read_header
from passbox_dicom.replies import header_json, parse_header
from passbox_dicom.sources import FileSource, ReadLimits
from tests.builders import dicom
from tests.discs.contents import listed, table
from tests.discs.slices import Slice, series

LIMITS: Final = ReadLimits(max_elements=5000, max_inflated_bytes=4_000_000)
CPU_SECONDS: Final = 5.0
"""More than this for one input is a hang."""
SHIPPED: Final = ("rtplan.dcm", "ExplVR_BigEnd.dcm", "image_dfl.dcm", "nested_priv_SQ.dcm")
MAGIC_BYTES: Final = (
    b"\xff\xff\xff\xff", b"\xf0\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\0" * 8,
    b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0",
    b"SQ\0\0\xff\xff\xff\xff", b"UN\0\0\xff\xff\xff\xff", b"OB\0\0\xf0\xff\xff\xff", b"DICM",
    b"\xe0\x7f\x10\x00", b"\x04\x00\x20\x12", b"\x02\x00\x10\x00", b"\x1b$B", b"..\\..\\", b"\\\\",
)  # fmt: skip


@dataclass
class Outcome:
    """What a run came to; ``failures`` are the inputs that broke a promise, and how."""

    inputs: int = 0
    seconds: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, bytes]] = field(default_factory=list)


class _Hang(BaseException):
    """The processor time for one input is used up."""


def corpus() -> list[bytes]:
    """Return files of all forms, some real ones among them."""
    slices = series(3)
    sequence = dicom.element(0x00081140, b"SQ", dicom.item(dicom.data_set(), undefined=True))
    made = [
        Slice().data(),
        Slice(syntax=dicom.IMPLICIT_LITTLE).bare(),
        Slice(syntax=dicom.EXPLICIT_BIG).data(),
        dicom.part10(Slice().bare(), syntax=dicom.DEFLATED),
        dicom.part10(dicom.data_set(pixels=bytes(32), extra=[sequence])),
        table(listed(slices)),
        table(listed(slices), order="levels"),
        table(listed(slices), links="circle"),
    ]
    paths = (get_testdata_file(name, download=False) for name in SHIPPED)
    return made + [Path(path).read_bytes()[:20_000] for path in paths if isinstance(path, str)]


def mutated(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Return one seed with one to eight changes."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 8)):
        chance.choice(_CHANGES)(data, chance, seeds)
    return bytes(data)


def _flip(data: bytearray, chance: random.Random, _seeds: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _put(data: bytearray, chance: random.Random, _seeds: Sequence[bytes]) -> None:
    new = chance.choice(MAGIC_BYTES)
    at = chance.randrange(len(data) + 1)
    data[at : at + len(new)] = new


def _insert(data: bytearray, chance: random.Random, _seeds: Sequence[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = chance.choice(MAGIC_BYTES) * chance.choice((1, 1, 1, 200))


def _cut(data: bytearray, chance: random.Random, _seeds: Sequence[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    del data[at : at + chance.choice((1, 2, 8, 200, len(data)))]


def _double(data: bytearray, chance: random.Random, _seeds: Sequence[bytes]) -> None:
    low, high = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    data[high:high] = data[low : min(high, low + 2000)]


def _splice(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    other = chance.choice(seeds)
    at = chance.randrange(len(data) + 1)
    data[at:] = other[chance.randrange(len(other)) :]


_CHANGES: Final[tuple[Callable[[bytearray, random.Random, Sequence[bytes]], None], ...]] = (
    _flip, _flip, _put, _put, _insert, _cut, _double, _splice,
)  # fmt: skip


def _header(data: bytes) -> None:
    classify(data[:FIRST_BYTES], "x")
    header = read_header(io.BytesIO(data), len(data), LIMITS)
    if parse_header(header_json(header)) != header:
        raise AssertionError("the facts did not cross the border unchanged")


def _directory(data: bytes) -> None:
    for entry in read_directory(data, LIMITS).entries:
        if any("\\" in part or "/" in part for part in entry.untrusted_file_id[:-1]):
            raise AssertionError("a part of a name holds a way")


def _structure(data: bytes) -> None:
    opening = read_opening(io.BytesIO(data), len(data), LIMITS)
    source = FileSource(io.BytesIO(data), len(data), LIMITS)
    last = -1
    for found in walk(
        source, opening.encoding, opening.data_set_offset, into_sequences=True, limits=LIMITS
    ):
        if found.offset <= last:
            raise AssertionError("the walk went back")
        last = found.offset


def _taking(data: bytes) -> None:
    opening = read_opening(io.BytesIO(data), len(data), LIMITS)
    if not opening.deflated and _facts(data, opening, quickly=True) != _facts(data, opening):
        raise AssertionError("taking values in passing changed what is found")


def _facts(data: bytes, opening: Opening, *, quickly: bool = False) -> list[object]:
    """Return the values a header is made from, where the pixels are, and how the walk ended."""
    source = FileSource(io.BytesIO(data), len(data), LIMITS)
    values: dict[int, bytes] = {}
    end: object = None
    try:
        for element in walk(
            source,
            opening.encoding,
            opening.data_set_offset,
            into_sequences=False,
            limits=LIMITS,
            taking=Taking(tags.FACTS, values) if quickly else None,
        ):
            if element.depth == 0 and element.tag in tags.FACTS:
                if element.length > LIMITS.max_value_bytes:
                    return [sorted(values.items()), element]
                values[element.tag] = source.at(element.offset, element.length)
            elif element.depth == 0 and element.tag >= tags.PIXEL_GROUP:
                return [sorted(values.items()), element]
    except DicomError as error:
        end = type(error)
    return [sorted(values.items()), end]


READERS: Final = (_header, _directory, _structure, _taking)


def fuzz(inputs: int, seed: int) -> Outcome:
    """Try so many inputs; the same seed makes the same inputs."""
    chance, seeds, outcome = random.Random(seed), corpus(), Outcome()
    started = time.monotonic()
    with _deadline_per_input() as restart:
        while outcome.inputs < inputs:
            data = mutated(chance, seeds)
            restart()
            for name, end in _tried(data):
                outcome.ends[f"{name} {end}"] += 1
                if end.startswith("!"):
                    outcome.failures.append((f"{name} {end}", data))
            outcome.inputs += 1
    outcome.seconds = time.monotonic() - started
    return outcome


def _tried(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield each reader's name and how it ended; "!" first when a promise was broken."""
    for reader in READERS:
        name = reader.__name__.strip("_")
        try:
            reader(data)
            yield name, "facts"
        except DicomError as error:
            yield name, type(error).__name__
        except (Exception, _Hang) as error:  # noqa: BLE001 - any other is what is searched for
            yield name, f"!{type(error).__name__}: {error}"


class _deadline_per_input:  # noqa: N801 - reads as what it does
    """Raises _Hang where one input uses up its processor time; a no-op without setitimer."""

    def __enter__(self) -> Callable[[], None]:
        if hasattr(signal, "setitimer"):
            self._before = signal.signal(signal.SIGPROF, self._hang)
        return self._restart

    def __exit__(self, *_: object) -> None:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, self._before)

    @staticmethod
    def _restart() -> None:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)

    @staticmethod
    def _hang(_number: int, _frame: FrameType | None) -> None:
        raise _Hang


def main() -> None:
    """Run, say how it ended, and leave failing inputs in the current folder."""
    parser = argparse.ArgumentParser(prog="python -m tests.dicom.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    outcome = fuzz(options.inputs, options.seed)
    print(f"{outcome.inputs} inputs in {outcome.seconds:.0f} s, {len(outcome.failures)} failures")  # noqa: T201 - a command speaks by printing
    for end, count in outcome.ends.most_common():
        print(f"{count:9} {end}")  # noqa: T201 - a command speaks by printing
    for place, (_, data) in enumerate(outcome.failures[:20]):
        Path(f"fuzz-{options.seed}-{place}.bin").write_bytes(data)
    raise SystemExit(bool(outcome.failures))


if __name__ == "__main__":
    main()
