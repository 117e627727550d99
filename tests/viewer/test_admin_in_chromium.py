"""The administrator's pages and the inbox as a person has them: keyboard, languages, no script."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from passbox_viewer import links
from passbox_viewer.orders import OrderKind
from passbox_wire.inner.admin import CommandAnswer, Outcome, Row, parse_commands
from passbox_wire.inner.quarantine import Action, parse_decisions
from passbox_wire.inner.viewer import Finding
from passbox_wire.inventory import FileKind
from passbox_wire.receipts import FileResult
from tests.viewer.house import House, a_delivery, a_transfer
from tests.viewer.images import an_image
from tests.viewer.office import (
    LISTS,
    MONITOR,
    PASSWORD,
    answer_commands,
    log_in,
    press,
    quarantine,
    set_password,
)
from tests.viewer.payloads import PAYLOADS, tainted_series

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.parts

CONTROL = re.compile(r"[\x00-\x1f]")
LINES = [CONTROL.sub(" ", payload) for payload in PAYLOADS]
"""What a line of the contract can hold of each."""
MOST_TABS = 60


def origin(house: House) -> str:
    """Return where the pages are."""
    return str(house.browser.base_url).rstrip("/")


def enter(page: "Page") -> None:
    """Log in by keyboard, once the form has the focus by itself."""
    page.locator("input[name=password]:focus").wait_for()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin?**")


def tab_to(page: "Page", words: str) -> None:
    """Press Tab until the focus is on what is called so, each time where it can be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            """() => { const e = document.activeElement;
            return [e.getAttribute('aria-label') || (e.labels && e.labels[0] || e).innerText,
            getComputedStyle(e).outlineStyle]; }"""
        )
        if words in (name or ""):
            assert outline != "none"
            return
    pytest.fail(f"{words} cannot be reached by keyboard")


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Quarantine", "Reason", "Release: ", "release on its way", "Log out")),
        ("de", ("Quarantäne", "Grund", "Freigeben: ", "Freigabe unterwegs", "Abmelden")),
    ],
)
def test_a_file_is_released_by_keyboard_alone(
    house: House, page: "Page", lang: str, words: tuple[str, ...]
) -> None:
    """From the login to the decision and out again, without a mouse and with a visible focus."""
    part, reason, release, done, out = words
    set_password(house)
    quarantine(house, a_transfer())
    page.goto(f"{origin(house)}/admin?lang={lang}")
    assert page.locator("html").get_attribute("lang") == lang
    enter(page)
    assert page.locator("ul.numbers li").count() == 5
    assert page.locator("svg.chart rect").count() == 90

    tab_to(page, part)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/quarantine?**")
    tab_to(page, reason)
    page.keyboard.type("sender called")
    tab_to(page, release)
    page.keyboard.press("Enter")
    page.get_by_text(done).wait_for()
    tab_to(page, out)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/login?**")

    body = house.ask("GET", "/inner/v1/quarantine/decisions?after=0&wait=0").content
    (decision,) = parse_decisions(body)
    assert (decision.action, decision.reason) == (Action.RELEASE, "sender called")


@pytest.mark.parametrize("lang", ["de", "en"])
def test_no_page_is_wider_than_the_window(
    house: House, page: "Page", medium: Path, lang: str
) -> None:
    """On a small laptop every page of the administrator fits from left to right."""
    house.visible(a_transfer(), [an_image(medium)])
    set_password(house)
    quarantine(house, a_transfer())
    page.goto(f"{origin(house)}/admin?lang={lang}")
    enter(page)
    page.set_viewport_size({"width": 1024, "height": 700})
    parts = ("", "/transfers", f"/transfers/{a_transfer()}", "/quarantine", "/receiver",
             "/inboxes", "/audit")  # fmt: skip
    for part in parts:
        page.goto(f"{origin(house)}/admin{part}?lang={lang}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1024, part


def test_no_word_from_outside_is_executed_on_any_page(
    house: House, page: "Page", medium: Path
) -> None:
    """50 payloads in every shown place: 0 run, nothing is fetched from elsewhere."""
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    study = house.visible(
        a_transfer(99), [one for n in range(len(PAYLOADS)) for one in tainted_series(medium, n)]
    )
    _taint_transfers(house)
    _taint_receiver(house)
    base = origin(house)
    page.goto(f"{base}/admin?lang=en")
    enter(page)
    parts = ("", "/transfers", "/quarantine", "/receiver", "/inboxes", "/audit")
    paths = [study, _inbox(house), _refused_command(house)]
    paths += [f"/admin{part}" for part in parts]
    paths += [f"/admin/transfers/{a_transfer(n + 1)}" for n in range(0, len(PAYLOADS), 10)]
    for path in paths:
        page.goto(f"{base}{path}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hit") is None, path
    for path, last in ((study, PAYLOADS[0]), ("/admin/quarantine", LINES[0])):
        page.goto(f"{base}{path}")
        assert last in page.locator("body").inner_text(), path

    assert [address for address in addresses if not address.startswith(base)] == []


def _taint_transfers(house: House) -> None:
    for number, text in enumerate(LINES, 1):
        transfer = a_transfer(number)
        house.register(transfer, name=text, email=text, phone=text, message=text)
        finding = Finding(text, FileKind.PDF, FileResult.REFUSED, text[:64], 2 + number)
        house.deliver(transfer, a_delivery(findings=(finding,)))
    quarantine(house, *(a_transfer(n + 1) for n in range(len(LINES))), reason=LINES[3][:64])


def _taint_receiver(house: House) -> None:
    set_password(house)
    log_in(house)
    press(house, "/admin/receiver", "/admin/receiver", kind="refresh")
    lists: tuple[Row, ...] = tuple(
        {**LISTS[0], "id": n, "kind": text, "network": text, "comment": text, "author": text}
        for n, text in enumerate(LINES)
    )
    answer_commands(house, monitor=({**MONITOR, "text": LINES[0]},), lists=lists)
    press(
        house, "/admin/inboxes", "/admin/inboxes",
        deed="make", department=LINES[0], reason=LINES[1],
    )  # fmt: skip


def _refused_command(house: House) -> str:
    """Return the page of a command that was refused with a payload for a reason."""
    answer = press(
        house, "/admin/receiver", "/admin/receiver",
        kind="add to list", list="block", network=LINES[5][:64], reason=LINES[6],
    )  # fmt: skip
    for command in parse_commands(house.ask("GET", "/inner/v1/commands?wait=0").content):
        body = CommandAnswer(command.id, Outcome.REFUSED, LINES[7]).encode()
        house.ask("PUT", f"/inner/v1/commands/{command.id}/answer", body)
    return str(answer.headers["location"])


def _inbox(house: House) -> str:
    token = links.new_token(lambda size: b"i" * size)
    house.running.rooms.office.orders.obey(
        OrderKind.MINT_INBOX, "Radiologie", links.hash_of(token).hex(), author="a", reason="r"
    )
    return f"/inbox/{token}"


def test_the_inbox_opens_a_transfer_by_keyboard(house: House, page: "Page", medium: Path) -> None:
    """Tab to the button, Enter, and the images are there."""
    house.visible(a_transfer(), [an_image(medium)])
    page.goto(f"{origin(house)}{_inbox(house)}?lang=en")
    tab_to(page, "Open: ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/s/**")
    assert "Doe, Jane" in page.locator("h1").inner_text()
