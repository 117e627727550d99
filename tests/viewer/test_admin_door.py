"""Who gets to the administrator's pages, for how long, and which page is behind which door."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute

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
from passbox_viewer.tables import METADATA
from tests.builders.clocks import FakeClock
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import an_image
from tests.viewer.office import (
    PASSWORD,
    csrf_of,
    entries,
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
