"""Resuming after a kill, forwarding over a kill, and starting in any order; see test_kills.py."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from passbox.demo.clinician import Clinician
from passbox.demo.reader import read_medium
from tests.e2e.awaiting import eventually
from tests.e2e.command import Said, send, sending
from tests.e2e.hospital import Hospital

SEED: Final = 20261119
# What the CT disc moves over the sender's line at least, in bytes; measured, rounded down.
LEAST: Final = 2_400_000


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """One hospital with lines that can be held."""
    with Hospital(tmp_path_factory.mktemp("restarts"), with_lines=True) as hospital:
        yield hospital.start("pacs", "receiver", "viewer", "poller")


def assert_exactly_once(hospital: Hospital, said: Said, disc: Path) -> None:
    """Check that the signed word, the store's index and the mail know everything exactly once."""
    assert (said.code, said.json["outcome"]) == (0, "complete"), said.sentences
    stored = hospital.stored(said.json["transfer"])
    sent = read_medium(disc).values()
    assert Counter(i.data_set_sha256 for i in stored) == Counter(f.data_set_sha256 for f in sent)
    assert len({i.sop_instance_uid for i in stored}) == len(stored)
    hospital.await_settled(said.json["transfer"])
    assert hospital.next_link()
    assert hospital.mail.waiting() == 0


def test_a_killed_client_goes_on_with_resume(hospital: Hospital, ct: Path, tmp_path: Path) -> None:
    """A client killed in the middle goes on with `--resume` in the same transfer, exactly once."""
    before = len(hospital.transfers())
    held = hospital.lines.to_receiver
    held.hold_after(int(random.Random(SEED).uniform(0.3, 0.9) * LEAST))
    with sending(hospital, ct, state=tmp_path) as client:
        held.await_held()
        client.kill()
    held.release()

    said = send(hospital, ct, "--resume", state=tmp_path)

    assert_exactly_once(hospital, said, ct)
    assert len(hospital.transfers()) == before + 1


def test_a_viewer_killed_while_forwarding_finishes_after_its_restart(
    hospital: Hospital, ct: Path, tmp_path: Path
) -> None:
    """A viewer killed right after the button was pressed finishes forwarding when restarted."""
    said = send(hospital, ct, state=tmp_path)
    Clinician(hospital.next_link()).forward()
    hospital.kill("viewer")
    hospital.start("viewer")

    def all_there() -> bool:
        return all(instance.in_pacs for instance in hospital.stored(said.json["transfer"]))

    eventually(all_there, "all images to be in the PACS")
    stored = {instance.sop_instance_uid for instance in hospital.stored(said.json["transfer"])}
    in_pacs = hospital.in_pacs()
    assert len(in_pacs) == len(set(in_pacs))
    assert stored <= set(in_pacs)


@pytest.mark.parametrize(
    "order",
    [("poller", "viewer", "receiver"), ("receiver", "poller", "viewer")],
    ids=["inside before receiver", "receiver before inside"],
)
def test_the_order_of_starting_does_not_matter(
    hospital: Hospital, small: Path, tmp_path: Path, order: tuple[str, ...]
) -> None:
    """The inside works when started before or after the receiver, in any order of its own."""
    for name in ("receiver", "viewer", "poller"):
        hospital.stop(name)
    before, after = order[: order.index("receiver")], order[order.index("receiver") :]
    for name in (*before, after[0]):
        hospital.start(name, ready=name != "poller")
    with sending(hospital, small, state=tmp_path) as client:
        for name in after[1:]:
            hospital.start(name, ready=name != "poller")

        assert_exactly_once(hospital, client.said(), small)
