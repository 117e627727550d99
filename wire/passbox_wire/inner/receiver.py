"""Poller to receiver: what is there to pull, what is durable inside, what to stop, what to mail."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from passbox_wire import canonical, signing
from passbox_wire.canonical import Json
from passbox_wire.digests import DIGEST_BYTES
from passbox_wire.errors import SignatureWrong
from passbox_wire.ids import (
    MAX_PACK_NUMBER,
    DestinationId,
    TransferId,
    parse_destination_id,
    parse_transfer_id,
)
from passbox_wire.messages import CloseTransfer
from passbox_wire.parsing import Fields
from passbox_wire.signing import PUBLIC_KEY_BYTES, SIGNATURE_BYTES
from passbox_wire.states import UploadState

MAX_WAIT_SECONDS: Final = 60
MAX_WORK: Final = 200
MAX_ALARMS: Final = 100
MAX_ACKNOWLEDGED: Final = 500
_MAX_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WorkRequest:
    """Long poll: answered when anything is newer than ``cursor``, at last after ``wait`` seconds.

    ``cursor`` is the last Work's, 0 at first. ``poller`` names the instance that asks (random at
    its start): room for leases, by which two are noticed meanwhile (docs/adr/0007).
    """

    destination: DestinationId
    poller: str
    cursor: int
    wait: int

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode({name: getattr(self, name) for name in self.__slots__})


def parse_work_request(untrusted: bytes) -> WorkRequest:
    """Raise Malformed unless this is a WorkRequest."""
    fields = _fields(untrusted, "work request")
    request = WorkRequest(
        parse_destination_id(fields.text("destination", most=32)),
        fields.line("poller", most=64),
        fields.integer("cursor"),
        fields.integer("wait", most=MAX_WAIT_SECONDS),
    )
    fields.finish()
    return request


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A transfer that has something new or is not finished.

    ``packs`` counts all ever held, ``waiting`` those to pull; ``opened`` and ``last_pack`` in Unix
    seconds; ``public_key`` is the transfer's, so that the inside can check pack signatures.
    ``source`` is a keyed hash of the sender's network for fair queueing, never an address.
    ``packs_sha256`` is of the set the sender closed with, None before; ``signature`` is his, over
    the close or the cancel that ended it. See verify_end().
    """

    transfer: TransferId
    state: UploadState
    public_key: bytes
    source: bytes
    total_bytes: int
    packs: int
    waiting: int
    packs_sha256: bytes | None
    signature: bytes | None
    opened: int
    last_pack: int

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {
            "transfer": self.transfer,
            "state": self.state,
            "public_key": self.public_key.hex(),
            "source": self.source.hex(),
            "total_bytes": self.total_bytes,
            "packs": self.packs,
            "waiting": self.waiting,
            "packs_sha256": self.packs_sha256.hex() if self.packs_sha256 else None,
            "signature": self.signature.hex() if self.signature else None,
            "opened": self.opened,
            "last_pack": self.last_pack,
        }


def _parse_item(untrusted: Json) -> WorkItem:
    fields = Fields(untrusted, "work item")
    item = WorkItem(
        parse_transfer_id(fields.text("transfer", most=32)),
        fields.choice("state", UploadState),
        fields.binary("public_key", size=PUBLIC_KEY_BYTES),
        fields.binary("source", most=DIGEST_BYTES),
        fields.integer("total_bytes"),
        fields.integer("packs"),
        fields.integer("waiting"),
        None
        if fields.is_null("packs_sha256")
        else fields.binary("packs_sha256", size=DIGEST_BYTES),
        None if fields.is_null("signature") else fields.binary("signature", size=SIGNATURE_BYTES),
        fields.integer("opened"),
        fields.integer("last_pack"),
    )
    fields.finish()
    return item


def verify_end(item: WorkItem) -> None:
    """Raise SignatureWrong unless the sender ended the transfer as the item says.

    Anybody can seal a pack, so what belongs to a transfer is what its key closed over, and only its
    key cancels. That it idled too long or was stopped is the receiver's to say.
    """
    if item.packs_sha256 is not None:
        close = CloseTransfer(item.packs, item.packs_sha256)
        said = signing.close_statement(item.transfer, close.encode())
    elif item.state is UploadState.CANCELLED:
        said = signing.cancel_statement(item.transfer)
    elif item.state is UploadState.CLOSED:
        raise SignatureWrong("closed over nothing")
    else:
        return
    signing.verify(item.public_key, item.signature or b"", said)


class AlarmKind(StrEnum):
    """Why the receiver alarms; the words of the mail live in the poller."""

    SOFT_LIMIT = "soft limit"
    HARD_LIMIT = "hard limit"
    ACCEPTANCE_STOPPED = "acceptance stopped"
    STORE_NEARLY_FULL = "store nearly full"
    WAITING_TOO_LONG = "waiting too long"
    POLLER_SILENT = "poller silent"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm; ``sequence`` is acknowledged when its mail is in the outbox.

    ``used`` and ``limit`` in bytes or counts, as the kind has it.
    """

    sequence: int
    kind: AlarmKind
    time: int
    used: int
    limit: int

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


def _parse_alarm(untrusted: Json) -> Alarm:
    fields = Fields(untrusted, "alarm")
    alarm = Alarm(
        fields.integer("sequence", least=1),
        fields.choice("kind", AlarmKind),
        fields.integer("time"),
        fields.integer("used"),
        fields.integer("limit"),
    )
    fields.finish()
    return alarm


@dataclass(frozen=True, slots=True)
class Work:
    """The answer to a WorkRequest: unfinished transfers, oldest first.

    ``alarms`` are those not yet acknowledged; ``audit_head`` is the head of the receiver's audit
    chain, kept inside so that the DMZ cannot rewrite its own past.
    """

    cursor: int
    items: tuple[WorkItem, ...]
    alarms: tuple[Alarm, ...]
    audit_head: bytes

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode(
            {
                "cursor": self.cursor,
                "items": [item.to_json() for item in self.items],
                "alarms": [alarm.to_json() for alarm in self.alarms],
                "audit_head": self.audit_head.hex(),
            }
        )


def parse_work(untrusted: bytes) -> Work:
    """Raise Malformed unless this is Work."""
    fields = _fields(untrusted, "work")
    work = Work(
        fields.integer("cursor"),
        fields.items("items", _parse_item, most=MAX_WORK),
        fields.items("alarms", _parse_alarm, most=MAX_ALARMS),
        fields.binary("audit_head", size=DIGEST_BYTES),
    )
    fields.finish()
    return work


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A pack that is durable inside, signed by the destination (signing.acknowledge_statement)."""

    number: int
    sha256: bytes
    signature: bytes

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {
            "number": self.number,
            "sha256": self.sha256.hex(),
            "signature": self.signature.hex(),
        }


def encode_acknowledgements(packs: tuple[Acknowledged, ...]) -> bytes:
    """Return the canonical body of at most MAX_ACKNOWLEDGED acknowledgements."""
    return canonical.encode({"packs": [pack.to_json() for pack in packs]})


def parse_acknowledgements(untrusted: bytes) -> tuple[Acknowledged, ...]:
    """Raise Malformed unless these are acknowledgements; the signatures are not yet checked."""
    fields = _fields(untrusted, "acknowledgements")
    packs = fields.items("packs", _parse_acknowledged, most=MAX_ACKNOWLEDGED)
    fields.finish()
    return packs


def _parse_acknowledged(untrusted: Json) -> Acknowledged:
    fields = Fields(untrusted, "acknowledgement")
    pack = Acknowledged(
        fields.integer("number", most=MAX_PACK_NUMBER),
        fields.binary("sha256", size=DIGEST_BYTES),
        fields.binary("signature", size=SIGNATURE_BYTES),
    )
    fields.finish()
    return pack


class StopReason(StrEnum):
    """Why the inside stops a transfer, in a stable word for the receiver's ledger and audit.

    The sender is told only that it was stopped (410 ``stopped``): a reason would be an oracle.
    """

    WRONG_SEALING_KEY = "wrong sealing key"
    FORGED_PACK = "forged pack"
    NO_VALID_INVENTORY = "no valid inventory"
    BUDGET = "budget"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class StopTransfer:
    """No more of this transfer; the sender gets 410."""

    reason: StopReason

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode({"reason": self.reason})


def parse_stop_transfer(untrusted: bytes) -> StopTransfer:
    """Raise Malformed unless this is a StopTransfer."""
    fields = _fields(untrusted, "stop")
    stop = StopTransfer(fields.choice("reason", StopReason))
    fields.finish()
    return stop


@dataclass(frozen=True, slots=True)
class AlarmsSeen:
    """Alarms up to this sequence are in the inside's outbox."""

    sequence: int

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode({"sequence": self.sequence})


def parse_alarms_seen(untrusted: bytes) -> AlarmsSeen:
    """Raise Malformed unless this is an AlarmsSeen."""
    fields = _fields(untrusted, "alarms seen")
    seen = AlarmsSeen(fields.integer("sequence"))
    fields.finish()
    return seen


def _fields(untrusted: bytes, where: str) -> Fields:
    return Fields(canonical.decode(untrusted, max_bytes=_MAX_BYTES, where=where), where)
