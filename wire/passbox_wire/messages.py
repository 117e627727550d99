"""What client and receiver say to each other, beside raw packs.

Frozen values, canonical bytes, bounded parsers.
"""

from dataclasses import dataclass
from typing import Final

from passbox_wire import canonical
from passbox_wire.canonical import Json
from passbox_wire.digests import DIGEST_BYTES
from passbox_wire.errors import Malformed
from passbox_wire.ids import (
    MAX_PACK_NUMBER,
    DestinationId,
    TransferId,
    parse_destination_id,
    parse_transfer_id,
)
from passbox_wire.pack import MessageClass
from passbox_wire.parsing import Fields, require_rising
from passbox_wire.signing import PUBLIC_KEY_BYTES
from passbox_wire.states import UploadState

MAX_MESSAGE_BYTES: Final = 64 * 1024
MAX_HELD_PER_PAGE: Final = 500
_COARSE_LEAST: Final = 1024 * 1024
_COARSE_PARTS: Final = 4
_MAX_VERSION_TEXT: Final = 40
_MAX_TEXT: Final = 1000
_MAX_URL: Final = 500


def coarse_bytes(total: int) -> int:
    """Return ``total`` bytes rounded up to one of four steps per power of two, at least 1 MiB.

    The DMZ needs a size to reserve room, not the exact one, which would tell discs apart.
    """
    if total <= _COARSE_LEAST:
        return _COARSE_LEAST
    step = (1 << (total - 1).bit_length()) // (2 * _COARSE_PARTS)
    return -(-total // step) * step


@dataclass(frozen=True, slots=True)
class OpenTransfer:
    """First message of a transfer, signed with its key.

    ``total_bytes`` is coarse_bytes of what the sealed packs may come to: room to reserve, no
    promise. On the wire ``reply_to``, ``sender_signature`` and ``hop_limit`` follow, reserved.
    """

    public_key: bytes
    destination: DestinationId
    total_bytes: int
    handle_sha256: bytes
    client: str
    message_class: MessageClass = MessageClass.DURABLE

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode(
            {
                "public_key": self.public_key.hex(),
                "destination": self.destination,
                "total_bytes": self.total_bytes,
                "handle_sha256": self.handle_sha256.hex(),
                "client": self.client,
                "message_class": int(self.message_class),
                "reply_to": None,
                "sender_signature": None,
                "hop_limit": 0,
            }
        )


def parse_open_transfer(untrusted: bytes) -> OpenTransfer:
    """Raise Malformed unless this is an OpenTransfer of the durable class."""
    fields = _fields(untrusted, "open")
    message = OpenTransfer(
        fields.binary("public_key", size=PUBLIC_KEY_BYTES),
        parse_destination_id(fields.text("destination", most=32)),
        fields.integer("total_bytes", least=1),
        fields.binary("handle_sha256", size=DIGEST_BYTES),
        fields.line("client", most=_MAX_VERSION_TEXT),
        MessageClass(
            fields.integer("message_class", least=MessageClass.DURABLE, most=MessageClass.DURABLE)
        ),
    )
    if not fields.is_null("reply_to") or not fields.is_null("sender_signature"):
        raise Malformed("open", "uses what is reserved")
    fields.integer("hop_limit", most=0)
    fields.finish()
    return message


@dataclass(frozen=True, slots=True)
class Limits:
    """What the receiver takes, answered before the first byte.

    In bytes: ``pack_bytes`` of one sealed pack, ``transfer_bytes`` of all sealed packs of a
    transfer.
    """

    pack_bytes: int
    transfer_bytes: int
    parallel_requests: int

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {
            "pack_bytes": self.pack_bytes,
            "transfer_bytes": self.transfer_bytes,
            "parallel_requests": self.parallel_requests,
        }


def parse_limits(untrusted: Json) -> Limits:
    """Raise Malformed unless these are Limits."""
    fields = Fields(untrusted, "limits")
    limits = Limits(
        fields.integer("pack_bytes", least=1),
        fields.integer("transfer_bytes", least=1),
        fields.integer("parallel_requests", least=1, most=64),
    )
    fields.finish()
    return limits


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """What anybody may ask: is the door open, for how much, for which clients.

    ``text`` was written by the administrator for senders; versions are as in pyproject, "0.1.0".
    """

    accepting: bool
    limits: Limits
    oldest_client: str
    newest_client: str
    download: str | None = None
    text: str | None = None

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode(
            {
                "accepting": self.accepting,
                "limits": self.limits.to_json(),
                "oldest_client": self.oldest_client,
                "newest_client": self.newest_client,
                "download": self.download,
                "text": self.text,
            }
        )


def parse_service_status(untrusted: bytes) -> ServiceStatus:
    """Raise Malformed unless this is a ServiceStatus."""
    fields = _fields(untrusted, "status")
    status = ServiceStatus(
        fields.boolean("accepting"),
        fields.part("limits", parse_limits),
        fields.line("oldest_client", most=_MAX_VERSION_TEXT),
        fields.line("newest_client", most=_MAX_VERSION_TEXT),
        None if fields.is_null("download") else fields.line("download", most=_MAX_URL),
        None if fields.is_null("text") else fields.text("text", most=_MAX_TEXT),
    )
    fields.finish()
    return status


@dataclass(frozen=True, slots=True)
class TransferStatus:
    """What the receiver holds of one transfer: the answer to open, close and cancel.

    ``packs`` and ``bytes_held`` count every sealed pack accepted so far, released ones too;
    ``time`` is the receiver's clock in Unix seconds.
    """

    transfer: TransferId
    state: UploadState
    packs: int
    bytes_held: int
    limits: Limits
    time: int

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode(
            {
                "transfer": self.transfer,
                "state": self.state,
                "packs": self.packs,
                "bytes_held": self.bytes_held,
                "limits": self.limits.to_json(),
                "time": self.time,
            }
        )


def parse_transfer_status(untrusted: bytes) -> TransferStatus:
    """Raise Malformed unless this is a TransferStatus."""
    fields = _fields(untrusted, "transfer status")
    status = TransferStatus(
        parse_transfer_id(fields.text("transfer", most=32)),
        fields.choice("state", UploadState),
        fields.integer("packs"),
        fields.integer("bytes_held"),
        fields.part("limits", parse_limits),
        fields.integer("time"),
    )
    fields.finish()
    return status


@dataclass(frozen=True, slots=True)
class HeldPack:
    """A sealed pack the receiver has or had; ``released`` once the inside has it."""

    number: int
    sha256: bytes
    length: int
    released: bool

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {
            "number": self.number,
            "sha256": self.sha256.hex(),
            "length": self.length,
            "released": self.released,
        }


def parse_held_pack(untrusted: Json) -> HeldPack:
    """Raise Malformed unless this is a HeldPack."""
    fields = Fields(untrusted, "pack")
    pack = HeldPack(
        fields.integer("number", most=MAX_PACK_NUMBER),
        fields.binary("sha256", size=DIGEST_BYTES),
        fields.integer("length"),
        fields.boolean("released"),
    )
    fields.finish()
    return pack


@dataclass(frozen=True, slots=True)
class HeldPacks:
    """One page of held packs in order of number.

    The question ``?after=N`` skips the first N numbers: the page begins with number N or the next
    one held. ``following`` is the N for the next page, None on the last.
    """

    packs: tuple[HeldPack, ...]
    following: int | None

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode(
            {"packs": [pack.to_json() for pack in self.packs], "following": self.following}
        )


def parse_held_packs(untrusted: bytes) -> HeldPacks:
    """Raise Malformed unless this is a page of HeldPacks."""
    fields = Fields(
        canonical.decode(untrusted, max_bytes=4 * MAX_MESSAGE_BYTES, where="held packs"),
        "held packs",
    )
    page = HeldPacks(
        fields.items("packs", parse_held_pack, most=MAX_HELD_PER_PAGE),
        None if fields.is_null("following") else fields.integer("following", most=MAX_PACK_NUMBER),
    )
    fields.finish()
    require_rising((pack.number for pack in page.packs), "held packs")
    return page


@dataclass(frozen=True, slots=True)
class CloseTransfer:
    """The sender has nothing more.

    ``packs`` is how many there are, ``packs_sha256`` the digest over all (digests.packs_digest).
    """

    packs: int
    packs_sha256: bytes

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode({"packs": self.packs, "packs_sha256": self.packs_sha256.hex()})


def parse_close_transfer(untrusted: bytes) -> CloseTransfer:
    """Raise Malformed unless this is a CloseTransfer."""
    fields = _fields(untrusted, "close")
    message = CloseTransfer(
        fields.integer("packs", least=1, most=MAX_PACK_NUMBER + 1),
        fields.binary("packs_sha256", size=DIGEST_BYTES),
    )
    fields.finish()
    return message


def _fields(untrusted: bytes, where: str) -> Fields:
    return Fields(canonical.decode(untrusted, max_bytes=MAX_MESSAGE_BYTES, where=where), where)
