"""A transfer that stands still, through the real programs: told, released, shown, completed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from passbox.demo.journey import mail_text
from passbox_base.audit import entries
from tests.e2e.awaiting import DEADLINE, eventually
from tests.e2e.command import passbox, send, sending
from tests.e2e.hospital import Hospital

DEPARTMENT = "Chirurgie"
HALF = 1_500_000
EVENT = "released as far as it came"


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    """A hospital that calls a second without a pack a standstill."""
    settings = {"poller": "[notify]\nstandstill_seconds = 1\n"}
    with Hospital(tmp_path / "hospital", settings, with_lines=True) as hospital:
        yield hospital.start("receiver", "viewer", "poller")


def pressed(page: requests.Response, path: str, **form: str) -> requests.Response:
    """Send a form of a page, as a browser does."""
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert csrf, page.text
    address = f"{page.url.partition('?')[0]}/{path}"
    return requests.post(address, data={"csrf": csrf[1], "lang": "en"} | form, timeout=DEADLINE)


def test_the_ward_releases_what_is_there(hospital: Hospital, ct: Path, tmp_path: Path) -> None:
    """From the mail by way of the inbox to the images; both audits say who, and the rest comes."""
    line, state = hospital.lines.to_receiver, tmp_path / "state"
    line.hold_after(HALF)
    with sending(hospital, ct, "--department", DEPARTMENT, state=state) as client:
        line.await_held()
        client.kill()
    (known,) = hospital.transfers()
    transfer = known["transfer"]
    assert transfer in mail_text(hospital.mail.next_mail().message)

    config = hospital.rooms.viewer_settings
    made = passbox(
        "viewer", "inbox", "link", DEPARTMENT, "--config", config, "--reason", "r"
    ).printed.split()[0]

    def listed() -> requests.Response | None:
        inbox = requests.get(made, params={"lang": "en"}, timeout=DEADLINE)
        return inbox if transfer in inbox.text else None

    inbox = eventually(listed, "the transfer on the department's list")
    page = pressed(inbox, "open", transfer=transfer)
    assert "This transfer stands still" in page.text
    assert pressed(page, "release", name="Ada", reason="now", sure="yes").ok

    def shown() -> str | None:
        study = requests.get(page.url, timeout=DEADLINE).text
        return study if 'id="picture"' in study else None

    assert "what has come so far was released" in eventually(shown, "the images")
    assert 0 < len(hospital.stored(transfer)) < 12
    for audit in (hospital.rooms.viewer / "store", hospital.rooms.poller / "spool"):
        (told,) = [e for e in entries(audit / "audit.jsonl") if e["event"] == EVENT]
        assert (told["author"], told["reason"]) == ("Ada (holder of the link)", "now")

    line.release()
    said = send(hospital, ct, "--department", DEPARTMENT, "--resume", state=state)
    assert (said.code, said.json["outcome"]) == (0, "complete"), said.sentences
    assert len(hospital.stored(transfer)) == 12
