"""`passbox scan` as it is typed: sentences, JSON, the page to print, exit codes."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from passbox_client.errors import ExitCode
from tests.discs.making import write
from tests.discs.register import MAKERS
from tests.discs.slices import files, series
from tests.e2e.command import Said, passbox
from tests.parts.chromium import grey_levels

COUNTS = ("instances_found", "listed", "listed_missing", "unlisted", "unreadable")


def passbox_scan(*words: str | Path, cold: bool = False) -> Said:
    """Run `passbox scan` with these words."""
    return passbox("scan", *words, cold=cold)


def test_the_json_has_counts_lists_and_seconds(tmp_path: Path) -> None:
    """Five counts, three lists, findings with code, severity, sentence and paths, seconds."""
    disc = MAKERS["half_copied"](tmp_path / "disc")
    done = passbox_scan(disc, "--json", "--lang", "en", cold=True)
    said = json.loads(done.printed)
    assert done.code == ExitCode.ALL
    assert [said[name] for name in COUNTS] == [4, 7, 3, 0, 0]
    assert [patient["name"] for patient in said["patients"]] == ["Doe^Jane"]
    assert [study["instances"] for study in said["studies"]] == [4]
    finding = said["findings"][0]
    assert (finding["code"], finding["severity"]) == ("listed_missing", "loss")
    assert finding["paths"] == [f"B/IM00000{n}" for n in (1, 2, 3)]
    assert finding["sentence"].startswith("3 files are in the disc's table of contents")
    assert said["seconds"] > 0


def test_the_report_begins_with_the_verdict(tmp_path: Path) -> None:
    """How much there is and whether something is missing stand on top, the table below."""
    done = passbox_scan(MAKERS["half_copied"](tmp_path / "disc"), "--lang", "de")
    first, second, *rest = done.printed.splitlines()
    assert first.startswith("4 Bilder in 1 Untersuchung, 1 Patient")
    assert second == "Achtung: Etwas fehlt oder ist beschädigt."
    assert any(line.strip().startswith("Untersuchung") and "gelistet" in line for line in rest)


def test_a_disc_without_images_ends_with_3(tmp_path: Path) -> None:
    """No image, and no disc: a sentence on standard error and the exit code for media."""
    for medium in (MAKERS["only_photos"](tmp_path / "disc"), tmp_path / "gone"):
        done = passbox_scan(medium, "--lang", "en")
        assert done.code == ExitCode.MEDIUM
        assert done.sentences.strip()
        assert "Traceback" not in done.sentences


def test_nothing_a_terminal_obeys_is_printed(tmp_path: Path) -> None:
    """Names of files and people with escapes and line ends are shown without them."""
    for name in ("names_to_deceive", "texts_to_deceive"):
        for options in ([], ["--json"]):
            done = passbox_scan(MAKERS[name](tmp_path / f"{name}{len(options)}"), *options)
            assert done.code == ExitCode.ALL
            assert not set(done.printed) & set("\x1b\u202e\x07\r")


def test_a_password_is_taken(tmp_path: Path) -> None:
    """--password opens a locked ZIP."""
    medium = MAKERS["locked_zip"](tmp_path / "disc")
    done = passbox_scan(medium, "--password", "geheim", "--json")
    assert json.loads(done.printed)["instances_found"] == 3


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Return the page of a disc whose texts try to be markup."""
    disc = MAKERS["texts_to_deceive"](tmp_path / "disc")
    write(disc, files(series(3), "OTHER"))
    html = tmp_path / "report.html"
    assert passbox_scan(disc, "--html", html, "--lang", "de").code == ExitCode.ALL
    return html


def test_the_page_shows_a_picture_of_each_series(report: Path, page: Page) -> None:
    """Each series has its picture; the browser asks for nothing and runs nothing."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.goto(report.as_uri())
    pictures = page.locator("figure img")
    assert pictures.count() == 2
    assert grey_levels(pictures.first) > 20
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.locator("script, body img[src=x]").count() == 0
    assert "<script>alert(1)</script>" in page.locator("body").inner_text()


def test_the_page_fits_on_a_sheet(tmp_path: Path, page: Page) -> None:
    """A usual disc prints on one page of A4."""
    html = tmp_path / "report.html"
    passbox_scan(MAKERS["half_copied"](tmp_path / "disc"), "--html", html)
    page.goto(html.as_uri())
    pdf = page.pdf(format="A4", print_background=True)
    assert pdf.count(b"/Type /Page") - pdf.count(b"/Type /Pages") == 1


def test_a_page_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A folder that is not there ends with a sentence and the exit code for usage."""
    disc = MAKERS["proper_disc"](tmp_path / "disc")
    done = passbox_scan(disc, "--html", tmp_path / "gone" / "report.html")
    assert done.code == ExitCode.USAGE
    assert "Traceback" not in done.sentences
