"""A department's inbox, for those who lost the mail."""

import re
from ipaddress import ip_network
from pathlib import Path

import pytest
import sqlalchemy as sa

from passbox_base import audit
from passbox_viewer import links
from passbox_viewer.inbox import OPENED_SECONDS
from passbox_viewer.orders import OrderKind
from passbox_viewer.settings import Login
from passbox_viewer.tables import INBOX_LINKS, LINKS, TRANSFERS
from passbox_wire.ids import TransferId
from tests.viewer.house import House, a_transfer, facts, running_house
from tests.viewer.images import an_image

DAY = 24 * 60 * 60


def inbox_of(house: House, department: str = "radiologie ") -> str:
    """Return the path of a department's inbox."""
    token = links.new_token(lambda size: department.encode().ljust(size, b".")[:size])
    became = house.running.rooms.office.orders.obey(
        OrderKind.MINT_INBOX, department, links.hash_of(token).hex(), author="a", reason="r"
    )
    assert became == "done"
    return f"/inbox/{token}"


@pytest.fixture
def filled(house: House, medium: Path) -> House:
    """Two transfers for Radiologie, of which one is released, and one for Chirurgie."""
    house.visible(a_transfer(1), [an_image(medium)], name="Dr. <b>Eins</b>")
    house.register(a_transfer(2))
    house.visible(a_transfer(3), [an_image(medium)], name="Dr. Drei")
    with house.running.inside.engine.begin() as connection:
        other = sa.update(TRANSFERS).where(TRANSFERS.c.id == a_transfer(3))
        connection.execute(other.values(department="Chirurgie"))
    return house


def listed(house: House, path: str) -> list[str]:
    """Return the transfers on a page's list."""
    return re.findall(r'name="transfer" value="([0-9a-f]{32})"', house.browser.get(path).text)


def press(house: House, path: str, transfer: TransferId, **form: str) -> tuple[int, str]:
    """Press a transfer's button; return the status and where it leads."""
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', house.browser.get(path).text)
    sent = {"csrf": csrf[1] if csrf else "", "transfer": transfer} | form
    answer = house.browser.post(f"{path}/open", data=sent)
    return answer.status_code, answer.headers.get("location", "")


def test_it_lists_what_its_department_may_see(filled: House) -> None:
    """Released transfers of this department and of no other, words from outside as text."""
    assert listed(filled, inbox_of(filled)) == [a_transfer(1)]
    assert listed(filled, inbox_of(filled, "Chirurgie")) == [a_transfer(3)]
    assert listed(filled, inbox_of(filled, "Augen")) == []
    assert "Dr. &lt;b&gt;Eins" in filled.browser.get(inbox_of(filled)).text


def test_what_is_older_than_its_days_is_not_listed(filled: House) -> None:
    """It goes back by this machine's clock, whatever time the facts tell."""
    path = inbox_of(filled)
    with filled.running.inside.engine.begin() as connection:
        week = 7 * DAY
        connection.execute(sa.update(TRANSFERS).values(registered=TRANSFERS.c.registered - week))
    assert listed(filled, path) == []


def test_opening_mints_a_link_that_ends_within_hours(filled: House) -> None:
    """The button leads to the study page by a link of its own, and both are in the audit."""
    path = inbox_of(filled)
    with filled.running.inside.engine.begin() as connection:
        before = connection.scalar(sa.select(sa.func.count()).select_from(LINKS))

    status, location = press(filled, path, a_transfer(1))

    assert status == 303
    assert "Doe, Jane" in filled.browser.get(location).text
    with filled.running.inside.engine.begin() as connection:
        after = connection.execute(sa.select(LINKS)).all()
    (new,) = [row for row in after if row.expires is not None]
    assert (len(after), new.expires - new.minted) == ((before or 0) + 1, OPENED_SECONDS)
    told = [e["event"] for e in audit.entries(filled.settings.store.folder / "audit.jsonl")]
    assert told[-3:] == ["inbox looked at", "opened from the inbox", "looked at"]


def test_it_opens_nothing_that_is_not_on_its_list(filled: House) -> None:
    """Another department's transfer, an unreleased one and no transfer are wrong addresses."""
    path = inbox_of(filled)
    for transfer in (a_transfer(3), a_transfer(2), a_transfer(9)):
        assert press(filled, path, transfer)[0] == 404


def test_a_foreign_page_opens_nothing(filled: House) -> None:
    """Without the page's own token nothing is minted."""
    path = inbox_of(filled)
    assert press(filled, path, a_transfer(1), csrf="00" * 32)[0] == 403
    assert press(filled, path, a_transfer(1), csrf="ä")[0] == 403


def test_looking_changes_nothing(filled: House) -> None:
    """GET mints no link and changes no row."""
    path = inbox_of(filled)

    def rows() -> list[object]:
        with filled.running.inside.engine.begin() as connection:
            return [list(connection.execute(sa.select(t))) for t in (LINKS, TRANSFERS, INBOX_LINKS)]

    before = rows()
    filled.browser.get(path)
    assert rows() == before


def test_a_revoked_expired_or_guessed_link_opens_no_inbox(filled: House) -> None:
    """All answer like any wrong address; the other department's goes on."""
    path, other = inbox_of(filled), inbox_of(filled, "Chirurgie")
    office = filled.running.rooms.office
    office.orders.obey(OrderKind.REVOKE_INBOX, "RADIOLOGIE", author="a", reason="r")

    wrong = filled.browser.get(path)
    assert (wrong.status_code, wrong.text) == (404, filled.browser.get("/nowhere").text)
    assert filled.browser.get(f"/inbox/{'A' * 22}").status_code == 404
    assert filled.browser.get(other).status_code == 200
    with filled.running.inside.engine.begin() as connection:
        connection.execute(sa.update(INBOX_LINKS).values(minted=INBOX_LINKS.c.minted - 180 * DAY))
    assert filled.browser.get(other).status_code == 404


def test_where_a_login_is_required_the_inbox_wants_it_too(tmp_path: Path) -> None:
    """Link and login open it, the login is who looked; a login alone opens nothing."""
    login = Login(header="X-User", proxies=(ip_network("127.0.0.0/8"),), required=True)
    with running_house(tmp_path, login=login) as house:
        house.register(facts(a_transfer()).transfer)
        path = inbox_of(house)
        assert house.browser.get(path).status_code == 403
        assert house.browser.get(path, headers={"X-User": "anna"}).status_code == 200
        guessed = house.browser.get(f"/inbox/{'A' * 22}", headers={"X-User": "anna"})
        *_, last = audit.entries(house.settings.store.folder / "audit.jsonl")
    assert guessed.status_code == 404
    assert (last["event"], last["author"]) == ("inbox looked at", "anna")
