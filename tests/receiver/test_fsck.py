"""The store against the ledger: nothing in the quarantine changes unseen."""

import random
from pathlib import Path

import pytest

from passbox_receiver import operations
from passbox_wire.ids import TransferId
from tests.builders.answers import good
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House
from tests.builders.sender_outside import Sender

pytestmark = pytest.mark.anyio

FLIPS = 60


def _pack(folder: Path, transfer: TransferId, number: int) -> Path:
    return (
        folder / "store" / "packs" / "transfers" / transfer[:2] / transfer / f"{number:010d}.pack"
    )


def _flip(path: Path, place: int) -> None:
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ (1 << place % 8)]))


def flip_and_find(house: House, path: Path, transfer: TransferId, flips: int) -> int:
    """Flip one bit after another at random, putting each back; return how many were found."""
    dice, found = random.Random(9), 0
    for _ in range(flips):
        place = dice.randrange(path.stat().st_size)
        _flip(path, place)
        expected = [{"transfer": transfer, "number": 0, "damage": "changed"}]
        found += operations.check_store(house.settings_path) == expected
        _flip(path, place)
    return found


async def test_every_flipped_bit_is_found(house: House, sender: Sender, tmp_path: Path) -> None:
    """A single changed bit anywhere in a pack is found, and an untouched store is sound."""
    good(await sender.open())
    good(await sender.put(0))
    path = _pack(tmp_path, sender.transfer, 0)
    assert flip_and_find(house, path, sender.transfer, FLIPS) == FLIPS
    assert operations.check_store(house.settings_path) == []


async def test_what_is_gone_or_foreign_is_found(
    house: House, sender: Sender, poller: Poller, tmp_path: Path
) -> None:
    """A pack that went and one that nobody sent are told; one that was released is no finding."""
    good(await sender.open())
    for number in range(3):
        good(await sender.put(number))
    good(await poller.acknowledge(sender.transfer, {0: sender.sent[0]}))
    _pack(tmp_path, sender.transfer, 1).unlink()
    evidence = next(_pack(tmp_path, sender.transfer, 2).parent.glob(f"{2:010d}.?*[0-9a-f]"))
    for name in (f"{7:010d}.pack", evidence.name.replace(f"{2:010d}", f"{7:010d}")):
        (evidence.parent / name).hardlink_to(evidence)
    found = operations.check_store(house.settings_path)
    assert [(row["number"], row["damage"]) for row in found] == [(7, "unknown"), (1, "missing")]


async def test_the_audit_is_shown_after_it_was_checked(house: House, sender: Sender) -> None:
    """The last entries are shown, oldest first."""
    good(await sender.open())
    good(await sender.cancel())
    rows = operations.audit(house.settings_path, last=1)
    assert [row["event"] for row in rows] == ["transfer cancelled"]
