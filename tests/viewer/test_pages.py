import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from passbox_base import audit
from passbox_viewer.tables import LINKS
from passbox_viewer.texts import LANGUAGES, Texts, chosen_language
from passbox_wire.inner.viewer import Finding
from passbox_wire.inventory import FileKind
from passbox_wire.receipts import FileResult
from tests.viewer.house import House, a_delivery, a_transfer
from tests.viewer.images import an_image
from tests.viewer.objects import a_report

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"
PNG = b"\x89PNG\r\n\x1a\n"


def first_picture(html: str) -> str:
    """Return the address of the picture on the stage."""
    found = re.search(r'id="picture" src="([^"]+)"', html)
    assert found
    return found[1].replace("&amp;", "&")


def test_the_page_says_whose_images_these_are(house: House, medium: Path) -> None:
    """Patient, sender, phone code, series and the warning are on the page."""
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2, 3)])

    html = house.browser.get(page, params={"lang": "en"}).text

    for expected in (
        "not for primary diagnosis", "Doe, Jane",
        "Mar 14, 1962", "4711", "Dr. Beispiel", "praxis@example.org", "7K3M-Q9WD", "Thorax", "Lung",
        "3 images", "The images stay here until",
    ):  # fmt: skip
        assert expected in html


def test_what_is_missing_is_said(house: House, medium: Path) -> None:
    """No birth date, no patient ID and objects without a picture are told in words."""
    files = [an_image(medium, PatientBirthDate="", PatientID=""), a_report(medium)]
    page = house.visible(a_transfer(), files)

    html = "".join(
        house.browser.get(page, params={"lang": "en", "series": number}).text for number in (0, 1)
    )

    for expected in (
        "birth date missing", "patient ID missing", "1 image", "1 object, no image",
        "Not an image but a report",
    ):  # fmt: skip
        assert expected in html


def test_the_first_picture_needs_no_script(house: House, medium: Path) -> None:
    """The page holds an ordinary picture that is drawn by the server."""
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2, 3)])

    picture = house.browser.get(first_picture(house.browser.get(page).text))

    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(PNG)


def test_a_window_changes_the_picture(house: House, medium: Path) -> None:
    """Another window draws another picture; without one the image's own is used."""
    page = house.visible(a_transfer(), [an_image(medium)])
    address = first_picture(house.browser.get(page).text)

    own = house.browser.get(address)
    narrow = house.browser.get(f"{address}&center=100&width=50")

    assert narrow.status_code == 200
    assert own.content != narrow.content


@pytest.mark.parametrize("token", ["AAAAAAAAAAAAAAAAAAAAAA", "x", "..%2f..", "A" * 5000])
def test_a_wrong_link_is_a_wrong_address(house: House, token: str) -> None:
    """Unknown, misshapen and long tokens all get the same page as any wrong address."""
    wrong, nowhere = house.browser.get(f"/s/{token}"), house.browser.get("/nowhere")

    assert (wrong.status_code, wrong.text) == (404, nowhere.text)


def test_an_expired_link_is_a_wrong_address(house: House, medium: Path) -> None:
    """The page says until when it opens; after that it is no page, nor are its pictures."""
    page = house.visible(a_transfer(), [an_image(medium)])
    html = house.browser.get(page, params={"lang": "en"}).text
    assert "This link works until" in html

    month = 30 * 24 * 60 * 60
    with house.running.inside.engine.begin() as connection:
        connection.execute(sa.update(LINKS).values(minted=LINKS.c.minted - month))

    assert house.browser.get(page).status_code == 404
    assert house.browser.get(first_picture(html)).status_code == 404


def test_a_link_opens_its_own_transfer_only(house: House, medium: Path) -> None:
    """A picture number of another transfer is a wrong address."""
    house.visible(a_transfer(1), [an_image(medium)])
    page = house.visible(a_transfer(2), [an_image(medium)])
    (foreign,) = house.instances(a_transfer(1))
    (own,) = house.instances(a_transfer(2))

    assert house.browser.get(f"{page}/images/{own.number}.png").status_code == 200
    assert house.browser.get(f"{page}/images/{foreign.number}.png").status_code == 404


def test_every_answer_carries_the_policy(house: House, medium: Path) -> None:
    """Pages, pictures, refusals and static files forbid foreign and inline content and caching."""
    page = house.visible(a_transfer(), [an_image(medium)])
    picture = first_picture(house.browser.get(page).text)

    for address in ("/", page, picture, "/nowhere", "/static/page.js", f"{page}/progress"):
        answer = house.browser.get(address)
        assert answer.headers["content-security-policy"].startswith(POLICY), address
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "no-store" in answer.headers["cache-control"]


def test_the_page_has_no_inline_script_or_style(house: House, medium: Path) -> None:
    """Nothing on the page needs the policy to be weaker."""
    html = house.browser.get(house.visible(a_transfer(), [an_image(medium)])).text

    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", html)


def test_a_look_is_in_the_audit_and_changes_nothing(house: House, medium: Path) -> None:
    """GET writes that somebody looked, and neither state nor events change."""
    page = house.visible(a_transfer(), [an_image(medium)])
    before, events = house.read(a_transfer()), house.events()

    house.browser.get(page)

    chain = audit.entries(house.settings.store.folder / "audit.jsonl")
    assert [entry["event"] for entry in chain] == ["visible", "looked at"]
    assert house.read(a_transfer()) == before
    assert house.events() == events


@pytest.mark.parametrize(("accepted", "expected"), [("en-GB,en;q=0.9", "en"), ("fr, de", "de")])
def test_the_language_is_the_readers(
    house: House, medium: Path, accepted: str, expected: str
) -> None:
    """The browser's language is taken, German otherwise; ?lang= wins."""
    page = house.visible(a_transfer(), [an_image(medium)])

    answer = house.browser.get(page, headers={"Accept-Language": accepted})
    other = house.browser.get(
        page, headers={"Accept-Language": accepted}, params={"lang": Texts(expected).other}
    )

    assert f'<html lang="{expected}">' in answer.text
    assert f'<html lang="{Texts(expected).other}">' in other.text


def test_an_unknown_language_is_german() -> None:
    """Whoever asks for a language that is not there gets German."""
    assert chosen_language("xx", "") == "de"
    assert set(LANGUAGES) == {"de", "en"}


def test_an_attachment_is_a_download_that_no_browser_opens(house: House, medium: Path) -> None:
    """Kept files leave as octet streams under a name of ours, sandboxed."""
    page = house.visible(a_transfer(), [an_image(medium)])
    house.attach(a_transfer(), 7, b"%PDF-1.7 <script>alert(1)</script>")
    kept = Finding("Brief.pdf", FileKind.PDF, FileResult.KEPT, "not an image", 7)
    house.deliver(a_transfer(), a_delivery(delivered=1, findings=(kept,)))

    assert "Brief.pdf" in house.browser.get(page).text
    answer = house.browser.get(f"{page}/attachments/7")

    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="attachment-7.pdf"'
    assert "sandbox" in answer.headers["content-security-policy"]
    assert house.browser.get(f"{page}/attachments/8").status_code == 404


def test_several_patients_are_a_loud_question(house: House, medium: Path) -> None:
    """Two patients in one transfer are said so and never merged, even with one Patient ID."""
    images = [
        an_image(medium, 1),
        an_image(medium, 2, name="Roe^Richard", series="1.2.826.0.1.3680043.10.2"),
    ]

    html = house.browser.get(house.visible(a_transfer(), images), params={"lang": "en"}).text

    assert "2 different patients" in html
    assert "Doe, Jane" in html
    assert "Roe, Richard" in html


def test_what_cannot_be_drawn_is_a_sign_not_a_fault(house: House, medium: Path) -> None:
    """An image without usable pixels gets a placeholder with an error status."""
    page = house.visible(a_transfer(), [an_image(medium)])
    (row,) = house.instances(a_transfer())

    answer = house.browser.get(f"{page}/images/{row.number}.png", params={"frame": 99})

    assert (answer.status_code, answer.headers["content-type"]) == (422, "image/svg+xml")


def test_a_button_of_a_foreign_page_does_nothing(house: House, medium: Path) -> None:
    """Without the page's own token, or sent from another origin, nothing happens."""
    page = house.visible(a_transfer(), [an_image(medium)])
    before = house.read(a_transfer())

    for form in ({}, {"csrf": "00" * 32, "pacs": "PACS"}):
        assert house.browser.post(f"{page}/forward", data=form).status_code == 403

    assert house.read(a_transfer()) == before


@pytest.mark.parametrize(
    ("lang", "words"), [("de", "endet mittendrin"), ("en", "ends in the middle")]
)
def test_reasons_are_words_of_the_readers_language(
    house: House, medium: Path, lang: str, words: str
) -> None:
    """A stable word of the poller is told in a sentence; one we do not know stays as it is."""
    page = house.visible(a_transfer(), [an_image(medium)])
    found = [
        Finding("A", FileKind.INSTANCE, FileResult.REFUSED, reason)
        for reason in ("truncated", "a new <reason>")
    ]
    house.deliver(a_transfer(), a_delivery(findings=tuple(found)))

    html = house.browser.get(page, params={"lang": lang}).text

    assert words in html
    assert "truncated" not in html
    assert "a new &lt;reason&gt;" in html
