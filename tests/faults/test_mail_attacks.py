"""The full counts: 500 hostile names, 1,000 injections, 1,000 deliveries to one doctor."""

from pathlib import Path

import pytest

from tests.builders.hostile_words import hostile_names, injections
from tests.poller.test_hostile_words import check_injections, check_names
from tests.poller.test_noticing import Desk, check_a_flood

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


def test_500_hostile_names() -> None:
    """0 links but the viewer's, in text and page."""
    names = hostile_names(500)
    assert len(set(names)) == 500
    check_names(names)


def test_1000_injections() -> None:
    """0 further headers, 0 further recipients."""
    texts = list(injections(1000))
    assert len(set(texts)) == 1000
    check_injections(texts)


def test_1000_deliveries(tmp_path: Path) -> None:
    """Ten mails within the hour, then one."""
    desk = Desk(tmp_path)
    check_a_flood(desk, 1000)
    desk.ledger.close()
