"""Pressing the button as the page has it."""

import re

from tests.viewer.house import House


def press(house: House, page: str, *, confirm: str | None = None, pacs: str = "PACS") -> int:
    """Press the button as the page has it and return the status of the answer."""
    html = house.browser.get(page).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', html)
    form = {"pacs": pacs, "csrf": csrf[1] if csrf else ""}
    if confirm is not None:
        form["confirm_existing"] = confirm
    return house.browser.post(f"{page}/forward", data=form).status_code


def last_event(house: House) -> int:
    """Return where the events stand."""
    return max(event.sequence for event in house.events())
