"""Work files: pieces find their place, overlaps must agree, nobody else can read them."""

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passbox_poller.errors import Contradiction, Refusal
from passbox_poller.workfiles import WorkFile, WorkFolder
from passbox_wire.digests import sha256
from tests.builders.wire import a_transfer_id

DATA = bytes(range(200))


@given(order=st.permutations(range(0, 200, 20)), overlap=st.integers(0, 15))
@settings(max_examples=50)
def test_pieces_in_any_order_are_the_file(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], overlap: int
) -> None:
    """Overlapping pieces in any order give the file's bytes, and its hash proves them."""
    work = WorkFile(tmp_path_factory.mktemp("work") / "file", len(DATA))
    for at in order:
        piece = DATA[max(0, at - overlap) : at + 20]
        end = at + 20 == len(DATA)
        work.add(max(0, at - overlap), piece, sha256(DATA) if end else None)
    assert work.complete
    assert work.read_proved() == DATA


def test_an_overlap_that_differs_is_refused(tmp_path: Path) -> None:
    """Two pieces that disagree about a byte never become a file."""
    work = WorkFile(tmp_path / "file", len(DATA))
    work.add(0, DATA[:50], None)
    with pytest.raises(Contradiction) as refused:
        work.add(40, b"x" * 20, None)
    assert refused.value.refusal is Refusal.CONTRADICTORY


def test_a_false_digest_is_found(tmp_path: Path) -> None:
    """A whole item whose bytes are not the promised ones is not handed out."""
    work = WorkFile(tmp_path / "file", len(DATA))
    work.add(0, DATA, bytes(32))
    with pytest.raises(Contradiction) as refused:
        work.read_proved()
    assert refused.value.refusal is Refusal.DIGEST_WRONG


def test_only_we_can_read_clear_bytes(tmp_path: Path) -> None:
    """Files are 0600 in folders that are 0700."""
    folder = WorkFolder(tmp_path / "work")
    of_transfer = folder.of(a_transfer_id())
    work = WorkFile(of_transfer / "file", 10)
    work.add(0, b"clear", None)
    assert stat.S_IMODE(work.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(of_transfer.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "work").stat().st_mode) == 0o700


def test_a_restart_empties_the_folder(tmp_path: Path) -> None:
    """Clear bytes of a poller that was killed are gone when the next one starts."""
    left = WorkFolder(tmp_path / "work").of(a_transfer_id()) / "file"
    left.write_bytes(b"clear")
    WorkFolder(tmp_path / "work")
    assert list((tmp_path / "work").iterdir()) == []
