"""Which bytes are held already, from the journal and the receiver's word."""

from passbox_client.journal import Piece, SentPack
from passbox_client.resuming import Held
from passbox_wire.pack import Kind

END = bytes([5]) * 32


def held(*pieces: Piece) -> Held:
    """Return what is held when each piece came in a pack of its own."""
    return Held(SentPack(n, bytes(32), (piece,)) for n, piece in enumerate(pieces))


def piece(start: int, stop: int, sha256: bytes | None = None, index: int = 0) -> Piece:
    """Return a piece of a file."""
    return Piece(Kind.FILE, index, start, stop - start, sha256)


def test_pieces_that_touch_are_one_span() -> None:
    """Bytes are covered across packs, in whatever order they came, but not over a gap."""
    known = held(piece(10, 20), piece(0, 10), piece(30, 40))
    assert known.covers(Kind.FILE, 0, 0, 20)
    assert known.covers(Kind.FILE, 0, 32, 38)
    assert not known.covers(Kind.FILE, 0, 15, 35)
    assert not known.covers(Kind.FILE, 1, 0, 1)
    assert not known.covers(Kind.INVENTORY, 0, 0, 1)


def test_a_file_is_whole_with_its_end_and_without_gaps() -> None:
    """The digest counts only when every byte up to the end is held."""
    assert held(piece(0, 10), piece(10, 15, END)).digest(Kind.FILE, 0) == END
    assert held(piece(10, 15, END)).digest(Kind.FILE, 0) is None
    assert held(piece(0, 15)).digest(Kind.FILE, 0) is None


def test_an_empty_file_is_whole_with_its_one_piece() -> None:
    """A file of no bytes is held when its end is."""
    assert held(piece(0, 0, END)).digest(Kind.FILE, 0) == END
