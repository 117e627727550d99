"""What a store's answer to an attachment says about the file, and what about the store."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import pytest

from passbox_poller.checking import Attachment
from passbox_poller.errors import FileRefused, Problem, Refusal
from passbox_poller.filing import attach
from passbox_wire.digests import sha256
from passbox_wire.ids import TransferId
from passbox_wire.problems import Code

if TYPE_CHECKING:
    from passbox_poller.viewer_link import ViewerLink

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
    attach(store, TransferId("ab" * 16), 0, Attachment(path, len(REPORT), sha256(REPORT)))


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
