"""The house's login in front of the pages, as a proxy's header says it."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from passbox_base import audit
from passbox_viewer.settings import Login
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import an_image

HEADER = "X-Remote-User"
HERE, ELSEWHERE = ip_network("127.0.0.0/8"), ip_network("192.0.2.7/32")


def _authors(house: House) -> list[object]:
    chain = audit.entries(house.settings.store.folder / "audit.jsonl")
    return [entry["author"] for entry in chain if entry["event"] == "looked at"]


def test_the_proxys_user_is_who_looked(tmp_path: Path, medium: Path) -> None:
    """From a configured proxy the header names who looks; names that are none are nobody."""
    login = Login(header=HEADER, proxies=(HERE,))
    with running_house(tmp_path, login=login) as house:
        page = house.visible(a_transfer(), [an_image(medium)])
        for name in ("anna", "CLINIC\\otto", "x y", "a" * 65, ""):
            assert house.browser.get(page, headers={HEADER: name}).status_code == 200
        house.browser.get(page, headers=[(HEADER, "anna"), (HEADER, "otto")])
        authors = _authors(house)

    assert authors == ["anna", "CLINIC\\otto", *["holder of the link"] * 4]


def test_from_anywhere_else_the_header_is_nothing(tmp_path: Path, medium: Path) -> None:
    """A header that no configured proxy set neither names nor lets in anybody."""
    login = Login(header=HEADER, proxies=(ELSEWHERE,), required=True)
    with running_house(tmp_path, login=login) as house:
        page = house.visible(a_transfer(), [an_image(medium)])
        answer = house.browser.get(page, headers={HEADER: "anna"}, params={"lang": "en"})
        authors = _authors(house)

    assert (answer.status_code, authors) == (403, [])
    assert "log in" in answer.text
    assert "Doe" not in answer.text


def test_where_the_login_is_required_the_link_alone_opens_nothing(
    tmp_path: Path, medium: Path
) -> None:
    """Page, pictures and buttons want link and login; with both they open."""
    login = Login(header=HEADER, proxies=(HERE,), required=True)
    with running_house(tmp_path, login=login) as house:
        page = house.visible(a_transfer(), [an_image(medium)])
        number = house.instances(a_transfer())[0].number
        paths = [page, f"{page}/images/{number}.png", f"{page}/progress"]
        without = [house.browser.get(path).status_code for path in paths]
        pressed = house.browser.post(f"{page}/forward").status_code
        named = [house.browser.get(p, headers={HEADER: "anna"}).status_code for p in paths]
        guessed = house.browser.get("/s/" + "A" * 22, headers={HEADER: "anna"}).status_code

    assert (without, pressed) == ([403, 403, 403], 403)
    assert (named, guessed) == ([200, 200, 200], 404)


def test_a_header_without_proxies_is_a_fault_of_the_settings() -> None:
    """A header anybody could send, and a login without a header, are refused at the start."""
    for wrong in ({"header": HEADER}, {"required": True}):
        with pytest.raises(ValidationError):
            Login.model_validate(wrong)
