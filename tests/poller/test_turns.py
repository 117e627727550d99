"""A turn at a transfer is short, and every turn comes a step further."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_poller import intake
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, slices


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Yield peers that are up."""
    with a_house(tmp_path, mail_sink) as made:
        yield made


def test_turns_without_time_come_to_an_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in two slices of one pack is whole although no turn has time for a second record."""
    monkeypatch.setattr(intake, "_SECONDS_A_TURN", -1.0)  # a machine that is always too slow
    sending = Sending(slices(3))
    house.receiver.open(sending.transfer, sending.key, b"source")
    for number, sealed in sending.packs().items():
        house.receiver.put(sending.transfer, number, sealed)
    house.receiver.close(sending.transfer)
    with house.polling():
        house.receiver.wait_for(
            lambda: any(one.transfer == sending.transfer for one, _ in house.receiver.receipts)
        )
    assert house.receiver.stops == []
