"""Sending a medium to a hospital that opens, checks and signs what came."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from passbox_client.coding import CodecChoice
from passbox_client.errors import (
    ClientError,
    ExitCode,
    LineFailed,
    ProfileUnusable,
    ReceiverRefused,
    Trouble,
    UsageRefused,
)
from passbox_client.outcome import Outcome, SendResult
from passbox_client.review import THE_ONLY_PATIENT, Selection
from passbox_client.scan import scan
from passbox_client.send import send
from passbox_client.transmission import SendPhase, SendProgress
from passbox_wire import manifest
from passbox_wire.digests import sha256
from passbox_wire.inventory import Consent, FileKind
from passbox_wire.problems import Code, Problem
from passbox_wire.profile import SignedProfile
from passbox_wire.receipts import FileReport, FileResult
from passbox_wire.sealing import Sealer
from tests.builders.clocks import FakeClock
from tests.builders.wire import (
    NOW,
    PlainSealer,
    a_destination,
    a_profile,
    a_sealing_key,
    a_sender,
    a_signed_profile,
)
from tests.client.hospital import FakeHospital
from tests.client.media import PDF, an_image, images, two_patients, write

NO_LINE = LineFailed(Trouble.NO_CONNECTION)


class Sending:
    """Sends a medium with defaults; remembers what the screen was told."""

    def __init__(self, folder: Path, files: dict[str, bytes] | None = None) -> None:
        self.disc = write(folder / "disc", images(3) if files is None else files)
        self.state = folder / "state"
        self.hospital = FakeHospital()
        self.clock = FakeClock()
        self.told: list[SendProgress] = []

    def __call__(  # noqa: PLR0913 - as send() itself
        self,
        *,
        profile: SignedProfile | None = None,
        selection: Selection = THE_ONLY_PATIENT,
        recipient: str = "",
        department: str = "",
        consent: Consent | None = None,
        sealer: Sealer | None = None,
        codec: CodecChoice = CodecChoice.ZSTD,
        resume: bool = False,
        progress: Callable[[SendProgress], None] | None = None,
    ) -> SendResult:
        return send(
            self.disc,
            profile or a_signed_profile(),
            sender=a_sender(),
            state_folder=self.state,
            selection=selection,
            recipient=recipient,
            department=department,
            consent=consent,
            sealer=sealer,
            codec=codec,
            resume=resume,
            receiver=self.hospital,
            progress=progress or self.told.append,
            clock=self.clock,
            pause=lambda seconds: self.clock.advance(timedelta(seconds=seconds)),
            receipt_patience=5.0,
        )

    def journals(self) -> list[Path]:
        """Return the journals of unfinished transfers."""
        return list(self.state.glob("*.transfer"))


@pytest.fixture(name="sending")
def _sending(tmp_path: Path) -> Sending:
    return Sending(tmp_path)


def refused(code: Code) -> ReceiverRefused:
    """Return the receiver's refusal."""
    return ReceiverRefused(Problem(code))


def test_a_medium_arrives_byte_for_byte(sending: Sending) -> None:
    """Every file is inside with the bytes of the medium, and the inside has signed for all."""
    result = sending()
    opened = sending.hospital.look()
    by_path = {file.path: opened.files[file.index] for file in opened.inventory.files}
    assert by_path == images(3)
    assert (result.outcome, result.exit_code, result.trouble) == (
        Outcome.COMPLETE,
        ExitCode.ALL,
        None,
    )
    assert [file.result for file in result.files] == [FileResult.DELIVERED] * 3
    assert [file.sha256 for file in result.files] == [sha256(d) for d in images(3).values()]
    assert result.studies[0].claimed == result.studies[0].delivered == 3
    assert result.bytes_sent == sum(map(len, sending.hospital.packs.values()))
    assert result.seconds_sent is not None


def test_nothing_is_left_after_success(sending: Sending) -> None:
    """The journal is gone once the inside has signed."""
    sending()
    assert sending.journals() == []


def test_the_envelope_says_who_and_for_whom(sending: Sending) -> None:
    """Sender, recipient, department and consent travel sealed, and only sealed."""
    consent = Consent("2025-01", "de", NOW)
    sending(recipient="ct@hospital.example", department="Radiology", consent=consent)
    envelope = sending.hospital.look().inventory.envelope
    assert envelope is not None
    assert (envelope.sender, envelope.consent) == (a_sender(), consent)
    assert (envelope.recipient, envelope.department) == ("ct@hospital.example", "Radiology")
    for pack in sending.hospital.packs.values():
        assert b"hospital.example" not in pack


@pytest.mark.parametrize("codec", list(CodecChoice))
def test_every_codec_gives_the_bytes_back(tmp_path: Path, codec: CodecChoice) -> None:
    """Whatever codec is used, the inside has the medium's bytes."""
    sending = Sending(tmp_path, images(2, side=64))
    assert sending(codec=codec).outcome is Outcome.COMPLETE
    assert set(sending.hospital.look().files.values()) == set(images(2, side=64).values())


def test_a_large_file_travels_in_slices(tmp_path: Path) -> None:
    """A file beyond a slice is cut, sent in several packs, and whole inside."""
    files = {"large": an_image(1, side=3000)}
    sending = Sending(tmp_path, files)
    assert sending(codec=CodecChoice.STORED).outcome is Outcome.COMPLETE
    assert len(sending.hospital.packs) > 3
    assert list(sending.hospital.look().files.values()) == list(files.values())


def test_a_scan_may_be_handed_in(sending: Sending) -> None:
    """The window scans first and sends what it showed."""
    scanned = scan(sending.disc)
    result = send(
        scanned,
        a_signed_profile(),
        sender=a_sender(),
        state_folder=sending.state,
        receiver=sending.hospital,
    )
    assert result.outcome is Outcome.COMPLETE
    assert result.seconds_scan == scanned.seconds


def test_a_test_may_hand_in_a_sealer_that_does_not_seal(sending: Sending) -> None:
    """The sealer is the one seam at which plaintext can be made visible."""
    sending(sealer=PlainSealer(), codec=CodecChoice.STORED)
    assert any(b"Doe^Jane" in pack for pack in sending.hospital.packs.values())


def test_progress_goes_from_sending_to_checking(sending: Sending) -> None:
    """The screen is told how far it is, and that the hospital is checking after all is sent."""
    sending()
    phases = [progress.phase for progress in sending.told]
    assert phases == sorted(phases, key=list(SendPhase).index)
    assert phases[-1] is SendPhase.CHECKING
    last = sending.told[-1]
    assert (last.files, last.bytes_read) == (last.files_total, last.bytes_total)


def test_one_of_two_patients_is_sent_alone(tmp_path: Path) -> None:
    """Of another patient nothing travels, not even a name in the sealed inventory."""
    sending = Sending(tmp_path, {**two_patients(), "report.pdf": PDF})
    result = sending(selection=Selection(frozenset({"ID-2"})))
    inventory = sending.hospital.look().inventory
    assert [study.patient_name for study in inventory.studies] == ["Roe^Richard"]
    assert [file.path for file in result.files] == ["IMG/J001", "IMG/J002"]


def test_documents_are_kept_not_stored(tmp_path: Path) -> None:
    """A PDF goes along as an attachment, and complete includes it."""
    result = Sending(tmp_path, {**images(1), "report.pdf": PDF})()
    assert [(f.kind, f.result) for f in result.files] == [
        (FileKind.INSTANCE, FileResult.DELIVERED),
        (FileKind.PDF, FileResult.KEPT),
    ]
    assert result.exit_code == ExitCode.ALL


def test_a_file_that_cannot_be_read_makes_it_partial(tmp_path: Path) -> None:
    """What is lost on the medium is named in inventory and manifest: partial, exit code 1."""
    result = Sending(tmp_path, {**images(1), "cut": an_image(2)[:200]})()
    assert (result.outcome, result.exit_code) == (Outcome.PARTIAL, ExitCode.PARTIAL)
    (lost,) = result.not_sent
    assert (lost.path, lost.reason, lost.result) == ("cut", "damaged", FileResult.NOT_SENT)


def test_a_file_that_changes_under_way_is_told(sending: Sending) -> None:
    """A file that is no longer what was scanned is not sent as if it were."""
    scanned = scan(sending.disc)
    (sending.disc / "IMG/I002").write_bytes(an_image(2) + b"more")
    (sending.disc / "IMG/I003").unlink()
    result = send(
        scanned,
        a_signed_profile(),
        sender=a_sender(),
        state_folder=sending.state,
        receiver=sending.hospital,
    )
    assert [file.outcome for file in result.files] == [
        manifest.Outcome.SENT,
        manifest.Outcome.CHANGED,
        manifest.Outcome.UNREADABLE,
    ]
    assert result.exit_code == ExitCode.PARTIAL


def test_a_file_the_inside_refuses_makes_it_partial(sending: Sending) -> None:
    """One refused image is named with the inside's reason; the others have arrived."""

    def spoil(report: FileReport) -> FileReport:
        return FileReport(1, FileResult.REFUSED, "truncated") if report.index == 1 else report

    sending.hospital.inside.spoil = spoil
    result = sending()
    assert result.exit_code == ExitCode.PARTIAL
    assert result.files[1].result_reason == "truncated"


def test_complete_is_believed_only_file_by_file(sending: Sending) -> None:
    """A signed "delivered" whose report lacks one of our files is partial, not complete."""

    def hide(report: FileReport) -> FileReport:
        return FileReport(report.index + 10, FileResult.DELIVERED)

    sending.hospital.inside.spoil = hide
    assert sending().outcome is Outcome.PARTIAL


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


def test_a_wrong_sealing_key_is_refused_from_inside(sending: Sending) -> None:
    """Packs nobody inside can open stop the transfer: exit code 5, and nothing waits for ever."""
    wrong = a_destination(sealing_keys=[a_sealing_key("somebody else")])
    result = sending(profile=a_signed_profile(a_profile(destinations=[wrong])))
    assert (result.outcome, result.exit_code) == (Outcome.REFUSED, ExitCode.REFUSED)
    assert result.trouble is not None
    assert result.trouble.code == Code.STOPPED
    assert sending.journals() == []


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


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (LineFailed(Trouble.WRONG_PIN), ExitCode.CONNECTION),
        (LineFailed(Trouble.NOT_TRUSTED), ExitCode.CONNECTION),
        (NO_LINE, ExitCode.CONNECTION),
        (refused(Code.BLOCKED), ExitCode.REFUSED),
    ],
)
def test_before_a_transfer_exists_trouble_is_raised(
    sending: Sending, error: ClientError, exit_code: ExitCode
) -> None:
    """A wrong pin, no line, a block: nothing was opened and nothing is remembered."""
    sending.hospital.refuse("status", error, error, error)
    with pytest.raises(ClientError) as raised:
        sending()
    assert raised.value.exit_code == exit_code
    assert set(sending.hospital.calls) == {"status"}
    assert sending.journals() == []


def test_a_closed_door_is_told_in_the_hospital_s_words(sending: Sending) -> None:
    """A receiver that accepts nothing now is told before anything is sent."""
    sending.hospital.accepting = False
    with pytest.raises(ReceiverRefused) as raised:
        sending()
    assert raised.value.code == Code.NOT_ACCEPTING


def test_a_transfer_that_was_never_opened_is_not_remembered(sending: Sending) -> None:
    """A refusal of the opening ends it: too large, exit code 5, nothing to go on with."""
    sending.hospital.refuse("open", refused(Code.TRANSFER_TOO_LARGE))
    result = sending()
    assert (result.outcome, result.exit_code) == (Outcome.REFUSED, ExitCode.REFUSED)
    assert sending.journals() == []


def test_an_expired_profile_is_refused_first(sending: Sending) -> None:
    """An expired address card: exit code 6, and nobody was asked anything."""
    expired = a_signed_profile(a_profile(expires=NOW - 1))
    with pytest.raises(ProfileUnusable) as raised:
        sending(profile=expired)
    assert (raised.value.code, raised.value.exit_code) == ("profile_expired", ExitCode.PROFILE)
    assert sending.hospital.calls == []


@pytest.mark.parametrize(
    ("recipient", "department", "code"),
    [
        ("somebody@elsewhere.example", "", "wrong_recipient"),
        ("no address", "", "wrong_recipient"),
        ("", "Gardening", "wrong_department"),
    ],
)
def test_a_wrong_addressee_is_told_before_anything(
    sending: Sending, recipient: str, department: str, code: str
) -> None:
    """An address outside the hospital's domains, or a department it does not have: exit code 2."""
    with pytest.raises(UsageRefused) as raised:
        sending(recipient=recipient, department=department)
    assert (raised.value.code, raised.value.exit_code) == (code, ExitCode.USAGE)
    assert sending.hospital.calls == []


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


def test_going_on_needs_the_same_files(sending: Sending) -> None:
    """Another disc is not taken for the one that was begun."""
    sending.hospital.refuse("put", *[refused(Code.STORE_FULL)] * 9)
    sending()
    (sending.disc / "IMG/I004").write_bytes(an_image(4))
    with pytest.raises(UsageRefused) as raised:
        sending(resume=True)
    assert raised.value.code == Trouble.NOTHING_TO_RESUME


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


def test_two_destinations_one_is_named(sending: Sending) -> None:
    """A destination may be chosen by its name; one that is not there is told."""
    profile = a_signed_profile()
    with pytest.raises(UsageRefused):
        send(
            sending.disc,
            profile,
            sender=a_sender(),
            state_folder=sending.state,
            receiver=sending.hospital,
            destination="Cardiology",
        )


def test_the_coarse_size_covers_what_is_sent(sending: Sending) -> None:
    """The size told at opening is coarse and at least what the packs come to."""
    result = sending(codec=CodecChoice.STORED)
    assert sending.hospital.opened is not None
    assert sending.hospital.opened.total_bytes >= result.bytes_sent
    assert dataclasses.asdict(sending.hospital.opened)["total_bytes"] % (256 * 1024) == 0
