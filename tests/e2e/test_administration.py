"""The administrator's page inside closes and opens the door in the DMZ, through real programs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from passbox_base.audit import entries
from passbox_viewer import operations
from tests.e2e.awaiting import DEADLINE, eventually
from tests.e2e.command import send
from tests.e2e.hospital import Hospital

PASSWORD = "a password of some length"
REASONS = ["moving", "moved"]
TEXT = "We move house today. Please call."


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    """A hospital at work, whose administrator has a password."""
    with Hospital(tmp_path / "hospital") as hospital:
        hospital.start("receiver", "viewer", "poller")
        operations.set_password(hospital.rooms.viewer_settings, PASSWORD, author="root")
        yield hospital


def asked(browser: requests.Session, page: str, kind: str, **form: str) -> None:
    """Press a button of the receiver's page, and wait until the receiver has done it."""
    shown = browser.get(page, params={"lang": "en"}, timeout=DEADLINE).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', shown)
    assert csrf, shown
    fields = {"csrf": csrf[1], "lang": "en", "kind": kind, **form}
    answer = browser.post(page, data=fields, timeout=DEADLINE)
    assert answer.ok, answer.text

    def done() -> bool:
        text = browser.get(answer.url, timeout=DEADLINE).text
        return "on its way" not in text and ">done<" in text

    eventually(done, f"{kind} to be done")


def test_the_door_is_closed_and_opened_from_inside(
    hospital: Hospital, small: Path, tmp_path: Path
) -> None:
    """Stop reaches the receiver and senders read why; resume lets them in; three audits say who."""
    pages = f"http://{hospital.house.viewer_host}:{hospital.house.ports.pages}"
    browser = requests.Session()
    login = {"password": PASSWORD, "lang": "en"}
    assert browser.post(f"{pages}/admin/login", data=login, timeout=DEADLINE).ok
    page = f"{pages}/admin/receiver"

    asked(browser, page, "stop", text=TEXT, reason=REASONS[0])
    refused = send(hospital, small, state=tmp_path / "refused")
    assert refused.code == 5
    assert TEXT in refused.sentences

    asked(browser, page, "resume", reason=REASONS[1])
    assert send(hospital, small, state=tmp_path / "sent").code == 0

    rooms = hospital.rooms
    for audit in (
        rooms.viewer / "store/audit.jsonl",
        rooms.poller / "spool/commands.jsonl",
        rooms.dmz / "store/audit.jsonl",
    ):
        told = [entry["reason"] for entry in entries(audit)]
        assert [one for one in dict.fromkeys(told) if one in REASONS] == REASONS, audit
