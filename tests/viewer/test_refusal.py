import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_base import audit
from passbox_viewer.refusal import MAX_NOTE, RefusalReason, parse_refusal
from passbox_wire.inner.viewer import EventKind
from passbox_wire.states import ForwardState
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import an_image
from tests.viewer.pressing import last_event, press
from tests.viewer.scripted_pacs import ScriptedPacs, running_pacs


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


def refuse(house: House, page: str, **fields: str) -> tuple[int, str]:
    """Fill in the form as the page has it; return the status and where it leads."""
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', house.browser.get(page).text)
    form = {"csrf": csrf[1] if csrf else "", "lang": "en"} | fields
    answer = house.browser.post(f"{page}/refuse", data=form)
    return answer.status_code, answer.headers.get("location", "")


def test_not_ours_is_told_to_the_poller_and_kept_from_the_pacs(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """The event goes out once, the page says why, the button is gone and does nothing."""
    page = house.visible(a_transfer(), [an_image(medium)])
    seen = last_event(house)
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', house.browser.get(page).text)
    assert csrf

    assert refuse(house, page, reason="wrong patient", note="Bitte <an> Haus B")[0] == 303
    event = house.await_event(seen)
    form = {"csrf": csrf[1], "reason": "unusable"}
    again = house.browser.post(f"{page}/refuse", data=form)
    forward = house.browser.post(f"{page}/forward", data={"csrf": csrf[1], "pacs": "PACS"})

    assert (event.kind, event.in_pacs) == (EventKind.REFUSED, 0)
    assert (again.status_code, forward.status_code) == (303, 409)
    assert house.events(event.sequence) == ()
    assert pacs.received == []
    assert house.read(a_transfer()).forward_state is ForwardState.REFUSED
    html = house.browser.get(page, params={"lang": "en"}).text
    assert "Reason: wrong patient" in html
    assert "Bitte &lt;an&gt; Haus B" in html
    assert "<button" not in html


def test_without_a_reason_nothing_happens(house: House, medium: Path) -> None:
    """No reason, an unknown one, or another one without a note: the page asks for it."""
    page = house.visible(a_transfer(), [an_image(medium)])
    seen = last_event(house)

    for fields in ({}, {"reason": "because"}, {"reason": "other", "note": "  "}):
        status, location = refuse(house, page, **fields)
        assert status == 303
        assert "Please give a reason" in house.browser.get(location).text

    assert house.events(seen) == ()


def test_the_reason_is_in_the_audit_and_the_note_is_not(house: House, medium: Path) -> None:
    """The note may name a patient; the chain holds our own words only."""
    page = house.visible(a_transfer(), [an_image(medium)])
    refuse(house, page, reason="other", note="gehört zu Meier")

    chain = list(audit.entries(house.settings.store.folder / "audit.jsonl"))

    assert (chain[-1]["event"], chain[-1]["reason"]) == ("refused", "other")
    assert "Meier" not in str(chain)


def test_a_foreign_page_cannot_refuse(house: House, medium: Path) -> None:
    """Without the page's own token nothing happens."""
    page = house.visible(a_transfer(), [an_image(medium)])

    answer = house.browser.post(f"{page}/refuse", data={"reason": "unusable"})

    assert answer.status_code == 403
    assert house.read(a_transfer()).forward_state is ForwardState.VISIBLE


def test_what_is_in_the_pacs_cannot_be_refused(house: House, medium: Path) -> None:
    """Then it is the archive's own business."""
    page = house.visible(a_transfer(), [an_image(medium)])
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', house.browser.get(page).text)
    assert csrf
    seen = last_event(house)
    press(house, page)
    house.await_event(seen)

    form = {"csrf": csrf[1], "reason": "unusable"}
    assert house.browser.post(f"{page}/refuse", data=form).status_code == 409


def test_a_note_is_one_line_of_bounded_length() -> None:
    """Line ends and what is too long do not get in."""
    refusal = parse_refusal("other", "a\r\nb" + "x" * 5000)

    assert refusal is not None
    assert refusal.note.startswith("a b")
    assert len(refusal.note) <= MAX_NOTE
    assert parse_refusal(RefusalReason.UNUSABLE, "") is not None
