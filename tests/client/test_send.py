"""A medium arrives at a hospital that opens, checks and signs what came."""

import dataclasses
from pathlib import Path

import pytest

from passbox_client.coding import CodecChoice
from passbox_client.errors import (
    ExitCode,
)
from passbox_client.outcome import Outcome
from passbox_client.progress import SendPhase
from passbox_client.review import Selection
from passbox_client.scan import scan
from passbox_client.send import send
from passbox_wire import manifest
from passbox_wire.digests import sha256
from passbox_wire.inventory import Consent, FileKind
from passbox_wire.receipts import FileReport, FileResult
from tests.builders.wire import (
    NOW,
    PlainSealer,
    a_sender,
    a_signed_profile,
)
from tests.client.media import PDF, an_image, images, two_patients
from tests.client.sending import Sending


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
    (lost,) = [file for file in result.files if file.outcome is not manifest.Outcome.SENT]
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


def test_the_coarse_size_covers_what_is_sent(sending: Sending) -> None:
    """The size told at opening is coarse and at least what the packs come to."""
    result = sending(codec=CodecChoice.STORED)
    assert sending.hospital.opened is not None
    assert sending.hospital.opened.total_bytes >= result.bytes_sent
    assert dataclasses.asdict(sending.hospital.opened)["total_bytes"] % (256 * 1024) == 0
