"""What the programs write down about a transfer says nothing about whom it is of."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox.demo.blindness import make_canary_disc
from passbox.demo.canaries import Canaries, count_hits, files_below, make_canaries
from passbox.demo.clinician import Clinician
from tests.client.media import an_image
from tests.e2e.awaiting import eventually
from tests.e2e.command import Running, Said
from tests.e2e.hospital import Hospital, a_hospital

PROGRAMS = ("receiver", "poller", "viewer")
SENDER, PHONE, MESSAGE, RECIPIENT = range(7, 11)
WORDS = 12


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A running hospital."""
    with a_hospital(tmp_path_factory.mktemp("logs")) as hospital:
        yield hospital


@pytest.fixture(scope="module")
def canaries() -> Canaries:
    """Words that stand nowhere else."""
    return make_canaries(WORDS)


@pytest.fixture(scope="module")
def run(hospital: Hospital, canaries: Canaries, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """A full run with words in every field, a refused file, a restart and a forwarding."""
    folder = tmp_path_factory.mktemp("canaries")
    words = canaries.words
    disc = make_canary_disc(folder / "disc", canaries)
    cut = an_image(1, patient=words[0], patient_id=words[2])[:-20]
    (disc / f"{words[11]}.dcm").write_bytes(cut)
    hospital.stop("viewer")
    with Running(
        *("send", disc, "--profile", hospital.rooms.profile, "--all-patients", "--json"),
        *("--sender-name", words[SENDER], "--sender-phone", words[PHONE]),
        *("--sender-email", f"{words[SENDER]}@example.org", "--message", words[MESSAGE]),
        *("--recipient", f"{words[RECIPIENT]}@klinikum.example", "--state", folder / "state"),
    ) as client:
        client.await_closed(hospital, 0)
        hospital.kill("poller")
        hospital.start("viewer", "poller")
        said = client.said()
    assert said.code == 1, said.sentences
    return said


@pytest.fixture(scope="module")
def link(hospital: Hospital, run: Said) -> str:
    """The link of the mail, which was looked at and used."""
    transfer = run.json["transfer"]
    clinician = Clinician(hospital.next_link())
    assert clinician.look()
    clinician.forward()
    eventually(lambda: all(i.in_pacs for i in hospital.stored(transfer)), "the PACS to have all")
    return clinician.link


def test_logs_name_no_patient_sender_or_file(
    hospital: Hospital, canaries: Canaries, link: str
) -> None:
    """No patient's, sender's, recipient's or file's name is in any program's log, in any form."""
    assert link
    for program in PROGRAMS:
        log = hospital.logs / f"{program}.log"
        assert log.stat().st_size > 0
        assert count_hits(canaries, files_below(log)) == 0, program


def test_logs_hold_no_secret(hospital: Hospital, run: Said, link: str) -> None:
    """No receipt code, telephone code, link or private key is in any program's log."""
    keys = [key for path in hospital.rooms.root.rglob("*.key") for key in forms_of_key(path)]
    assert keys
    code = run.json["receipt_code"]
    told = [code, code.replace("-", ""), run.json["phone_code"], link.rsplit("/", 1)[1]]
    secrets = [word.encode() for word in told] + keys
    for program in PROGRAMS:
        log = (hospital.logs / f"{program}.log").read_bytes()
        assert [secret for secret in secrets if secret in log] == [], program


def logged(hospital: Hospital, program: str) -> list[dict[str, object]]:
    """Return the lines of a program's log."""
    text = (hospital.logs / f"{program}.log").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def forms_of_key(path: Path) -> list[bytes]:
    """Return a private key's lines if it is PEM, else its bytes as they are and as text."""
    key = path.read_bytes()
    if key.startswith(b"-----BEGIN"):
        return [line for line in key.splitlines() if not line.startswith(b"-----")]
    return [key, key.hex().encode(), base64.b64encode(key)]


def test_logs_are_lines_that_name_the_transfer(hospital: Hospital, run: Said, link: str) -> None:
    """Every line of a log is one JSON object, and the transfer can be followed inside by its id."""
    assert link
    lines = {program: logged(hospital, program) for program in PROGRAMS}
    assert all("event" in line for program in PROGRAMS for line in lines[program])
    # The receiver's word on each transfer is its ledger and its audit chain.
    for program in ("poller", "viewer"):
        assert run.json["transfer"] in {line.get("transfer_id") for line in lines[program]}, program
