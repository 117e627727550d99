"""Poller to viewer: facts of a transfer, its delivery state, attachments; back come events.

The poller dials both ways. The AE title the viewer answers with is the transfer's namespace:
C-STORE to it lands there and nowhere else.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from passbox_wire import canonical
from passbox_wire.canonical import Json
from passbox_wire.digests import DIGEST_BYTES
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId, parse_transfer_id
from passbox_wire.inventory import (
    MAX_FILES,
    MAX_LANGUAGE,
    MAX_NAME,
    MAX_PATH,
    MAX_UID,
    FileKind,
    Sender,
    parse_sender,
)
from passbox_wire.manifest import MAX_REASON
from passbox_wire.parsing import Fields
from passbox_wire.receipts import FileResult
from passbox_wire.states import DeliveryState

MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024
MAX_EVENTS: Final = 500
MAX_WAIT_SECONDS: Final = 60
AE_TITLE_LETTERS: Final = 16
MAX_SHOWN_FINDINGS: Final = 10_000
_MAX_LINK: Final = 500
_AE_TITLE: Final = re.compile(r"[A-Z0-9]{16}\Z")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the pages show about a transfer, all of it the sender's claims.

    ``received`` (Unix seconds) is when it was opened, as the receiver in the DMZ says.
    """

    transfer: TransferId
    sender: Sender
    recipient: str
    department: str
    language: str
    received: int
    claimed_instances: int

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode(
            {
                "transfer": self.transfer,
                "sender": self.sender.to_json(),
                "recipient": self.recipient,
                "department": self.department,
                "language": self.language,
                "received": self.received,
                "claimed_instances": self.claimed_instances,
            }
        )


def parse_facts(untrusted: bytes) -> Facts:
    """Raise Malformed unless these are Facts."""
    fields = _fields(untrusted, "facts")
    facts = Facts(
        parse_transfer_id(fields.text("transfer", most=32)),
        fields.part("sender", parse_sender),
        fields.line("recipient", most=MAX_NAME),
        fields.line("department", most=MAX_NAME),
        fields.line("language", most=MAX_LANGUAGE),
        fields.integer("received"),
        fields.integer("claimed_instances", most=MAX_FILES),
    )
    fields.finish()
    return facts


@dataclass(frozen=True, slots=True)
class Registered:
    """The namespace: a random 80-bit AE title of 16 letters and digits (base 32).

    The same transfer gets the same one again.
    """

    ae_title: str

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode({"ae_title": self.ae_title})


def parse_registered(untrusted: bytes) -> Registered:
    """Raise Malformed unless this is Registered."""
    fields = _fields(untrusted, "registered")
    registered = Registered(fields.text("ae_title", most=AE_TITLE_LETTERS))
    fields.finish()
    if not _AE_TITLE.match(registered.ae_title):
        raise Malformed("registered.ae_title", "not 16 capital letters and digits")
    return registered


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that was not delivered as an image: its fate and why, in stable words.

    ``path`` is as on the medium, for people to read, never to open. ``index`` is the file's index
    in the transfer, under which a KEPT one was handed over as attachment.
    """

    path: str
    kind: FileKind
    result: FileResult
    reason: str
    index: int | None = None

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


def _parse_finding(untrusted: Json) -> Finding:
    fields = Fields(untrusted, "finding")
    finding = Finding(
        fields.text("path", most=MAX_PATH),
        fields.choice("kind", FileKind),
        fields.choice("result", FileResult),
        fields.line("reason", most=MAX_REASON),
        None if fields.is_null("index") else fields.integer("index", most=MAX_FILES - 1),
    )
    fields.finish()
    return finding


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the delivery stands.

    ``visible`` releases it to people: the manifest verified, or staff let out what has come.
    ``phone_code`` is empty before the manifest.
    """

    state: DeliveryState
    visible: bool
    phone_code: str
    delivered: int
    missing: int
    findings: tuple[Finding, ...]

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode(
            {
                "state": self.state,
                "visible": self.visible,
                "phone_code": self.phone_code,
                "delivered": self.delivered,
                "missing": self.missing,
                "findings": [finding.to_json() for finding in self.findings],
            }
        )


def parse_delivery(untrusted: bytes) -> Delivery:
    """Raise Malformed unless this is a Delivery."""
    fields = _fields(untrusted, "delivery")
    delivery = Delivery(
        fields.choice("state", DeliveryState),
        fields.boolean("visible"),
        fields.text("phone_code", most=16),
        fields.integer("delivered", most=MAX_FILES),
        fields.integer("missing", most=MAX_FILES),
        fields.items("findings", _parse_finding, most=MAX_SHOWN_FINDINGS),
    )
    fields.finish()
    return delivery


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """One instance of the store's own index.

    ``data_set_sha256`` is of the bytes after group 0002 to the end; ``in_pacs`` is proved.
    """

    sop_instance_uid: str
    data_set_sha256: bytes
    in_pacs: bool

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {
            "sop_instance_uid": self.sop_instance_uid,
            "data_set_sha256": self.data_set_sha256.hex(),
            "in_pacs": self.in_pacs,
        }


def encode_instances(instances: tuple[StoredInstance, ...]) -> bytes:
    """Return the canonical body of the store's index of one transfer."""
    return canonical.encode({"instances": [instance.to_json() for instance in instances]})


def parse_instances(untrusted: bytes) -> tuple[StoredInstance, ...]:
    """Raise Malformed unless this is an index."""
    fields = _fields(untrusted, "instances")
    instances = fields.items("instances", _parse_instance, most=MAX_FILES)
    fields.finish()
    return instances


def _parse_instance(untrusted: Json) -> StoredInstance:
    fields = Fields(untrusted, "instance")
    instance = StoredInstance(
        fields.text("sop_instance_uid", most=MAX_UID),
        fields.binary("data_set_sha256", size=DIGEST_BYTES),
        fields.boolean("in_pacs"),
    )
    fields.finish()
    return instance


class EventKind(StrEnum):
    """What people did or may do with a transfer; VISIBLE and EXPIRING carry a link for the mail."""

    VISIBLE = "visible"
    FORWARDED = "forwarded"
    FORWARD_FAILED = "forward failed"
    REFUSED = "refused"
    EXPIRING = "expiring"
    """Nobody has taken it over, and ``time`` tells when it will be deleted."""
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Event:
    """One event; ``sequence`` runs over all transfers, ``time`` in Unix seconds.

    ``link`` is internal, empty unless VISIBLE or EXPIRING; ``in_pacs`` counts instances that are
    proved there.
    """

    sequence: int
    transfer: TransferId
    kind: EventKind
    time: int
    link: str
    in_pacs: int

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


def encode_events(events: tuple[Event, ...]) -> bytes:
    """Return the canonical body of events in order of sequence."""
    return canonical.encode({"events": [event.to_json() for event in events]})


def parse_events(untrusted: bytes) -> tuple[Event, ...]:
    """Raise Malformed unless these are events."""
    fields = _fields(untrusted, "events")
    events = fields.items("events", _parse_event, most=MAX_EVENTS)
    fields.finish()
    return events


def _parse_event(untrusted: Json) -> Event:
    fields = Fields(untrusted, "event")
    event = Event(
        fields.integer("sequence", least=1),
        parse_transfer_id(fields.text("transfer", most=32)),
        fields.choice("kind", EventKind),
        fields.integer("time"),
        fields.line("link", most=_MAX_LINK),
        fields.integer("in_pacs", most=MAX_FILES),
    )
    fields.finish()
    return event


def _fields(untrusted: bytes, where: str) -> Fields:
    return Fields(canonical.decode(untrusted, max_bytes=MAX_MESSAGE_BYTES, where=where), where)
