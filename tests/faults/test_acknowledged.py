"""What is acknowledged is durable: the system calls before each word that leaves a program.

A kill does not show this, for the page cache survives it (security anchors A12).
"""

from pathlib import Path

import pytest

from tests.faults.injection import order_of, trace, unsynced

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    ("act", "evidence"),
    [
        ("receiver_takes_pack", {"write", "name", "row"}),
        ("receiver_closes", {"row"}),
        ("receiver_takes_receipt", {"row"}),
        ("poller_takes_pack", {"write", "name", "row"}),
        ("poller_signs_receipt", {"row"}),
        ("viewer_takes_instance", {"fsync file", "name"}),
    ],
)
def test_durable_before_it_is_acknowledged(tmp_path: Path, act: str, evidence: set[str]) -> None:
    """Bytes are synced before they get a name, name and ledger row before anybody is told.

    Held for a sender's pack, close and receipt at the receiver, a pack and a receipt at the poller,
    and an instance at the temporary store, whose bytes its library wrote before.
    """
    order = order_of(trace(act, tmp_path))

    assert evidence <= set(order)
    assert unsynced(order) == []
