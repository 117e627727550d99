"""The demo's clinician: opens the link of the mail, looks, and presses the button.

Plain HTTP and the forms of the page, nothing that a person with a browser could not do.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

import requests

from passbox.errors import DemoFailed

_LINK: Final = re.compile(r"https?://[^\s<>\"']+")
_SECONDS: Final = 30


def links_in(text: str) -> list[str]:
    """Return the different links in a text, in the order they stand there."""
    return list(dict.fromkeys(_LINK.findall(text)))


@dataclass(slots=True)
class _Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """The POST forms of a page; of several buttons the first counts, as Enter would press it."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._open: _Form | None = None
        self._pressed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form" and attributes.get("method", "").lower() == "post":
            self._open, self._pressed = _Form(attributes.get("action", "")), False
            self.forms.append(self._open)
        elif self._open is None or "name" not in attributes:
            return
        elif tag == "input":
            self._open.fields[attributes["name"]] = attributes.get("value", "")
        elif tag == "button" and not self._pressed:
            self._pressed = True
            self._open.fields[attributes["name"]] = attributes.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


class Clinician:
    """One person with one link."""

    def __init__(self, link: str) -> None:
        self.link: Final = link
        self._browser = requests.Session()
        self._browser.trust_env = False

    def look(self) -> str:
        """Return the page; raise DemoFailed when it does not open."""
        answer = self._browser.get(self.link, timeout=_SECONDS)
        if answer.status_code != requests.codes.ok:
            raise DemoFailed(f"The link in the mail does not open: HTTP {answer.status_code}.")
        return answer.text

    def forward(self) -> None:
        """Press "forward to PACS"; nothing is pressed where the page has no such button."""
        forms = _Forms()
        forms.feed(self.look())
        for form in forms.forms:
            if form.action.endswith("/forward"):
                self._press(form)
                return

    def _press(self, form: _Form) -> None:
        answer = self._browser.post(
            urljoin(self.link, form.action), data=form.fields, timeout=_SECONDS
        )
        if answer.status_code >= requests.codes.bad_request:
            raise DemoFailed(f"The page refused to forward: HTTP {answer.status_code}.")
