"""What a store's answer to an attachment says of the file, and what a fault of ours costs one."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import pytest

from passbox_poller.arrival import Arrival, Budget, ReadyFile
from passbox_poller.checking import Attachment
from passbox_poller.errors import FileRefused, Problem, Refusal
from passbox_poller.filing import Filing, attach
from passbox_poller.quarantine import Quarantine
from passbox_poller.verdict import Result
from passbox_wire.digests import sha256
from passbox_wire.ids import TransferId
from passbox_wire.inventory import ClaimedFile, FileKind
from passbox_wire.problems import Code
from passbox_wire.receipts import FileResult
from tests.builders.clocks import FakeClock

if TYPE_CHECKING:
    from passbox_poller.checking import Checker
    from passbox_poller.viewer_link import ViewerLink

TRANSFER = TransferId("ab" * 16)
REPORT = b"%PDF-1.7 a report"


class Store:
    """Answers every attachment with one problem."""

    def __init__(self, code: Code) -> None:
        self._code = code

    def attach(
        self, _transfer: TransferId, _index: int, _file: BinaryIO, _length: int, _sha256: bytes
    ) -> None:
        raise Problem(self._code)


def attached(folder: Path, code: Code) -> None:
    """Hand a report over to a store that answers so."""
    path = folder / "report"
    path.write_bytes(REPORT)
    store = cast("ViewerLink", Store(code))
    attach(store, TRANSFER, 0, Attachment(path, len(REPORT), sha256(REPORT)))


@pytest.mark.parametrize("code", [Code.STORE_FULL, Code.UNKNOWN_TRANSFER, Code.SIGNATURE_WRONG])
def test_a_fault_of_the_store_refuses_no_report(tmp_path: Path, code: Code) -> None:
    """A full disk says nothing against a doctor's letter: it waits, as images do."""
    with pytest.raises(Problem):
        attached(tmp_path, code)


@pytest.mark.parametrize("code", [Code.TOO_LARGE, Code.MALFORMED, Code.PACK_CONFLICT])
def test_what_a_store_never_takes_is_refused(tmp_path: Path, code: Code) -> None:
    """Asking again would not help, so the file goes to the quarantine and is named."""
    with pytest.raises(FileRefused) as refused:
        attached(tmp_path, code)
    assert refused.value.refusal is Refusal.STORE_REFUSED


class Broken:
    """A checker with a fault of ours in it."""

    def check(self, _path: Path, _kind: FileKind, _sha256: bytes) -> None:
        raise ValueError("nobody thought of this file")


class Nowhere:
    """A store that nobody gets to."""

    def store(self, _ae_title: str, _instance: object) -> None:
        raise AssertionError


class Seat(Arrival):
    """Keeps what was said of its files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(TRANSFER, folder, Budget(1, 1000, 1))
        self.said: list[Result | None] = []

    def begin(self, index: int) -> None:
        """Know of no inventory."""

    def finish(self, index: int, result: Result | None) -> None:
        self.said.append(result)


def filed(folder: Path, quarantine: Quarantine) -> Result | None:
    """Let a broken checker see a report, and return what was said of it."""
    path = folder / "work"
    path.write_bytes(REPORT)
    seat = Seat(folder)
    filing = Filing(
        checker=cast("Checker", Broken()),
        store=Nowhere(),
        quarantine=quarantine,
        viewer=cast("ViewerLink", None),
        threads=1,
        stop=threading.Event(),
        chance=lambda: 0.0,
        settled=lambda _transfer: None,
    )
    claim = ClaimedFile(0, "LETTER.PDF", len(REPORT), FileKind.PDF, None, "")
    filing.submit(seat, ReadyFile(claim, path, sha256(REPORT)))
    filing.close()
    assert not path.exists()
    return seat.said[0]


def test_a_fault_of_ours_keeps_the_file(tmp_path: Path) -> None:
    """What a program could not judge is refused by name, and lies where a person finds it."""
    quarantine = Quarantine(tmp_path / "quarantine", FakeClock())
    result = filed(tmp_path, quarantine)
    assert result is not None
    assert (result.result, result.reason) == (FileResult.REFUSED, Refusal.CHECK_FAILED)
    kept = quarantine.path(TRANSFER, 0)
    assert kept is not None
    assert kept.read_bytes() == REPORT


def test_a_fault_of_ours_that_cannot_be_kept_is_not_said(tmp_path: Path) -> None:
    """Without a place for it nothing is written down: the file is made again from the spool."""
    quarantine = Quarantine(tmp_path / "quarantine", FakeClock())
    (tmp_path / "quarantine" / TRANSFER).write_bytes(b"in the way")
    assert filed(tmp_path, quarantine) is None
