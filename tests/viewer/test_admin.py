"""The administrator's pages: who gets in, what they show, what they order."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute

from passbox_base import audit
from passbox_base.journal import Entry
from passbox_viewer import passwords
from passbox_viewer.administrator import (
    IDLE_SECONDS,
    MOST_GUESSES,
    MOST_GUESSES_OF_ALL,
    WHOLE_SECONDS,
    Administrator,
    NoEntry,
)
from passbox_viewer.errors import OrderRefused
from passbox_viewer.pages_app import pages_app
from passbox_viewer.tables import METADATA, TRANSFERS
from passbox_wire.inner.admin import CommandKind
from passbox_wire.inner.quarantine import Action, parse_decisions
from passbox_wire.inner.viewer import Finding
from passbox_wire.inventory import FileKind
from passbox_wire.receipts import FileResult
from tests.builders.clocks import FakeClock
from tests.viewer.house import House, a_delivery, a_transfer, running_house
from tests.viewer.images import an_image
from tests.viewer.office import (
    PASSWORD,
    answer_commands,
    csrf_of,
    kept_hash,
    log_in,
    press,
    quarantine,
    set_password,
)

OPEN = {
    ("GET", "/"),
    ("GET", "/admin/login"),
    ("POST", "/admin/login"),
}
"""What anybody may ask for. A new route stands here, or is tried by the tests below."""
LINK = "/s/{token}"
INBOX = "/inbox/{token}"


def routes(house: House) -> list[tuple[str, str]]:
    """Return method and path of every route of the pages."""
    app = pages_app(house.running.rooms)
    found = [route for route in app.routes if isinstance(route, APIRoute)]
    return [(method, route.path) for route in found for method in sorted(route.methods or ())]


def address(path: str) -> str:
    """Return a path with something in each of its places."""
    return re.sub(r"\{\w+\}", "1" * 22, path)


def entries(house: House) -> list[Entry]:
    """Return the audit so far."""
    return list(audit.entries(house.settings.store.folder / "audit.jsonl"))


@pytest.fixture
def office(house: House) -> House:
    """A house whose administrator is logged in."""
    set_password(house)
    assert log_in(house).status_code == 303
    return house


def test_every_route_is_behind_a_door(house: House) -> None:
    """Each route of the pages wants a link, an inbox's link or a session, or is named as open."""
    for method, path in routes(house):
        if (method, path) in OPEN:
            continue
        answer = house.browser.request(method, address(path))
        if path.startswith("/admin"):
            leads = answer.headers.get("location", "").startswith("/admin/login")
            assert (answer.status_code, leads) == ((303, True) if method == "GET" else (403, False))
        else:
            assert path.startswith((LINK, INBOX)), f"{path} has no rule"
            assert answer.status_code == 404, path


def test_every_route_wants_the_houses_login_where_it_is_required(tmp_path: Path) -> None:
    """With a required login nothing but the home page answers without it, the admin's door too."""
    from ipaddress import ip_network

    from passbox_viewer.settings import Login

    login = Login(header="X-User", proxies=(ip_network("127.0.0.0/8"),), required=True)
    with running_house(tmp_path, login=login) as house:
        for method, path in routes(house):
            if path != "/":
                answer = house.browser.request(method, address(path))
                assert answer.status_code == 403, (method, path)


def test_looking_at_everything_changes_nothing(office: House, medium: Path) -> None:
    """All GETs together leave ledger and audit as they were."""
    office.visible(a_transfer(), [an_image(medium)])
    office.running.rooms.describer.complete(a_transfer())
    quarantine(office, a_transfer())

    def everything() -> list[object]:
        with office.running.inside.engine.begin() as connection:
            tables = METADATA.sorted_tables
            return [list(connection.execute(sa.select(table))) for table in tables]

    before, told = everything(), entries(office)
    for method, path in routes(office):
        if method == "GET" and path.startswith("/admin"):
            place = path.replace("{transfer}", a_transfer())
            assert office.browser.get(address(place)).status_code in {200, 404}, path
    assert everything() == before
    assert entries(office) == told


def test_the_cookie_is_kept_from_scripts_and_foreign_pages(office: House) -> None:
    """HttpOnly, SameSite=Strict, for the admin's pages only; Secure where they are https."""
    cookie = log_in(office).headers["set-cookie"].lower()

    for flag in ("httponly", "samesite=strict", "path=/admin"):
        assert flag in cookie
    assert "secure" not in cookie  # this house is reached by http
    assert len(cookie.split("passbox_admin=")[1].split(";")[0]) >= 43


def test_a_deed_wants_the_sessions_own_token_and_origin(office: House) -> None:
    """Without it, with another's, from another origin, or not as a form nothing happens."""
    token = csrf_of(office.browser.get("/admin/inboxes").text)
    form = {"department": "x", "reason": "r", "deed": "make"}
    told = entries(office)
    for sent, headers in (
        (form, {}),
        (form | {"csrf": "0" * 32}, {}),
        (form | {"csrf": "ä"}, {}),
        (form | {"csrf": token}, {"Sec-Fetch-Site": "cross-site"}),
        (form | {"csrf": token}, {"Sec-Fetch-Site": "same-site"}),
        (form | {"csrf": token, "x": "y" * 20_000}, {}),
    ):
        answer = office.browser.post("/admin/inboxes", data=sent, headers=headers)
        assert answer.status_code == 403
    json = office.browser.post("/admin/inboxes", json=form | {"csrf": token})
    assert json.status_code == 403
    assert entries(office) == told
    assert office.browser.post("/admin/inboxes", data=form | {"csrf": token}).status_code == 200


def test_a_login_from_a_foreign_page_is_none(office: House) -> None:
    """Nobody is logged in by another site's form."""
    answer = office.browser.post(
        "/admin/login", data={"password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_guesses_end_after_a_few(office: House) -> None:
    """After five wrong ones even the right one is too many; the audit has each, and no password."""
    for _ in range(MOST_GUESSES):
        assert log_in(office, "wrong password").status_code == 401
    assert log_in(office).status_code == 429
    told = [entry["reason"] for entry in entries(office) if "not let in" in str(entry["event"])]
    assert told == ["wrong password"] * MOST_GUESSES + ["too many guesses"]
    assert PASSWORD not in (office.settings.store.folder / "audit.jsonl").read_text()


def test_without_a_password_nobody_gets_in(house: House) -> None:
    """The page says how one is set."""
    assert log_in(house, "").status_code == 401
    assert "passbox viewer admin password" in house.browser.get("/admin/login").text


def test_logging_out_and_a_new_password_end_sessions(office: House) -> None:
    """The cookie opens nothing after either."""
    assert office.browser.get("/admin").status_code == 200
    press(office, "/admin/logout", "/admin")
    assert office.browser.get("/admin").status_code == 303
    log_in(office)
    set_password(office)
    assert office.browser.get("/admin").status_code == 303


@pytest.fixture
def admin(house: House) -> Iterator[tuple[Administrator, FakeClock]]:
    """The administrator alone, with a clock of the test's."""
    clock = FakeClock()
    admin = Administrator(house.running.inside.engine, clock)
    admin.set_password(kept_hash())
    yield admin, clock  # noqa: PT022  # the house ends after it


def test_sessions_end_by_the_clock(admin: tuple[Administrator, FakeClock]) -> None:
    """Half an hour without use ends one, eight hours end one that is used all the time."""
    desk, clock = admin
    idle, used = desk.log_in(PASSWORD, "a"), desk.log_in(PASSWORD, "a")
    assert isinstance(idle, str)
    assert isinstance(used, str)
    step = IDLE_SECONDS - 1
    for _ in range(WHOLE_SECONDS // step):
        clock.advance(timedelta(seconds=step))
        assert desk.session(used) is not None
    assert desk.session(idle) is None
    clock.advance(timedelta(seconds=step))
    assert desk.session(used) is None
    assert desk.session("ä") is None


def test_many_addresses_guess_no_more_than_fifty_times(
    admin: tuple[Administrator, FakeClock],
) -> None:
    """Together they are stopped too; time or a new password forgives."""
    desk, clock = admin
    found = [desk.log_in("x" * 300, f"10.0.0.{n}") for n in range(MOST_GUESSES_OF_ALL + 1)]
    assert found == [NoEntry.WRONG] * MOST_GUESSES_OF_ALL + [NoEntry.TOO_MANY]
    desk.set_password(kept_hash())
    assert isinstance(desk.log_in(PASSWORD, "10.9.9.9"), str)
    for _ in range(MOST_GUESSES):
        desk.log_in("x" * 300, "10.1.1.1")
    assert desk.log_in(PASSWORD, "10.1.1.1") is NoEntry.TOO_MANY
    clock.advance(timedelta(hours=1))
    assert isinstance(desk.log_in(PASSWORD, "10.1.1.1"), str)


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_a_password_is_long_enough(password: str) -> None:
    """Twelve characters at least, two hundred at most."""
    with pytest.raises(OrderRefused):
        passwords.hash_of(password)


def test_the_five_numbers_have_their_limits(office: House, medium: Path) -> None:
    """Volume, disk, people, decisions and the poller's last word are there, each with a limit."""
    office.visible(a_transfer(1), [an_image(medium)])
    office.visible(a_transfer(2), [an_image(medium)])
    with office.running.inside.engine.begin() as connection:
        failed = sa.update(TRANSFERS).where(TRANSFERS.c.id == a_transfer(2))
        connection.execute(failed.values(forward_state="failed"))
    quarantine(office, a_transfer(1))
    press(office, "/admin/receiver", "/admin/receiver", kind="refresh")
    assert set(answer_commands(office)) == {
        CommandKind.MONITOR, CommandKind.LIMITS, CommandKind.LISTS,
    }  # fmt: skip

    text = re.sub(r"<[^>]+>|\s+", " ", office.browser.get("/admin?lang=en").text)
    text = " ".join(text.split())

    for expected in (
        "Received today 31.0 GB", "limit of the day 80.0 GB", "Room on the disk",
        "Waiting for people 1", "the oldest for 0 of 30 days", "To be decided 2",
        "1 files in quarantine, 1 not completely in the PACS", "limit 300 s",
        "2 together, at most 2 in one day",
    ):  # fmt: skip
        assert expected in text, expected


def test_a_transfer_is_found_by_id_and_by_phone_code(office: House, medium: Path) -> None:
    """The beginning of the id, the code as it is read out, and nothing else find it."""
    wanted = a_transfer(0xABCD << 112)
    office.visible(wanted, [an_image(medium)])
    office.visible(a_transfer(2), [an_image(medium)])

    def found(words: str) -> set[str]:
        html = office.browser.get("/admin/transfers", params={"q": words}).text
        return set(re.findall(r"/admin/transfers/([0-9a-f]{32})", html))

    assert found("ABCD00") == {wanted}
    assert found(" 7k3m q9wd ") == {wanted, a_transfer(2)}
    assert found("7K3M-Q9WE") == set()
    assert found("abc") == found("%") == found("' OR 1=1 --") == set()
    assert found("") == {wanted, a_transfer(2)}


def test_a_transfers_page_tells_what_the_sender_saw_and_no_patient(
    office: House, medium: Path
) -> None:
    """States, links and history are there; name, id and birth date of the patient are not."""
    office.visible(a_transfer(), [an_image(medium)])
    press(office, "/admin/receiver", f"/admin/transfers/{a_transfer()}", kind="transfers")
    columns: dict[str, str | int | bool | None] = dict.fromkeys(
        ("destination", "source", "client", "total_bytes", "packs", "bytes_held", "waiting",
         "bytes_on_wire", "opened", "last_pack", "ended", "stop_reason")
    )  # fmt: skip
    row = columns | {"transfer": a_transfer(), "state": "closed"}
    answer_commands(office, transfers=(row,))

    html = office.browser.get(f"/admin/transfers/{a_transfer()}?lang=en").text

    for expected in ("Handed over completely", "Dr. Beispiel", ">closed", "visible", "7K3M-Q9WD"):
        assert expected in html
    for forbidden in ("Doe", "4711", "19620314", "1962"):
        assert forbidden not in html
    assert office.browser.get(f"/admin/transfers/{a_transfer(9)}").status_code == 404


def test_links_are_revoked_and_transfers_held_and_deleted_by_button(
    office: House, medium: Path
) -> None:
    """Each deed has its reason in the audit, by the administrator; without one nothing happens."""
    page = office.visible(a_transfer(), [an_image(medium)])
    here = f"/admin/transfers/{a_transfer()}"

    assert press(office, f"{here}/revoke", here, reason="  ").status_code == 400
    assert office.browser.get(page).status_code == 200
    assert press(office, f"{here}/revoke", here, reason="wrong person").status_code == 303
    assert office.browser.get(page).status_code == 404
    assert press(office, f"{here}/hold", here, reason="court").status_code == 303
    assert "Held: court" in office.browser.get(f"{here}?lang=en").text
    assert press(office, f"{here}/release", here, reason="over").status_code == 303
    assert press(office, f"{here}/delete", here, reason="gone").status_code == 400
    assert press(office, f"{here}/delete", here, reason="gone", sure="yes").status_code == 303
    html = office.browser.get(f"{here}?lang=en").text
    assert "Deleted" in html
    assert "Dr. Beispiel" not in html
    assert press(office, f"{here}/hold", "/admin/inboxes", reason="late").status_code == 404

    told = [(e["event"], e["author"], e["reason"]) for e in entries(office)]
    for expected in (
        ("links revoked", "admin", "wrong person"), ("held", "admin", "court"),
        ("no longer held", "admin", "over"), ("deleted", "admin", "gone"),
    ):  # fmt: skip
        assert expected in told


def test_a_quarantined_file_is_released_or_deleted_by_decision(office: House, medium: Path) -> None:
    """The poller gets the decision with who and why; a file not on the list is none."""
    office.visible(a_transfer(1), [an_image(medium)])
    finding = Finding("IMG/<b>3", FileKind.INSTANCE, FileResult.REFUSED, "truncated", 3)
    office.deliver(a_transfer(1), a_delivery(findings=(finding,)))
    quarantine(office, a_transfer(1), a_transfer(2))
    html = office.browser.get("/admin/quarantine?lang=en").text
    assert "IMG/&lt;b&gt;3" in html
    assert "ends in the middle" in html

    def decide(file: str, action: str, reason: str) -> httpx.Response:
        return press(
            office, "/admin/quarantine", "/admin/quarantine",
            file=file, action=action, reason=reason,
        )  # fmt: skip

    assert decide(f"{a_transfer(1)} 3", "release", "").status_code == 400
    assert decide(f"{a_transfer(1)} 99", "release", "r").status_code == 404
    assert decide("x y", "release", "r").status_code == 404
    assert decide(f"{a_transfer(1)} 3", "burn", "r").status_code == 404
    assert decide(f"{a_transfer(1)} 3", "release", "sender called").status_code == 303
    assert decide(f"{a_transfer(2)} 4", "delete", "empty").status_code == 303

    body = office.ask("GET", "/inner/v1/quarantine/decisions?after=0&wait=0").content
    first, second = parse_decisions(body)
    assert (first.action, first.author, first.reason) == (Action.RELEASE, "admin", "sender called")
    assert (second.transfer, second.index, second.action) == (a_transfer(2), 4, Action.DELETE)
    behind = f"/inner/v1/quarantine/decisions?after={first.sequence}&wait=0"
    assert parse_decisions(office.ask("GET", behind).content) == (second,)
    assert "release on its way" in office.browser.get("/admin/quarantine?lang=en").text
    quarantine(office)
    assert "The quarantine is empty" in office.browser.get("/admin/quarantine?lang=en").text


def test_a_change_at_the_receiver_shows_where_it_is(office: House) -> None:
    """On its way until the poller brought the answer; with author and reason in the audit."""
    here = "/admin/receiver"
    press(office, here, here, kind="refresh")
    answer_commands(office)
    shown = office.browser.get(f"{here}?lang=en").text
    assert "limits.day_bytes" in shown
    assert "192.0.2.0/24" in shown

    form = {"kind": "set limit", "name": "limits.day_bytes", "value": "7000000"}
    assert press(office, here, here, **form).status_code == 400
    answer = press(office, here, here, **form, reason="more discs")
    waiting = office.browser.get(answer.headers["location"]).text
    assert "on its way" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert answer_commands(office) == [CommandKind.SET_LIMIT]
    done = office.browser.get(answer.headers["location"]).text
    assert "<strong>done</strong>" in done
    assert 'http-equiv="refresh"' not in done
    *_, last = entries(office)
    assert (last["event"], last["author"], last["reason"]) == (
        "asked of the receiver: set limit", "admin", "more discs",
    )  # fmt: skip


CHANGES = (
    {"kind": "stop", "text": "back\r\nsoon"},
    {"kind": "resume"},
    {"kind": "reopen"},
    {"kind": "test alarm"},
    {"kind": "reset limit", "name": "limits.files"},
    {"kind": "add to list", "list": "allow", "network": "2001:db8::/32", "hours": "3"},
    {"kind": "add to list", "list": "block", "network": "192.0.2.1", "hours": ""},
    {"kind": "remove from list", "entry": "7"},
)
NO_COMMANDS = (
    {"kind": "launch"},
    {"kind": "set limit", "name": "x", "value": "many"},
    {"kind": "set limit", "name": "x\x00", "value": "3"},
    {"kind": "add to list", "list": "grey", "network": "192.0.2.1"},
    {"kind": "remove from list", "entry": "-1"},
)


def test_every_change_travels_and_nothing_else(office: House) -> None:
    """Each button becomes the command of its kind; words that are none are told so and kept out."""
    here = "/admin/receiver"
    for form in CHANGES:
        answer = press(office, here, here, **form, reason="because")
        assert answer.status_code == 303, form
        assert [kind.value for kind in answer_commands(office)] == [form["kind"]]
        assert "done" in office.browser.get(answer.headers["location"]).text
    for form in NO_COMMANDS:
        assert press(office, here, here, **form, reason="r").status_code == 400, form
        assert answer_commands(office) == []


def test_an_inbox_link_is_made_by_button_and_shown_once(office: House) -> None:
    """The answer shows it, the next page does not; it opens the inbox."""
    answer = press(
        office, "/admin/inboxes", "/admin/inboxes", deed="make", department="Augen", reason="new"
    )
    (token,) = re.findall(r"/inbox/([\w-]{22})<", answer.text)
    assert office.browser.get(f"/inbox/{token}").status_code == 200
    assert token not in office.browser.get("/admin/inboxes").text
    press(office, "/admin/inboxes", "/admin/inboxes", deed="revoke", department="augen", reason="x")
    assert office.browser.get(f"/inbox/{token}").status_code == 404


def test_a_broken_chain_is_told(office: House) -> None:
    """The audit's page says whether the chain is whole."""
    assert "The chain is whole" in office.browser.get("/admin/audit?lang=en").text
    path = office.settings.store.folder / "audit.jsonl"
    path.write_text(path.read_text().replace("first", "other", 1))
    assert "broken at line 1" in office.browser.get("/admin/audit?lang=en").text
