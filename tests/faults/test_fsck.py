"""The quarantine and its audit under many changes."""

import json
import os
import random
from pathlib import Path

import pytest

from passbox_base.audit import GENESIS, AuditChain, entries, verify_heads
from passbox_base.errors import ChainBroken
from passbox_base.pack_store import PackStore
from passbox_wire import canonical
from passbox_wire.digests import sha256
from tests.base.test_audit import Mutation, _cut, _delete, _duplicate, _edit, _swap
from tests.builders.answers import good
from tests.builders.clocks import FakeClock
from tests.builders.poller_inside import Poller
from tests.builders.receiver import an_open_receiver
from tests.builders.sender_outside import Sender
from tests.receiver.test_fsck import _pack, flip_and_find

pytestmark = [pytest.mark.faults, pytest.mark.anyio, pytest.mark.timeout(600)]


async def test_1000_flips(tmp_path: Path) -> None:
    """Of 1,000 random bit flips in a pack 1,000 are found."""
    with an_open_receiver(tmp_path) as house:
        sender = Sender(house.public(), house)
        good(await sender.open())
        good(await sender.put(0))
        path = _pack(tmp_path, sender.transfer, 0)
        assert flip_and_find(house, path, sender.transfer, 1_000) == 1_000


def _forge(lines: list[bytes], dice: random.Random) -> None:
    """Change an entry and write every head from there on anew, as who owns the machine can."""
    at, head = dice.randrange(len(lines)), GENESIS
    for number, line in enumerate(lines):
        entry = json.loads(line)["entry"]
        if number == at:
            entry["author"] = "somebody else"
        head = sha256(head + canonical.encode(entry))
        lines[number] = canonical.encode({"entry": entry, "head": head.hex()}) + b"\n"


@pytest.mark.parametrize("mutate", [_edit, _delete, _swap, _duplicate, _cut, _forge])
def test_1000_edits_of_the_audit(tmp_path: Path, mutate: Mutation) -> None:
    """Of 1,000 changes of each kind the heads that the poller kept find 1,000."""
    path = tmp_path / "audit.jsonl"
    chain = AuditChain(path, FakeClock())
    kept = [
        chain.append("rules changed", author="anna", reason="r", n_=n).sha256 for n in range(40)
    ]
    chain.close()
    whole = path.read_bytes().splitlines(keepends=True)
    dice, found = random.Random(mutate.__name__), 0
    for _ in range(1_000):
        lines = list(whole)
        mutate(lines, dice)
        path.write_bytes(b"".join(lines))
        try:
            verify_heads(path, kept[9::10])
        except ChainBroken:
            found += 1
    assert found == 1_000
    path.write_bytes(b"".join(whole))
    assert len(list(entries(path))) == verify_heads(path, kept).count == 40


async def test_an_immutable_pack_is_changed_by_nobody(tmp_path: Path) -> None:
    """With `immutable` not even root changes or deletes a held pack; letting go works."""
    if os.geteuid() != 0:
        pytest.skip("only root, or who has CAP_LINUX_IMMUTABLE, sets the flag")
    store = PackStore(tmp_path / "packs", immutable=True)
    with an_open_receiver(tmp_path, store=store) as house:
        sender, poller = Sender(house.public(), house), Poller(house.inner(), house)
        good(await sender.open())
        good(await sender.put(0))
        good(await sender.put(0))
        (path,) = (tmp_path / "packs").rglob("*.pack")
        for deed in (
            lambda: path.write_bytes(b""),
            lambda: path.rename(path.with_suffix(".gone")),
            path.unlink,
            lambda: path.chmod(0o600),
        ):
            with pytest.raises(PermissionError):
                deed()
        assert store.reconcile() == 0
        good(await poller.acknowledge(sender.transfer, sender.sent))
        assert not path.exists()
