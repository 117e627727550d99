"""Hostile files, packs and DMZ: each costs itself, and honest transfers are delivered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_dicom.codec import encode_slice
from passbox_poller.errors import Refusal
from passbox_wire.digests import sha256
from passbox_wire.inner.receiver import StopReason
from passbox_wire.inventory import FileKind
from passbox_wire.manifest import FileOutcome, Manifest, Outcome
from passbox_wire.pack import Codec, Kind, Record
from passbox_wire.receipts import CoarseState
from passbox_wire.states import DeliveryState, UploadState
from tests.builders.dicom import ct_slice
from tests.builders.wire import a_file, a_sealing_key, an_inventory
from tests.parts.smtp import MailSink
from tests.poller import bad_checkers
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, SentFile, slices, with_other_digest

BAD_CHECKERS = f"{bad_checkers.__name__}:check"


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def named(patient: bytes, number: int) -> SentFile:
    """Return a slice whose patient says what the checker does."""
    return SentFile(ct_slice(patient=patient, instance=f"1.2.3.9.{number}"))


def reasons(house: House) -> list[str]:
    """Return the reason of each file of the last report."""
    return [file.reason for file in house.report().files]


def test_a_file_that_attacks_its_worker_costs_only_itself(house: House) -> None:
    """Looping, ballooning and socket-opening files are refused with a reason.

    Their neighbours are delivered.
    """
    house.checks = {"cpu_seconds": 1.0, "memory_bytes": 256 * 1024 * 1024}
    files = [
        named(bad_checkers.LOOP, 1),
        *slices(1),
        named(bad_checkers.BALLOON, 2),
        named(bad_checkers.SOCKET, 3),
        *slices(1, first=2),
    ]
    with house.polling(BAD_CHECKERS):
        house.send(Sending(files))
        ((receipt, _),) = house.receiver.wait_for_receipts(1)
    assert receipt.state is CoarseState.PARTLY_DELIVERED
    assert reasons(house) == [
        Refusal.TIMED_OUT,
        "",
        Refusal.OUT_OF_MEMORY,
        Refusal.CHECK_FAILED,
        "",
    ]
    assert sorted(house.viewer.stored_uids()) == ["1.2.3.4.1", "1.2.3.4.2"]


def test_bad_files_are_refused_each_with_its_reason(house: House) -> None:
    """No DICOM, cut, wrongly hashed, undecodable, a false PDF: refused; the rest is delivered."""
    sending = Sending(
        [
            *slices(1),
            SentFile(b"this is no DICOM at all" * 100),
            SentFile(ct_slice()[:-7]),
            named(b"Digest", 1),
            named(b"Decode", 2),
            SentFile(b"MZ this is a program", FileKind.PDF, "invoice.pdf"),
        ]
    )
    plan = sending.plan()
    plan[4] = with_other_digest(plan[4])
    plan[5] = [
        Record(
            Kind.FILE, Codec.ZSTD, 4, 0, 100, encode_slice(b"x" * 99, None, Codec.ZSTD), bytes(32)
        )
    ]
    with house.polling():
        house.send(sending, {number: sending.seal(number, r) for number, r in enumerate(plan)})
        house.receiver.wait_for_receipts(1)
    assert reasons(house) == [
        "",
        Refusal.NOT_DICOM,
        Refusal.TRUNCATED,
        Refusal.DIGEST_WRONG,
        Refusal.UNDECODABLE,
        Refusal.MALFORMED,
    ]
    assert house.viewer.stored_uids() == ["1.2.3.4.1"]
    assert house.viewer.attachments == {}


def test_a_wholly_refused_transfer_is_not_announced(house: House) -> None:
    """When nothing is accepted there is a refusing receipt, and neither link nor mail."""
    with house.polling():
        house.send(Sending([SentFile(b"nothing" * 50)]))
        ((receipt, _),) = house.receiver.wait_for_receipts(1)
        assert receipt.state is CoarseState.REFUSED
    assert [delivery.visible for _, delivery in house.viewer.deliveries] == [False]
    assert house.sink.waiting() == 0


def forged_seal(sending: Sending) -> dict[int, bytes]:
    """Change one bit of a pack."""
    packs = sending.packs()
    packs[1] = packs[1][:-1] + bytes([packs[1][-1] ^ 1])
    return packs


def swapped(sending: Sending) -> dict[int, bytes]:
    """Put two packs under each other's numbers."""
    packs = sending.packs()
    return packs | {1: packs[2], 2: packs[1]}


def of_another_transfer(sending: Sending) -> dict[int, bytes]:
    """Put in a pack of another transfer."""
    return sending.packs() | {1: Sending(slices(2), name="another").packs()[1]}


def not_a_pack(sending: Sending) -> dict[int, bytes]:
    """Put garbage in the place of a pack."""
    return sending.packs() | {1: b"garbage" * 100}


def without_manifest(sending: Sending) -> dict[int, bytes]:
    """Leave out the last pack."""
    packs = sending.packs()
    del packs[max(packs)]
    return packs


def without_inventory(sending: Sending) -> dict[int, bytes]:
    """Leave out the first pack."""
    packs = sending.packs()
    del packs[0]
    return packs


def broken_inventory(sending: Sending) -> dict[int, bytes]:
    """Seal what is no inventory."""
    records = [sending.record(Kind.INVENTORY, 0, 0, b"{}", sha256(b"{}"))]
    return sending.packs() | {0: sending.seal(0, records)}


def false_inventory_digest(sending: Sending) -> dict[int, bytes]:
    """Promise another digest of the inventory."""
    return sending.packs() | {0: sending.seal(0, with_other_digest(sending.plan()[0]))}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (forged_seal, StopReason.FORGED_PACK),
        (swapped, StopReason.FORGED_PACK),
        (of_another_transfer, StopReason.FORGED_PACK),
        (not_a_pack, StopReason.FORGED_PACK),
        (without_manifest, StopReason.FORGED_PACK),
        (without_inventory, StopReason.NO_VALID_INVENTORY),
        (broken_inventory, StopReason.NO_VALID_INVENTORY),
        (false_inventory_digest, StopReason.NO_VALID_INVENTORY),
    ],
)
def test_a_forged_transfer_is_stopped(house: House, spoil: object, reason: StopReason) -> None:
    """What is not what its sender sealed stops the transfer and shows nothing to people."""
    assert callable(spoil)
    sending = Sending(slices(2))
    with house.polling():
        house.send(sending, spoil(sending))
        known = house.wait_until_finished(sending.transfer)
        assert house.receiver.stops == [(sending.transfer, reason)]
        honest = Sending(slices(1, first=7), name="honest")
        house.send(honest)
        house.wait_until_finished(honest.transfer)
    assert known.delivery is DeliveryState.REFUSED
    assert not any(d.visible for t, d in house.viewer.deliveries if t == sending.transfer)
    # A refusing receipt where the inventory told to whom.
    states = [r.state for r, _ in house.receiver.receipts if r.transfer == sending.transfer]
    readable = known.report_key is not None
    assert states == ([CoarseState.REFUSED] if readable else [])


def test_a_pack_for_another_key_stops_the_transfer(house: House) -> None:
    """A transfer sealed to a key we do not hold is stopped as such."""
    sending = Sending(slices(1), sealing_key=a_sealing_key("somebody else"))
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
    assert house.receiver.stops == [(sending.transfer, StopReason.WRONG_SEALING_KEY)]


def test_claims_over_the_budget_stop_the_transfer(house: House) -> None:
    """An inventory of more files than a transfer may have is stopped before one is opened."""
    house.checks = {"files": 2}
    sending = Sending(slices(3))
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
    assert house.receiver.stops == [(sending.transfer, StopReason.BUDGET)]
    assert house.viewer.stored == []


def test_other_bytes_than_listed_never_enter_the_spool(house: House) -> None:
    """A DMZ that hands out other bytes than listed is asked again; other transfers go on."""
    lied_about = Sending(slices(1), name="lied about")
    honest = Sending(slices(1, first=5), name="honest")
    house.receiver.serve_instead[lied_about.transfer, 1] = b"other bytes"
    with house.polling():
        house.send(lied_about)
        house.send(honest)
        house.wait_until_finished(honest.transfer)
        assert house.viewer.stored_uids() == ["1.2.3.4.5"]
        house.receiver.serve_instead.clear()
        house.wait_until_finished(lied_about.transfer)
    assert sorted(house.viewer.stored_uids()) == ["1.2.3.4.1", "1.2.3.4.5"]


def a_mixed_transfer(sending: Sending) -> dict[int, bytes]:
    """Return packs of which a DMZ made the last three, as anybody with the profile can.

    They add a file of its own to the sender's inventory and swear that his was skipped.
    """
    foreign = ct_slice(patient=b"SOMEBODY^ELSE", instance="1.2.3.66")
    part = an_inventory(part=1, files=[a_file(1, size=len(foreign))]).encode()
    manifest = Manifest(
        sending.transfer,
        2,
        (
            FileOutcome(0, Outcome.SKIPPED, len(sending.files[0].data), None, "not chosen"),
            FileOutcome(1, Outcome.SENT, len(foreign), sha256(foreign)),
        ),
    )
    honest = sending.packs()
    forged = [
        [sending.record(Kind.INVENTORY, 1, 0, part, sha256(part))],
        [sending.record(Kind.FILE, 1, 0, foreign, sha256(foreign))],
        sending.document_records(Kind.MANIFEST, manifest.encode()),
    ]
    mixed = {number: sending.seal(number, records) for number, records in enumerate(forged, 2)}
    return {0: honest[0], 1: honest[1], **mixed}


@pytest.mark.parametrize("state", [UploadState.CLOSED, UploadState.ABANDONED])
def test_a_dmz_cannot_mix_its_packs_into_a_transfer(house: House, state: UploadState) -> None:
    """What the sender did not sign when he closed is shown to nobody under his name."""
    sending = Sending(slices(1))
    packs = a_mixed_transfer(sending)
    house.receiver.open(sending.transfer, sending.key)
    with house.polling():
        for number, sealed in packs.items():
            house.receiver.put(sending.transfer, number, sealed)
        upload = house.receiver.uploads[sending.transfer]
        house.receiver.wait_for(lambda: upload.released == packs.keys())
        house.receiver.close(sending.transfer, state, forged=True)
        asked = house.receiver.asked
        house.receiver.wait_for(lambda: house.receiver.asked >= asked + 6)
    assert not any(delivery.visible for _, delivery in house.viewer.deliveries)
    assert house.receiver.receipts == []


def test_an_old_transfer_offered_again_is_not_delivered_again(house: House) -> None:
    """Packs of a finished transfer that are listed anew are acknowledged: 0 second deliveries."""
    sending = Sending(slices(2))
    with house.polling():
        house.send(sending)
        house.wait_until_finished(sending.transfer)
        upload = house.receiver.uploads[sending.transfer]
        upload.released.clear()
        house.receiver.close(sending.transfer)
        house.receiver.wait_for(lambda: upload.released == {0, 1, 2, 3})
    assert len(house.viewer.stored) == 2
    assert len(house.receiver.receipts) == 1
    assert len(house.receiver.pulled) == 4
