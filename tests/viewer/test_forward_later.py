"""Images that come after all others were proved: out of quarantine, or late."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_wire.inner.viewer import EventKind
from passbox_wire.states import ForwardState
from tests.viewer.house import House, a_delivery, a_transfer, running_house
from tests.viewer.images import SERIES, STUDY, an_image
from tests.viewer.pressing import ask, confirmed, last_event, press
from tests.viewer.scripted_pacs import ScriptedPacs, running_pacs

LATER = f"{SERIES}.3"


@pytest.fixture
def pacs() -> Iterator[ScriptedPacs]:
    """A PACS that does as it is told."""
    with running_pacs() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, pacs: ScriptedPacs) -> Iterator[House]:
    """A viewer that forwards to the scripted PACS."""
    with running_house(tmp_path, pacs=[pacs.settings]) as running:
        yield running


def in_pacs_and_then_one_more(house: House, pacs: ScriptedPacs, medium: Path) -> tuple[str, int]:
    """Forward two images, then let a third one come; return page and sequence of the event."""
    title = house.register(a_transfer())
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2)])
    seen = last_event(house)
    press(house, page)
    proved = house.await_event(seen)
    assert proved.kind is EventKind.FORWARDED
    house.deliver(a_transfer(), a_delivery(delivered=2))  # told twice: nothing came
    assert house.read(a_transfer()).forward_state is ForwardState.IN_PACS

    pacs.received = []
    assert house.store(title, [an_image(medium, 3)]) == [0]
    house.deliver(a_transfer(), a_delivery(delivered=3))
    failed = house.await_event(proved.sequence)
    assert (failed.kind, failed.in_pacs) == (EventKind.FORWARD_FAILED, 2)
    return page, failed.sequence


def test_what_comes_later_is_not_in_the_pacs_and_is_sent_alone(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """The page says that not all is there, and pressing again sends only the new one."""
    page, failed = in_pacs_and_then_one_more(house, pacs, medium)
    html = house.browser.get(page, params={"lang": "en"}).text
    assert "Not completely in the PACS" in html
    assert "Images have come after the others were sent" in html

    assert press(house, page) == 303
    event = house.await_event(failed)
    assert (event.kind, event.in_pacs) == (EventKind.FORWARDED, 3)
    assert [uid for uid, _ in pacs.received] == [LATER]
    assert "In the PACS" in house.browser.get(page, params={"lang": "en"}).text


def test_what_comes_later_overwrites_nothing(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """The PACS is asked about the new one too: what it holds under that UID is a question."""
    page, failed = in_pacs_and_then_one_more(house, pacs, medium)
    pacs.held[LATER] = STUDY
    press(house, page)
    event = house.await_event(failed)
    assert (event.kind, event.in_pacs) == (EventKind.FORWARD_FAILED, 2)
    assert pacs.received == []
    assert house.read(a_transfer()).forward_problem == "there meanwhile"

    _, html = ask(house, page)
    assert press(house, page, confirm=confirmed(html)) == 303
    assert house.await_event(event.sequence).kind is EventKind.FORWARDED
    assert pacs.received == []
