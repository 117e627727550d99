import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_dicom import check as checking
from passbox_dicom.check import Preamble, Structure, check, check_file, parse_checked
from passbox_dicom.classify import FileKind
from passbox_dicom.errors import WorkerGarbled
from passbox_dicom.worker import WorkerPool
from passbox_wire.errors import WireError
from tests.builders import dicom


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    """Return one real worker for the check."""
    with WorkerPool(checking.TARGET) as pool:
        yield pool


def spooled(tmp_path: Path, data: bytes) -> Path:
    """Return a file as the inside has restored it."""
    path = tmp_path / "restored"
    path.write_bytes(data)
    return path


def test_a_sound_file_is_hashed_twice(tmp_path: Path, workers: WorkerPool) -> None:
    """Both hashes, of the file and of its data set, are those of the bytes."""
    body = dicom.data_set(pixels=bytes(32))
    data = dicom.part10(body)
    found = check(workers, spooled(tmp_path, data))
    assert found.structure is Structure.SOUND
    assert found.kind is FileKind.DICOM
    assert found.file_sha256 == hashlib.sha256(data).digest()
    assert found.data_set_sha256 == hashlib.sha256(body).digest()
    assert (found.size, found.preamble) == (len(data), Preamble.EMPTY)
    assert found.header is not None
    assert found.header.storable


@pytest.mark.parametrize(
    ("data", "structure"),
    [
        (dicom.ct_slice()[:-4], Structure.TRUNCATED),
        (b"no dicom at all", Structure.NOT_DICOM),
        (b"", Structure.NOT_DICOM),
        (
            dicom.part10(
                dicom.data_set(extra=[dicom.element(0x00811140, b"SQ", dicom.ct_slice()[132:])])
            ),
            Structure.MALFORMED,
        ),
        (
            dicom.part10(
                dicom.data_set()
                + (
                    dicom.element(0x00291001, b"SQ", b"", length=dicom.UNDEFINED)
                    + dicom.item(b"", undefined=True)[:8]
                )
                * 200
            ),
            Structure.HOSTILE,
        ),
    ],
)
def test_an_unsound_file_says_why(
    tmp_path: Path, workers: WorkerPool, data: bytes, structure: Structure
) -> None:
    """Cut, contradictory, hostile and foreign files are told apart, and still hashed."""
    found = check(workers, spooled(tmp_path, data))
    assert found.structure is structure
    assert found.why
    assert found.file_sha256 == hashlib.sha256(data).digest()


@pytest.mark.parametrize(
    ("magic", "preamble"),
    [
        (b"MZ\x90\0", Preamble.PROGRAM),
        (b"\x7fELF", Preamble.PROGRAM),
        (b"\xcf\xfa\xed\xfe", Preamble.PROGRAM),
        (b"#!/bin/sh\n", Preamble.SCRIPT),
        (b"II*\0", Preamble.TIFF),
        (b"anything", Preamble.OTHER),
    ],
)
def test_an_executable_preamble_is_told(
    tmp_path: Path, workers: WorkerPool, magic: bytes, preamble: Preamble
) -> None:
    """A file that is a program as well is known as one (D5, CVE-2019-11687)."""
    data = dicom.part10(dicom.data_set(), preamble=magic + bytes(128 - len(magic)))
    assert check(workers, spooled(tmp_path, data)).preamble is preamble


def test_a_bare_data_set_is_its_own_data_set(tmp_path: Path, workers: WorkerPool) -> None:
    """Without meta header both hashes are the same, and there is no preamble."""
    found = check(workers, spooled(tmp_path, dicom.data_set()))
    assert found.preamble is Preamble.ABSENT
    assert found.data_set_sha256 == found.file_sha256


def test_a_deflated_file_is_walked_within_bounds(tmp_path: Path, workers: WorkerPool) -> None:
    """A deflate bomb ends in a verdict, not in memory (D1)."""
    bomb = dicom.data_set() + dicom.element(0x00291001, b"OB", bytes(40_000_000)) * 2
    path = spooled(tmp_path, dicom.part10(bomb, syntax=dicom.DEFLATED))
    assert path.stat().st_size < 200_000
    assert check(workers, path).structure is Structure.HOSTILE


@pytest.mark.parametrize(
    "change",
    [{"file_sha256": "00"}, {"structure": "fine"}, {"size": -1}, {"why": "x" * 1000}, {"more": 1}],
)
def test_a_worker_is_not_believed_blindly(tmp_path: Path, change: dict[str, object]) -> None:
    """Each field of the answer is parsed with its bound."""
    told = check_file({"path": str(spooled(tmp_path, dicom.ct_slice()))}) | change
    with pytest.raises(WireError):
        parse_checked(told)


def test_an_answer_of_another_shape_is_a_failure(tmp_path: Path) -> None:
    """Nonsense from a worker is the worker's failure."""

    class Nonsense:
        def run(self, request: object, *, byte_work: int = 0) -> dict[str, object]:
            return {"kind": "dicom"}

    with pytest.raises(WorkerGarbled):
        check(Nonsense(), spooled(tmp_path, b"x"))
