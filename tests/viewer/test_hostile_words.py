"""500 names of senders on the study page: text, and nothing but text."""

import re
from html.parser import HTMLParser
from pathlib import Path

from passbox_wire.inner.viewer import Finding
from passbox_wire.inventory import FileKind
from passbox_wire.receipts import FileResult
from tests.builders.hostile_words import hostile_names
from tests.viewer.house import House, a_delivery, a_transfer
from tests.viewer.images import an_image

A_PAGE = 200
"""Findings that a page shows."""
ADDRESSES = frozenset({"href", "src", "srcset", "action", "formaction", "style", "content"})


class Structure(HTMLParser):
    """Everything on a page that does something: tags, attributes' names, addresses."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[object] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = tuple(name for name, _ in attrs)
        self.found.append((tag, names, tuple(v for n, v in attrs if n in ADDRESSES)))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("declaration", decl))


def structure(house: House, medium: Path, number: int, names: list[str]) -> list[object]:
    """Return the structure of a page on which all of ``names`` stand, less its own link."""
    findings = tuple(
        Finding(name, FileKind.UNIDENTIFIED, FileResult.REFUSED, "truncated", index)
        for index, name in enumerate(names)
    )
    shown = next(name for name in names if name.isprintable())
    sender = dict.fromkeys(("name", "email", "phone", "message"), shown)
    transfer = a_transfer(number)
    image = an_image(medium, 1, name=shown[:60], StudyDescription=shown[:60])
    page = house.visible(transfer, [image], **sender)
    house.deliver(transfer, a_delivery(delivered=1, findings=findings))
    html = house.browser.get(page, params={"lang": "en"}).text
    token = page.rsplit("/", 1)[1]
    own = re.compile(rf"{re.escape(token)}|(?<=/images/)\d+")
    return [own.sub("", repr(part)) for part in Structure(html).found]


def test_no_name_of_500_becomes_a_link_or_a_tag(house: House, medium: Path) -> None:
    """Pages with hostile names have exactly the tags and addresses of pages with harmless ones."""
    hostile = [name.replace("\0", "") for name in hostile_names(500)]
    for number, start in enumerate(range(0, len(hostile), A_PAGE)):
        names = hostile[start : start + A_PAGE]
        harmless = [f"name{index:03}" for index in range(len(names))]
        expected = structure(house, medium, 2 * number + 1, harmless)
        assert structure(house, medium, 2 * number + 2, names) == expected


def test_the_comparison_sees_unescaped_names() -> None:
    """The test above sees what it is about: names put into a page as they are change it."""
    harmless = Structure("<p>name</p>").found
    changed = [n for n in hostile_names(500) if Structure(f"<p>{n}</p>").found != harmless]
    assert len(changed) >= 100
