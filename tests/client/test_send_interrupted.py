"""Sending that breaks off: waited through, gone on with, and never done twice."""

from pathlib import Path

import pytest

from passbox_client.coding import CodecChoice
from passbox_client.errors import (
    ExitCode,
    LineFailed,
    Trouble,
    UsageRefused,
)
from passbox_client.journal import read
from passbox_client.outcome import Outcome
from passbox_client.progress import SendProgress
from passbox_wire.ids import TransferId
from passbox_wire.problems import Code
from tests.client.hospital import FakeHospital
from tests.client.media import an_image, images
from tests.client.sending import NO_LINE, Sending, refused


def test_a_broken_line_is_waited_through(sending: Sending) -> None:
    """Failed requests of every kind are repeated, and nothing arrives twice or not at all."""
    hospital = sending.hospital
    hospital.refuse("open", NO_LINE)
    hospital.refuse("put", NO_LINE, None, NO_LINE)
    hospital.refuse("put answered", NO_LINE)
    hospital.refuse("close", refused(Code.INTERNAL))
    hospital.refuse("receipt", NO_LINE)
    assert sending().outcome is Outcome.COMPLETE


def test_a_hospital_that_is_slow_to_sign_is_not_claimed(sending: Sending) -> None:
    """Without a receipt nothing is claimed: unconfirmed, exit code 1, and a code for later."""
    sending.hospital.reluctant = True
    result = sending()
    assert (result.outcome, result.exit_code) == (Outcome.UNCONFIRMED, ExitCode.PARTIAL)
    assert len(sending.journals()) == 1
    sending.hospital.reluctant = False
    assert sending(resume=True).outcome is Outcome.COMPLETE


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """Disk full at the DMZ: exit code 5; what was held is kept, and going on finishes it."""
    sending = Sending(tmp_path, {"large": an_image(1, side=3000), **images(2)})
    sending.hospital.refuse("put", None, None, *[refused(Code.STORE_FULL)] * 4)
    result = sending(codec=CodecChoice.STORED)
    assert (result.outcome, result.exit_code) == (Outcome.INTERRUPTED, ExitCode.REFUSED)
    assert result.trouble is not None
    assert result.trouble.code == Code.STORE_FULL
    sending.hospital.refuse("put", *[None] * 50)
    sending.hospital._errors.clear()
    again = sending(codec=CodecChoice.STORED, resume=True)
    assert again.outcome is Outcome.COMPLETE
    assert again.transfer == result.transfer
    assert again.receipt_code == result.receipt_code


def test_what_is_missing_under_a_sworn_manifest_is_sent_again(tmp_path: Path) -> None:
    """Cut after the manifest was made: the same manifest is used, missing packs are sent."""
    sending = Sending(tmp_path, images(3) | {"cut": an_image(9)[:200]})
    sending.hospital.refuse("put", None, *[refused(Code.STORE_FULL)] * 2)
    sending()
    (journal,) = sending.journals()
    assert b'"is":"manifest"' in journal.read_bytes()
    sending.hospital._errors.clear()
    assert sending(resume=True).outcome is Outcome.PARTIAL
    came = sending.hospital.look().files
    assert [came[index] for index in sorted(came)] == list(images(3).values())


def test_a_medium_taken_out_is_told_and_can_go_on(tmp_path: Path) -> None:
    """The disc vanishes while it is read: nothing is sworn about it; going on finishes it."""
    sending = Sending(tmp_path, {f"I{n}": an_image(n, side=1000) for n in range(1, 25)})
    away = tmp_path / "away"

    def take_out(progress: SendProgress) -> None:
        if progress.files >= 1 and sending.disc.exists():
            away.mkdir()
            for file in sending.disc.iterdir():
                file.rename(away / file.name)
            sending.disc.rmdir()

    result = sending(codec=CodecChoice.STORED, progress=take_out)
    assert result.outcome is Outcome.INTERRUPTED
    assert result.trouble is not None
    assert result.trouble.code == Trouble.MEDIUM_GONE
    away.rename(sending.disc)
    again = sending(codec=CodecChoice.STORED, resume=True)
    assert (again.outcome, again.transfer) == (Outcome.COMPLETE, result.transfer)


class Cut(Exception):
    """The process is killed here."""


def test_a_cut_repeats_only_what_was_in_flight(tmp_path: Path) -> None:
    """After a cut in the middle, packs that are held are not sent again, under no number."""
    files = {f"I{n:02}": an_image(n, side=700) for n in range(1, 21)}
    sending = Sending(tmp_path, files)

    def cut(progress: SendProgress) -> None:
        if progress.bytes_sent > 5_000_000:
            raise Cut

    with pytest.raises(Cut):
        sending(codec=CodecChoice.STORED, progress=cut)
    held = dict(sending.hospital.packs)
    before = sending.hospital.calls.count("put")
    result = sending(codec=CodecChoice.STORED, resume=True)
    assert result.outcome is Outcome.COMPLETE
    assert set(sending.hospital.look().files.values()) == set(files.values())
    sent_again = sending.hospital.calls.count("put") - before
    assert sent_again <= len(sending.hospital.packs) - len(held) + 4
    size = sum(map(len, files.values()))
    assert sum(map(len, sending.hospital.packs.values())) < size * 1.5


class AskingTheJournal(FakeHospital):
    """A hospital that looks, whenever a pack comes, whether its sender has written it down."""

    def __init__(self, state: Path) -> None:
        super().__init__()
        self.unknown: list[int] = []
        self._state = state

    def put(
        self, transfer: TransferId, number: int, pack: bytes, sha256: bytes, signature: bytes
    ) -> None:
        (journal,) = self._state.glob("*.transfer")
        if (number, sha256) not in {(known.number, known.sha256) for known in read(journal).packs}:
            self.unknown.append(number)
        super().put(transfer, number, pack, sha256, signature)


def test_no_pack_leaves_that_the_journal_does_not_know(tmp_path: Path) -> None:
    """Number and digest are on the disk before a byte of a pack is on the line."""
    sending = Sending(tmp_path, images(4, side=1200))
    hospital = sending.hospital = AskingTheJournal(sending.state)
    assert sending(codec=CodecChoice.STORED).outcome is Outcome.COMPLETE
    assert len(hospital.packs) > 4
    assert hospital.unknown == []


def test_going_on_needs_the_same_files(sending: Sending) -> None:
    """Another disc is not taken for the one that was begun."""
    sending.hospital.refuse("put", *[refused(Code.STORE_FULL)] * 9)
    sending()
    (sending.disc / "IMG/I004").write_bytes(an_image(4))
    with pytest.raises(UsageRefused) as raised:
        sending(resume=True)
    assert raised.value.code == Trouble.NOTHING_TO_RESUME


def test_other_words_change_nothing_once_the_first_have_arrived(sending: Sending) -> None:
    """Who goes on and says it otherwise goes on all the same: the first words stand."""
    sending.hospital.refuse("put", None, *[refused(Code.STORE_FULL)] * 9)
    first = sending(recipient="ct@hospital.example")
    assert first.outcome is Outcome.INTERRUPTED
    sending.hospital.mend("put")
    again = sending(recipient="mr@hospital.example", resume=True)
    assert (again.outcome, again.transfer) == (Outcome.COMPLETE, first.transfer)
    envelope = sending.hospital.look().inventory.envelope
    assert envelope is not None
    assert envelope.recipient == "ct@hospital.example"


def test_other_words_before_the_first_arrived_begin_anew(sending: Sending) -> None:
    """A newer address file or another language leads into no dead end: the old is withdrawn."""
    sending.hospital.refuse("put", *[refused(Code.STORE_FULL)] * 9)
    first = sending(recipient="ct@hospital.example")
    assert first.outcome is Outcome.INTERRUPTED
    sending.hospital.mend("put")
    again = sending(recipient="mr@hospital.example", resume=True)
    assert (again.outcome, again.trouble) == (Outcome.COMPLETE, None)
    assert again.transfer != first.transfer
    assert sending.hospital.calls.count("cancel") == 1
    envelope = sending.hospital.look().inventory.envelope
    assert envelope is not None
    assert envelope.recipient == "mr@hospital.example"
    assert sending.journals() == []


def test_what_cannot_be_withdrawn_is_not_begun_anew(sending: Sending) -> None:
    """Without a line to take the old one back nothing is sent, and the old one stays known."""
    sending.hospital.refuse("put", *[refused(Code.STORE_FULL)] * 9)
    sending(recipient="ct@hospital.example")
    sending.hospital.mend("put")
    sending.hospital.refuse("cancel", NO_LINE)
    with pytest.raises(LineFailed):
        sending(recipient="mr@hospital.example", resume=True)
    assert len(sending.journals()) == 1
    assert sending(recipient="mr@hospital.example", resume=True).outcome is Outcome.COMPLETE


def test_the_state_of_a_transfer_holds_no_names(tmp_path: Path) -> None:
    """What is kept for going on names no patient, sender, recipient or path, and has no pixels."""
    sending = Sending(tmp_path, {"KANARIENVOGEL": an_image(1, patient="Kanari^Vogel", side=64)})
    sending.hospital.reluctant = True
    sending(recipient="ct@hospital.example")
    (journal,) = sending.journals()
    written = journal.read_bytes().lower()
    # None of them can stand by chance among the journal's hexadecimal digits.
    for word in (b"kanari", b"vogel", b"ada example", b"practice", b"hospital", b"id-1", b"1.2.3"):
        assert word not in written
        assert word.hex().encode() not in written
