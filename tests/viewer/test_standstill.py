"""What is there of a transfer that stands still, released by a person from its page."""

import re
from ipaddress import ip_network
from pathlib import Path

import pytest
import sqlalchemy as sa

from passbox_base import audit
from passbox_base.journal import Entry
from passbox_viewer.settings import Login
from passbox_viewer.tables import METADATA
from passbox_wire.inner.quarantine import (
    Action,
    Decision,
    Quarantined,
    QuarantinedFile,
    parse_decisions,
)
from passbox_wire.inner.viewer import Delivery, Finding
from passbox_wire.inventory import FileKind
from passbox_wire.receipts import FileResult
from passbox_wire.states import DeliveryState, ForwardState
from tests.viewer.house import BASE_URL, House, a_delivery, a_transfer, running_house
from tests.viewer.images import an_image
from tests.viewer.office import log_in, set_password
from tests.viewer.office import press as press_as_admin
from tests.viewer.test_inbox import inbox_of, listed, press

MISSING = Finding("DISC/<IM2>", FileKind.INSTANCE, FileResult.MISSING, "not yet here", 1)
FORM = {"name": "Dr. Ada", "reason": "the ward waits", "sure": "yes", "lang": "en"}


def so_far(state: DeliveryState = DeliveryState.ARRIVING, *, visible: bool = False) -> Delivery:
    """Return what the poller says of a transfer that stands still."""
    return Delivery(state, visible, "", 1, 1, (MISSING,))


def stand_still(house: House, medium: Path, state: DeliveryState = DeliveryState.ARRIVING) -> str:
    """Have one of two images here; return the path of the page, opened from the inbox."""
    assert house.store(house.register(a_transfer()), [an_image(medium)]) == [0]
    assert house.deliver(a_transfer(), so_far(state)).status_code == 204
    status, location = press(house, inbox_of(house), a_transfer(), lang="en")
    assert status == 303
    return location.partition("?")[0]


def release(house: House, path: str, **form: str) -> tuple[int, str]:
    """Send the form as the page has it; return the status and the answer."""
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', house.browser.get(path).text)
    sent = {"csrf": csrf[1] if csrf else ""} | FORM | form
    answer = house.browser.post(f"{path}/release", data=sent)
    return answer.status_code, answer.text


def decisions(house: House) -> tuple[Decision, ...]:
    """Return what the poller is told."""
    answer = house.ask("GET", "/inner/v1/quarantine/decisions?after=0&wait=0")
    return parse_decisions(answer.content)


def released_lines(house: House) -> list[Entry]:
    """Return the releases of transfers in the audit."""
    chain = audit.entries(house.settings.store.folder / "audit.jsonl")
    return [entry for entry in chain if entry["event"] == "released as far as it came"]


@pytest.mark.parametrize("state", [DeliveryState.ARRIVING, DeliveryState.ABANDONED])
def test_a_person_releases_what_is_there(house: House, medium: Path, state: DeliveryState) -> None:
    """Who and why go to the audit and the poller; with its next word the same link shows images."""
    path = stand_still(house, medium, state)

    status, _ = release(house, path)

    assert status == 303
    (decided,) = decisions(house)
    assert (decided.transfer, decided.index, decided.action) == (
        a_transfer(), 0, Action.RELEASE_TRANSFER,
    )  # fmt: skip
    who = ("Dr. Ada (holder of the link)", "the ward waits")
    assert (decided.author, decided.reason) == who
    (line,) = released_lines(house)
    assert (line["author"], line["reason"], line["transfer_id"]) == (*who, a_transfer())
    waiting = house.browser.get(f"{path}?lang=en").text
    assert "Released by Dr. Ada" in waiting
    assert "<form" not in waiting

    house.deliver(a_transfer(), so_far(state, visible=True))
    shown = house.browser.get(f"{path}?lang=en").text
    assert "Doe, Jane" in shown
    assert "DISC/&lt;IM2&gt;" in shown
    assert house.await_event(0).link.startswith(BASE_URL)


def test_before_the_release_the_link_opens_nothing_else(house: House, medium: Path) -> None:
    """The page names what is missing, and no patient; every other address is a wrong one."""
    path = stand_still(house, medium)
    page = house.browser.get(f"{path}?lang=en")
    number = house.instances(a_transfer())[0].number

    assert page.status_code == 200
    assert "DISC/&lt;IM2&gt;" in page.text
    assert "1 images arrived" in page.text
    assert "Doe" not in page.text
    assert "/images" not in page.text
    for place in (f"/images/{number}.png", "/images.zip", "/attachments/0", "/progress"):
        assert house.browser.get(path + place).status_code == 404, place
    for place in ("/forward", "/refuse", "/worklist"):
        assert house.browser.post(path + place, data={}).status_code == 404, place
    token = path.rpartition("/")[2]
    assert house.running.inside.transfers.opened_by(token) is None


def test_nothing_happens_without_name_reason_and_tick(house: House, medium: Path) -> None:
    """The page says so and keeps what was written; words of control characters are none."""
    path = stand_still(house, medium)

    for lacking in ({"name": " "}, {"reason": ""}, {"sure": ""}, {"reason": "a\x00b"}):
        status, page = release(house, path, **lacking)
        assert status == 400, lacking
        assert "Nothing has happened" in page
    assert 'value="the ward waits"' in release(house, path, name="")[1]
    assert release(house, path, csrf="00" * 32)[0] == 403

    assert decisions(house) == ()
    assert released_lines(house) == []


def test_a_second_press_changes_nothing(house: House, medium: Path) -> None:
    """Twice, or after it is shown: one decision, one line, and no error."""
    path = stand_still(house, medium)
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', house.browser.get(path).text)
    assert csrf
    form = {"csrf": csrf[1]} | FORM

    for _ in range(2):
        assert house.browser.post(f"{path}/release", data=form).status_code == 303
    house.deliver(a_transfer(), so_far(visible=True))
    assert house.browser.post(f"{path}/release", data=form).status_code == 303

    assert len(decisions(house)) == len(released_lines(house)) == 1


def test_looking_changes_nothing(house: House, medium: Path) -> None:
    """GET of the page, and of the form's address, leaves every row as it was."""
    path = stand_still(house, medium)

    def rows() -> list[object]:
        with house.running.inside.engine.begin() as connection:
            return [list(connection.execute(sa.select(t))) for t in METADATA.sorted_tables]

    before = rows()
    assert house.browser.get(path).status_code == 200
    assert house.browser.get(f"{path}/release").status_code in {404, 405}
    assert rows() == before
    assert decisions(house) == ()


def test_a_verdict_needs_no_release(house: House, medium: Path) -> None:
    """Complete in the meantime: the same link shows the study, and the form is gone."""
    path = stand_still(house, medium)
    house.deliver(a_transfer(), a_delivery(delivered=1))
    assert "Doe, Jane" in house.browser.get(path).text
    assert "/release" not in house.browser.get(path).text


def test_the_inbox_lists_no_other_unfinished_transfer(house: House) -> None:
    """One the poller has not spoken of, a refused and a withdrawn one are not on it."""
    for number, state in ((2, DeliveryState.REFUSED), (3, DeliveryState.WITHDRAWN)):
        house.register(a_transfer(number))
        house.deliver(a_transfer(number), Delivery(state, False, "", 0, 0, ()))
    house.register(a_transfer(4))
    assert listed(house, inbox_of(house)) == []


def test_the_houses_login_is_who_releases(tmp_path: Path, medium: Path) -> None:
    """Whom the proxy names is the author, and is asked for no name."""
    login = Login(header="X-User", proxies=(ip_network("127.0.0.0/8"),), required=True)
    with running_house(tmp_path, login=login) as house:
        house.browser.headers["X-User"] = "anna"
        path = stand_still(house, medium)
        assert 'name="name"' not in house.browser.get(path).text
        assert release(house, path, name="")[0] == 303
        assert [one.author for one in decisions(house)] == ["anna"]
        del house.browser.headers["X-User"]
        assert house.browser.post(f"{path}/release", data=FORM).status_code == 403


def test_the_quarantine_page_releases_no_transfer(house: House, medium: Path) -> None:
    """Its form takes what is decided about files, and a release marks no file as decided."""
    path = stand_still(house, medium)
    set_password(house)
    log_in(house)
    file = {"file": f"{a_transfer()} 0", "reason": "r", "action": Action.RELEASE_TRANSFER}
    said = Quarantined((QuarantinedFile(a_transfer(), 0, "truncated", 1, 1_800_000_000),), 1)
    assert house.ask("PUT", "/inner/v1/quarantine", said.encode()).status_code == 204
    here = "/admin/quarantine"
    assert press_as_admin(house, here, here, **file).status_code == 404
    release(house, path)
    (waiting,) = house.running.rooms.office.quarantine.waiting(10)
    assert waiting.decided is None
    assert house.read(a_transfer()).forward_state is ForwardState.STAGED
