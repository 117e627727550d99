"""Refused files through the real programs: listed, released by a person, shown, receipted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from passbox_base.audit import entries, verify
from passbox_poller import custody
from passbox_wire.inner.quarantine import Action
from tests.e2e.awaiting import DEADLINE, eventually
from tests.e2e.command import passbox, send
from tests.e2e.hospital import Hospital, a_hospital

MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    """A hospital that takes MR and nothing else."""
    poller = f'[checks]\nsop_classes = ["{MR_IMAGE}"]\n'
    with a_hospital(tmp_path / "hospital", poller=poller) as hospital:
        yield hospital


def test_a_person_lets_an_image_out(hospital: Hospital, small: Path) -> None:
    """What the policy refused waits in the quarantine; released, it is looked at like any other."""
    said = send(hospital, small)
    assert {file["reason"] for file in said.json["files"]} == {"kind of image not allowed here"}
    transfer = said.json["transfer"]
    config = hospital.rooms.poller_settings

    def waiting() -> list[int]:
        return [file.index for file in custody.quarantined(config).files]

    first, *others = waiting()
    assert hospital.stored(transfer) == ()
    why = ("--author", "ada", "--reason", "asked the sender")
    words = ("poller", "quarantine", "release", "--config", config, transfer, str(first))
    done = passbox(*words, *why)
    assert done.code == 0, done
    link = hospital.next_link()
    page = requests.get(link, params={"lang": "en"}, timeout=DEADLINE).text
    assert "released from quarantine" in page
    assert len(hospital.stored(transfer)) == 1
    for index in others:
        custody.decide(config, transfer, index, Action.DELETE, author="ada", reason="of no use")
    eventually(lambda: waiting() == [], "an empty quarantine")
    audit = hospital.rooms.poller / "spool" / "audit.jsonl"
    assert verify(audit).count > len(others)
    decided = [e["event"] for e in entries(audit) if e["author"] == "ada"]
    assert decided == ["quarantined file released"] + ["quarantined file deleted"] * len(others)
