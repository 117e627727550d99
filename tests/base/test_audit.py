import random
from collections.abc import Callable
from pathlib import Path

import pytest

from passbox_base.audit import GENESIS, AuditChain, Head, entries, verify
from passbox_base.errors import ChainBroken
from passbox_wire.ids import TransferId
from tests.builders.clocks import FakeClock

LINES = 30
TRANSFER = TransferId("ab" * 16)


def _chain(path: Path, lines: int = LINES) -> list[Head]:
    chain = AuditChain(path, FakeClock())
    heads = [
        chain.append("deleted", author="retention", reason="expired", transfer_id=TRANSFER, n_th=n)
        for n in range(lines)
    ]
    chain.close()
    return heads


def test_a_chain_verifies_to_the_head_it_gave(tmp_path: Path) -> None:
    """The last head handed out is the one the file proves; an empty chain has the genesis head."""
    assert verify(tmp_path / "a") == Head(0, GENESIS)
    assert verify(tmp_path / "b") == Head(0, GENESIS)
    assert _chain(tmp_path / "a")[-1] == verify(tmp_path / "a")


def test_an_entry_says_who_what_when_and_why(tmp_path: Path) -> None:
    """What was handed in is what is read, with the time and a running number."""
    _chain(tmp_path / "a", 1)

    assert list(entries(tmp_path / "a")) == [
        {
            "author": "retention",
            "event": "deleted",
            "facts": {"n_th": 0},
            "n": 1,
            "reason": "expired",
            "time": "2030-01-02T03:04:05.000+00:00",
            "transfer_id": TRANSFER,
        }
    ]


def test_a_chain_goes_on_after_reopening(tmp_path: Path) -> None:
    """A restarted program continues the chain where it stood."""
    first, second = _chain(tmp_path / "a", 2)[-1], _chain(tmp_path / "a", 2)[-1]

    assert (first.count, second.count) == (2, 4)
    assert verify(tmp_path / "a", must_contain=first) == second


Mutation = Callable[[list[bytes], random.Random], None]


def _edit(lines: list[bytes], dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    byte = dice.randrange(len(lines[at]) - 1)
    old = lines[at][byte]
    new = bytes([dice.choice([value for value in range(32, 127) if value != old])])
    lines[at] = lines[at][:byte] + new + lines[at][byte + 1 :]


def _delete(lines: list[bytes], dice: random.Random) -> None:
    del lines[dice.randrange(len(lines) - 1)]


def _swap(lines: list[bytes], dice: random.Random) -> None:
    one, two = dice.sample(range(len(lines)), 2)
    lines[one], lines[two] = lines[two], lines[one]


def _duplicate(lines: list[bytes], dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    lines.insert(at, lines[at])


def _cut(lines: list[bytes], dice: random.Random) -> None:
    del lines[dice.randrange(len(lines)) :]


@pytest.mark.parametrize("mutate", [_edit, _delete, _swap, _duplicate, _cut])
def test_every_change_is_found(tmp_path: Path, mutate: Mutation) -> None:
    """Of a hundred edits, deletions, swaps, copies and cuts each, a kept head finds all."""
    head = _chain(tmp_path / "a")[-1]
    original = (tmp_path / "a").read_bytes().splitlines(keepends=True)
    dice = random.Random(mutate.__name__)
    for _ in range(100):
        lines = list(original)
        mutate(lines, dice)
        (tmp_path / "a").write_bytes(b"".join(lines))
        with pytest.raises(ChainBroken):
            verify(tmp_path / "a", must_contain=head)


def test_a_rewritten_chain_is_found_by_a_kept_head(tmp_path: Path) -> None:
    """A whole new chain, sound in itself, does not contain the head somebody else kept."""
    kept = _chain(tmp_path / "a")[5]
    (tmp_path / "a").unlink()
    chain = AuditChain(tmp_path / "a", FakeClock())
    for _ in range(LINES):
        chain.append("nothing happened", author="attacker", reason="none")
    chain.close()

    assert verify(tmp_path / "a").count == LINES
    with pytest.raises(ChainBroken):
        verify(tmp_path / "a", must_contain=kept)


def test_the_broken_line_is_named(tmp_path: Path) -> None:
    """The first line that does not follow is told, and nothing is appended to a broken chain."""
    _chain(tmp_path / "a", 3)
    lines = (tmp_path / "a").read_bytes().splitlines(keepends=True)
    (tmp_path / "a").write_bytes(lines[0] + lines[2])

    with pytest.raises(ChainBroken) as caught:
        AuditChain(tmp_path / "a", FakeClock())
    assert caught.value.line == 2


def test_a_torn_last_line_is_no_entry(tmp_path: Path) -> None:
    """A cut during append leaves a chain that opens and goes on: that deed did not happen."""
    _chain(tmp_path / "a", 3)
    torn = (tmp_path / "a").read_bytes()[:-10]
    (tmp_path / "a").write_bytes(torn)

    assert _chain(tmp_path / "a", 1)[-1].count == 3
