"""Pressing the button as the page has it."""

import re

from tests.viewer.house import House


def press(
    house: House,
    page: str,
    *,
    confirm: str | None = None,
    answer: str = "already there",
    pacs: str = "PACS",
) -> int:
    """Press the button as the page has it and return the status of the answer."""
    fields = {"confirm_existing": confirm, "answer": answer} if confirm is not None else {}
    return ask(house, page, pacs=pacs, **fields)[0]


def ask(house: House, page: str, **fields: str) -> tuple[int, str]:
    """Post the button's form with these fields besides; return status and text in English."""
    html = house.browser.get(page).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', html)
    form = {"pacs": "PACS", "csrf": csrf[1] if csrf else "", "lang": "en"} | fields
    response = house.browser.post(f"{page}/forward", data=form)
    return response.status_code, response.text


def confirmed(html: str) -> str:
    """Return the digest of the question on a page."""
    found = re.search(r'name="confirm_existing" value="([0-9a-f]{64})"', html)
    assert found
    return found[1]


def last_event(house: House) -> int:
    """Return where the events stand."""
    return max(event.sequence for event in house.events())
