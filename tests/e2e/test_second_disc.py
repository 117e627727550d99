"""Two discs as one transfer through whole programs, with a break, and the report that stays."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from passbox.demo.clinician import Clinician
from tests.client.media import an_image, write
from tests.e2e.awaiting import eventually
from tests.e2e.command import passbox, send, sending
from tests.e2e.hospital import Hospital

# fmt: off
FIRST = {f"A/I{n}": an_image(n, side=700, uid_root="1.2.826.0.1.77.1") for n in range(1, 6)}
SECOND = {f"B/I{n}": an_image(n, side=700, uid_root="1.2.826.0.1.77.2") for n in range(1, 6)}
# fmt: on


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A hospital with a PACS, to which the sender's line can be held."""
    with Hospital(tmp_path_factory.mktemp("discs"), with_lines=True) as hospital:
        yield hospital.start("pacs", "receiver", "viewer", "poller")


@pytest.mark.parts
def test_two_discs_and_a_break_are_one_transfer(
    hospital: Hospital, tmp_path: Path, page: Page
) -> None:
    """Killed on the second disc, gone on with by it alone; one link, one page, one receipt.

    The report is saved as PDF and JSON, and a look-up by the code follows the images to the PACS.
    """
    first, second = write(tmp_path / "one", FIRST), write(tmp_path / "two", SECOND)
    state = tmp_path / "state"
    hospital.lines.to_receiver.hold_after(220_000)  # in the second: both are 294 kB
    with sending(hospital, first, "--more-media", second, state=state) as client:
        hospital.lines.to_receiver.await_held()
        client.kill()
    hospital.lines.to_receiver.release()
    saved = [tmp_path / "report.pdf", tmp_path / "report.json"]
    more = ("--resume", "--more-media", second, "--report", saved[0], "--report", saved[1])
    said = send(hospital, first, *more, state=state)

    assert said.code == 0, (said.sentences, said.printed)
    assert [(s["delivered"], s["claimed"]) for s in said.json["studies"]] == [(5, 5), (5, 5)]
    assert len(hospital.transfers()) == 1
    assert len(hospital.stored(said.json["transfer"])) == 10
    link = hospital.next_link()
    page.goto(f"{link}?lang=en")
    assert "10" in page.locator("body").inner_text()
    report = json.loads(saved[1].read_text())
    assert saved[0].read_bytes().startswith(b"%PDF")
    assert [study["medium"] for study in report["studies"]] == [1, 2]
    assert {file["result"] for file in report["files"]} == {"delivered"}
    assert [stage["standing"] for stage in report["stages"]] == ["done", "done", "open"]

    Clinician(link).forward()
    later = tmp_path / "later.json"
    profile = ("--profile", hospital.rooms.profile, "--lang", "en", "--state", state)

    def in_pacs() -> str | None:
        told = passbox("receipt", report["receipt_code"], *profile, "--report", later)
        assert told.code == 0, told.sentences
        steps = {s["step"]: s["standing"] for s in json.loads(later.read_text())["stages"]}
        return told.printed if steps["in PACS"] == "done" else None

    printed = eventually(in_pacs, "the images to be in the PACS")
    assert "✓ In the hospital's image archive (PACS): 10 of 10 images" in printed


def test_a_report_that_cannot_be_saved_stops_it_before(hospital: Hospital, tmp_path: Path) -> None:
    """A name that is neither PDF nor JSON is refused before anything is sent, exit code 2."""
    before = len(hospital.transfers())
    disc = write(tmp_path / "disc", FIRST)
    said = send(hospital, disc, "--report", tmp_path / "report.txt")
    assert said.code == 2
    assert "ends in .pdf or .json" in said.sentences
    assert len(hospital.transfers()) == before
