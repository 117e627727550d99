"""Every JSON document of the contract, one valid example each: for tests that hold for all."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from passbox_wire import canonical, manifest, messages, problems, profile, receipts, signing
from passbox_wire.digests import sha256
from passbox_wire.inner import quarantine, receiver, viewer
from passbox_wire.inventory import FileKind, Inventory, parse_inventory
from passbox_wire.problems import Code, Problem
from passbox_wire.receipts import FileResult
from passbox_wire.states import DeliveryState, UploadState
from tests.builders.wire import (
    NOW,
    a_destination_id,
    a_manifest,
    a_profile,
    a_report,
    a_sender,
    a_service_status,
    a_signed_receipt,
    a_signing_key,
    a_transfer_id,
    a_transfer_status,
    an_inventory,
    an_open_transfer,
    public,
)


@dataclass(frozen=True)
class Document:
    """Canonical bytes, what reads them, what writes them again, how long they may be."""

    data: bytes
    parse: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    max_bytes: int


def _encode(value: Any) -> bytes:
    return bytes(value.encode())


def _parse_profile_body(body: bytes) -> profile.Profile:
    key = a_signing_key("profile")
    signature = signing.sign(key, signing.profile_statement(body)).hex()
    lines = [profile.MAGIC, f"{public(key).hex()} {signature}".encode(), body]
    return profile.parse_profile(b"\n".join(lines)).profile


def _encode_profile_body(value: profile.Profile) -> bytes:
    return canonical.encode(value.to_json())


DIGEST = sha256(b"something")
HELD = messages.HeldPacks(
    (
        messages.HeldPack(0, DIGEST, 5000, released=True),
        messages.HeldPack(7, DIGEST, 6000, released=False),
    ),
    following=7,
)
WORK = receiver.Work(
    5,
    (
        receiver.WorkItem(
            a_transfer_id(),
            UploadState.CLOSED,
            public(a_signing_key()),
            DIGEST[:16],
            2**20,
            3,
            1,
            DIGEST,
            bytes(64),
            NOW,
            NOW,
        ),
    ),
    (receiver.Alarm(1, receiver.AlarmKind.SOFT_LIMIT, NOW, 10, 9),),
    DIGEST,
)
DELIVERY = viewer.Delivery(
    DeliveryState.PARTIAL,
    visible=True,
    phone_code="ABCD-EFGH",
    delivered=2,
    missing=1,
    findings=(viewer.Finding("report.pdf", FileKind.PDF, FileResult.KEPT, "", 2),),
)
EVENTS = (
    viewer.Event(1, a_transfer_id(), viewer.EventKind.VISIBLE, NOW, "https://in.example/s/t", 0),
)
QUARANTINED = quarantine.Quarantined(
    (quarantine.QuarantinedFile(a_transfer_id(), 3, "truncated", 1_000, NOW),), 1
)
DECISIONS = (
    quarantine.Decision(
        1, a_transfer_id(), 3, quarantine.Action.RELEASE, "ada", "asked the sender", NOW
    ),
    quarantine.Decision(
        2, a_transfer_id(), 0, quarantine.Action.RELEASE_TRANSFER, "ada", "the ward waits", NOW
    ),
)
BARE_INVENTORY = Inventory(1, "CD 2", None, (), (), ())
FACTS = viewer.Facts(a_transfer_id(), a_sender(), "mri@hospital.example", "Radiology", "de", NOW, 2)


def _of(value: Any, parse: Callable[[bytes], Any], max_bytes: int) -> Document:
    return Document(value.encode(), parse, _encode, max_bytes)


SMALL = messages.MAX_MESSAGE_BYTES
INNER = receiver._MAX_BYTES
VIEWER = viewer.MAX_MESSAGE_BYTES

DOCUMENTS: dict[str, Document] = {
    "problem": _of(
        Problem(Code.NOT_ACCEPTING, 60, "Back on Monday."),
        problems.parse_problem,
        problems.MAX_PROBLEM_BYTES,
    ),
    "open": _of(an_open_transfer(), messages.parse_open_transfer, SMALL),
    "service status": _of(a_service_status(text="Hello"), messages.parse_service_status, SMALL),
    "transfer status": _of(a_transfer_status(), messages.parse_transfer_status, SMALL),
    "held packs": _of(HELD, messages.parse_held_packs, 4 * SMALL),
    "close": _of(messages.CloseTransfer(3, DIGEST), messages.parse_close_transfer, SMALL),
    "inventory": _of(an_inventory(), parse_inventory, 48 * 2**20),
    "later inventory": _of(BARE_INVENTORY, parse_inventory, 48 * 2**20),
    "manifest": _of(a_manifest(), manifest.parse_manifest, manifest.MAX_MANIFEST_BYTES),
    "report": _of(a_report(), receipts.parse_report, receipts.MAX_REPORT_BYTES),
    "signed receipt": _of(
        replace(a_signed_receipt(), sealed_report=b"sealed"),
        receipts.parse_signed_receipt,
        receipts.MAX_RECEIPT_BYTES,
    ),
    "receipt body": Document(
        a_signed_receipt().body, receipts._parse_body, _encode, receipts._MAX_BODY_BYTES
    ),
    "profile body": Document(
        _encode_profile_body(a_profile()),
        _parse_profile_body,
        _encode_profile_body,
        profile.MAX_PROFILE_BYTES,
    ),
    "work request": _of(
        receiver.WorkRequest(a_destination_id(), "poller 1", 0, 30),
        receiver.parse_work_request,
        INNER,
    ),
    "work": _of(WORK, receiver.parse_work, INNER),
    "acknowledgements": Document(
        receiver.encode_acknowledgements((receiver.Acknowledged(0, DIGEST, bytes(64)),)),
        receiver.parse_acknowledgements,
        receiver.encode_acknowledgements,
        INNER,
    ),
    "stop": _of(
        receiver.StopTransfer(receiver.StopReason.FORGED_PACK),
        receiver.parse_stop_transfer,
        INNER,
    ),
    "alarms seen": _of(receiver.AlarmsSeen(3), receiver.parse_alarms_seen, INNER),
    "facts": _of(FACTS, viewer.parse_facts, VIEWER),
    "registered": _of(viewer.Registered("ABCDEFGH23456777"), viewer.parse_registered, VIEWER),
    "delivery": _of(DELIVERY, viewer.parse_delivery, VIEWER),
    "instances": Document(
        viewer.encode_instances((viewer.StoredInstance("1.2.3", DIGEST, in_pacs=False),)),
        viewer.parse_instances,
        viewer.encode_instances,
        VIEWER,
    ),
    "quarantined": _of(QUARANTINED, quarantine.parse_quarantined, VIEWER),
    "decisions": Document(
        quarantine.encode_decisions(DECISIONS),
        quarantine.parse_decisions,
        quarantine.encode_decisions,
        VIEWER,
    ),
    "events": Document(
        viewer.encode_events(EVENTS), viewer.parse_events, viewer.encode_events, VIEWER
    ),
}
