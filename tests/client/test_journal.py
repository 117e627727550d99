"""The journal: what this computer keeps of a transfer, and what it must not."""

from pathlib import Path

import pytest

from passbox_client.errors import StateFailed
from passbox_client.journal import (
    Identity,
    Journal,
    Piece,
    RememberedPart,
    SentPack,
    read,
    unfinished,
)
from passbox_wire.errors import Malformed
from passbox_wire.manifest import Outcome
from passbox_wire.pack import Kind
from tests.builders.wire import (
    a_destination_id,
    a_receipt_code,
    a_signing_key,
    an_outcome,
    public,
)

PIECES = (Piece(Kind.FILE, 0, 0, 10, None), Piece(Kind.FILE, 0, 10, 5, bytes([7]) * 32))


def an_identity(name: str = "transfer") -> Identity:
    """Return the secrets of a transfer."""
    return Identity(
        a_signing_key(name),
        a_receipt_code(),
        bytes(32),
        a_destination_id(),
        public(a_signing_key("profile")),
        1_700_000_000,
    )


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    """Identity, marks, packs and lost files come back as they were written."""
    identity = an_identity()
    lost = an_outcome(1, Outcome.UNREADABLE)
    journal = Journal.create(tmp_path, identity)
    journal.planned(bytes(16), [bytes([1]) * 16, bytes([2]) * 16])
    journal.sending(3, bytes([9]) * 32, PIECES)
    journal.read_through(0, (an_outcome(0), lost))
    journal.planned(bytes([1]) * 16, [bytes([3]) * 16])
    journal.closing()
    journal.close()
    (again,) = unfinished(tmp_path)
    assert again.identity.transfer == identity.transfer
    assert again.identity.receipt == identity.receipt
    assert again.identity.consent_time == identity.consent_time
    assert again.parts == (
        RememberedPart(bytes(16), (bytes([1]) * 16, bytes([2]) * 16), (lost,)),
        RememberedPart(bytes([1]) * 16, (bytes([3]) * 16,), None),
    )
    assert again.packs == (SentPack(3, bytes([9]) * 32, PIECES),)
    assert again.sworn


def test_a_medium_half_written_down_is_none(tmp_path: Path) -> None:
    """A cut while a further medium is written down leaves what was before; then it is whole."""
    identity = an_identity()
    journal = Journal.create(tmp_path, identity)
    journal.planned(bytes(16), [bytes([1]) * 16])
    before = journal._log.path.stat().st_size
    journal.planned(bytes([2]) * 16, [bytes([3]) * 16, bytes([4]) * 16])
    journal.close()
    lines = journal._log.path.read_bytes()
    journal._log.path.write_bytes(lines[: lines.index(b"\n", before) + 1])
    (cut,) = unfinished(tmp_path)
    assert [part.marks for part in cut.parts] == [(bytes([1]) * 16,)]
    journal = Journal.reopen(cut)
    journal.planned(bytes([2]) * 16, [bytes([3]) * 16, bytes([4]) * 16])
    journal.close()
    (again,) = unfinished(tmp_path)
    assert again.parts[1] == RememberedPart(
        bytes([2]) * 16, (bytes([3]) * 16, bytes([4]) * 16), None
    )


def test_a_transfer_that_is_over_leaves_nothing(tmp_path: Path) -> None:
    """After the inside has signed, the journal is removed."""
    Journal.create(tmp_path, an_identity()).forget()
    assert list(tmp_path.iterdir()) == []


def test_one_transfer_is_sent_by_one_process(tmp_path: Path) -> None:
    """A journal in use is refused to a second process, which would use the same pack numbers."""
    journal = Journal.create(tmp_path, an_identity())
    (remembered,) = unfinished(tmp_path)
    with pytest.raises(StateFailed):
        Journal.reopen(remembered)
    journal.close()


def test_a_damaged_journal_hides_no_other(tmp_path: Path) -> None:
    """What cannot be read is left out; the other transfers are still found."""
    Journal.create(tmp_path, an_identity()).close()
    (tmp_path / "other.transfer").write_bytes(b'{"is":"nonsense"}\n')
    with pytest.raises(Malformed):
        read(tmp_path / "other.transfer")
    assert len(list(unfinished(tmp_path))) == 1


def test_marks_tell_nothing_across_transfers() -> None:
    """A file has another mark in another transfer, and no two things share one by joining."""
    one, other = an_identity(), an_identity("other")
    object.__setattr__(other, "mark_key", bytes([1]) * 32)
    assert one.mark("IMG/I001", 10) != other.mark("IMG/I001", 10)
    assert one.mark("ab", "c") != one.mark("a", "bc")
