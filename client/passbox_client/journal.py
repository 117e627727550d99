"""What this computer keeps of a transfer, so that it can go on after a cut. No names.

The rule: a pack's digest is durable here before its first byte leaves, so that every pack the
receiver may hold is known; the file is removed when the inside has signed for the transfer. Files
of the medium are known by a hash under a key of this journal, over path, size and UID: it
recognises them on a later pass, and two journals of one medium have nothing in common.
Here: keys, digests, keyed hashes. Not here: sender, recipient, patient, path, bytes of an image.
"""

import contextlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.durable import make_folder, remove
from passbox_base.errors import DamagedLog, StoreFailed, StoreFull
from passbox_base.journal import DurableLog, Entry, read_journal
from passbox_client.errors import StateFailed, Trouble
from passbox_wire.canonical import Json
from passbox_wire.codes import SECRET_BYTES, ReceiptCode
from passbox_wire.digests import DIGEST_BYTES
from passbox_wire.errors import Malformed
from passbox_wire.ids import DestinationId, TransferId, parse_destination_id, transfer_id
from passbox_wire.inventory import MAX_PARTS
from passbox_wire.manifest import MAX_REASON, FileOutcome, Outcome
from passbox_wire.pack import Kind, Record
from passbox_wire.parsing import Fields

SUFFIX: Final = ".transfer"
MARK_BYTES: Final = 16
MARK_KEY_BYTES: Final = 32
_SEED_BYTES: Final = 32
_MARKS_PER_LINE: Final = 5000
_MAX_PIECES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Identity:
    """A transfer's secrets and addressee; ``mark_key`` hashes files.

    ``consent_time`` in Unix seconds, None without consent.
    """

    key: Ed25519PrivateKey
    receipt: ReceiptCode
    mark_key: bytes
    destination: DestinationId
    profile_signer: bytes
    consent_time: int | None

    @property
    def public_key(self) -> bytes:
        """The raw public half of the transfer's key."""
        return self.key.public_key().public_bytes_raw()

    @property
    def transfer(self) -> TransferId:
        """The transfer's id."""
        return transfer_id(self.public_key)

    def mark(self, *parts: str | int | bytes) -> bytes:
        """Return the keyed hash of what identifies a thing on the medium, 16 bytes."""
        words = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
        text = b"".join(len(word).to_bytes(8, "big") + word for word in words)
        return hmac.digest(self.mark_key, text, "sha256")[:MARK_BYTES]


@dataclass(frozen=True, slots=True)
class Piece:
    """What a pack carries: ``length`` raw bytes at ``offset``; ``sha256`` where the whole ends."""

    kind: Kind
    index: int
    offset: int
    length: int
    sha256: bytes | None

    @classmethod
    def of(cls, record: Record) -> "Piece":
        """Return what a record carries."""
        return cls(record.kind, record.index, record.offset, record.raw_length, record.sha256)

    def to_json(self) -> Json:
        """Return the piece as a short list."""
        digest = self.sha256.hex() if self.sha256 else None
        return [int(self.kind), self.index, self.offset, self.length, digest]


@dataclass(frozen=True, slots=True)
class SentPack:
    """A pack that may be held."""

    number: int
    sha256: bytes
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class RememberedPart:
    """One medium of a transfer. ``marks`` in order of file index.

    ``lost`` are its files that could not be sent, None while it was not read to its end.
    """

    inventory_mark: bytes
    marks: tuple[bytes, ...]
    lost: tuple[FileOutcome, ...] | None


@dataclass(frozen=True, slots=True)
class Remembered:
    """A journal as it was read; ``sworn``: its manifest was made and must not change."""

    path: Path
    identity: Identity
    parts: tuple[RememberedPart, ...]
    packs: tuple[SentPack, ...]
    sworn: bool

    @property
    def marks(self) -> frozenset[bytes]:
        """The marks of all files on all media."""
        return frozenset(mark for part in self.parts for mark in part.marks)


class Journal:
    """A transfer's journal, opened for writing: durable on return, or StateFailed is raised."""

    def __init__(self, log: DurableLog) -> None:
        self._log = log

    @classmethod
    def create(cls, folder: Path, identity: Identity) -> "Journal":
        """Start the journal of a new transfer."""
        with _state_errors():
            make_folder(folder)
            journal = cls(DurableLog(folder / f"{identity.transfer}{SUFFIX}"))
        journal._append({"is": "transfer", "version": 1, **_identity_json(identity)})
        return journal

    @classmethod
    def reopen(cls, remembered: Remembered) -> "Journal":
        """Go on with a journal that was read."""
        with _state_errors():
            return cls(DurableLog(remembered.path))

    def planned(self, inventory_mark: bytes, marks: Sequence[bytes]) -> None:
        """Keep which files a further medium has, in order of index, and its inventory.

        The last line makes it so: a cut before it leaves no half of a medium.
        """
        for at in range(0, len(marks), _MARKS_PER_LINE):
            part = marks[at : at + _MARKS_PER_LINE]
            self._append({"is": "files", "marks": [mark.hex() for mark in part]})
        self._append({"is": "inventory", "mark": inventory_mark.hex(), "files": len(marks)})

    def sending(self, number: int, sha256: bytes, pieces: Iterable[Piece]) -> None:
        """Keep a pack's digest and contents, before it is sent."""
        self._append(
            {
                "is": "pack",
                "number": number,
                "sha256": sha256.hex(),
                "pieces": [piece.to_json() for piece in pieces],
            }
        )

    def read_through(self, part: int, outcomes: Iterable[FileOutcome]) -> None:
        """Keep that a medium was read to its end, and what of it could not be sent."""
        lost = [file for file in outcomes if file.outcome is not Outcome.SENT]
        for at in range(0, len(lost), _MARKS_PER_LINE):
            page = [outcome.to_json() for outcome in lost[at : at + _MARKS_PER_LINE]]
            self._append({"is": "lost", "files": page})
        self._append({"is": "read", "part": part})

    def closing(self) -> None:
        """Keep that the manifest is made of this: from here on it must not change any more."""
        self._append({"is": "manifest"})

    def close(self) -> None:
        """Let go of the file; it stays."""
        self._log.close()

    def forget(self) -> None:
        """Remove the file: the inside has signed, or the transfer is over."""
        self._log.close()
        with _state_errors():
            remove(self._log.path)

    def _append(self, entry: Entry) -> None:
        with _state_errors():
            self._log.append(entry)


def unfinished(folder: Path) -> Iterator[Remembered]:
    """Yield the unfinished transfers of ``folder``, the newest first; damaged ones are left out."""
    paths = [path for path in folder.glob(f"*{SUFFIX}") if path.is_file()]
    for path in sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True):
        try:
            yield read(path)
        except (Malformed, DamagedLog):
            continue


def read(path: Path) -> Remembered:
    """Return a journal's content. Raises Malformed or DamagedLog when it is none."""
    reading = _Reading()
    for entry in read_journal(path):
        fields = Fields(entry, "journal")
        reading.take(fields)
        fields.finish()
    if reading.identity is None:
        raise Malformed("journal", "without a transfer")
    parts = tuple(
        RememberedPart(mark, tuple(marks), reading.lost.get(number))
        for number, (mark, marks) in enumerate(reading.parts)
    )
    return Remembered(path, reading.identity, parts, tuple(reading.packs), reading.sworn)


@dataclass(slots=True)
class _Reading:
    """A journal, line by line."""

    identity: Identity | None = None
    parts: list[tuple[bytes, list[bytes]]] = field(default_factory=list)
    packs: list[SentPack] = field(default_factory=list)
    lost: dict[int, tuple[FileOutcome, ...]] = field(default_factory=dict)
    sworn: bool = False
    _lost_so_far: list[FileOutcome] = field(default_factory=list)
    _marks: list[bytes] = field(default_factory=list)

    def take(self, fields: Fields) -> None:
        match fields.text("is", most=20):
            case "transfer":
                self.identity = _parse_identity(fields)
            case "files":
                self._marks += fields.items("marks", _parse_mark, most=_MARKS_PER_LINE)
            case "inventory":
                self._take_part(fields)
            case "pack":
                self.packs.append(_parse_pack(fields))
            case "lost":
                self._lost_so_far += fields.items("files", _parse_lost, most=_MARKS_PER_LINE)
            case "read":
                number = fields.integer("part", most=MAX_PARTS - 1)
                self.lost[number], self._lost_so_far = tuple(self._lost_so_far), []
            case "manifest":
                self.sworn = True
            case _:
                raise Malformed("journal", "an unknown entry")

    def _take_part(self, fields: Fields) -> None:
        count = fields.integer("files", most=len(self._marks))
        # Before them may stand marks of a run that was cut off.
        marks = self._marks[len(self._marks) - count :]
        self.parts.append((fields.binary("mark", size=MARK_BYTES), marks))
        self._marks = []


def _identity_json(identity: Identity) -> dict[str, Json]:
    return {
        "key": identity.key.private_bytes_raw().hex(),
        "receipt": identity.receipt.secret.hex(),
        "mark_key": identity.mark_key.hex(),
        "destination": identity.destination,
        "profile_signer": identity.profile_signer.hex(),
        "consent_time": identity.consent_time,
    }


def _parse_identity(fields: Fields) -> Identity:
    fields.integer("version", least=1, most=1)
    return Identity(
        Ed25519PrivateKey.from_private_bytes(fields.binary("key", size=_SEED_BYTES)),
        ReceiptCode(fields.binary("receipt", size=SECRET_BYTES)),
        fields.binary("mark_key", size=MARK_KEY_BYTES),
        parse_destination_id(fields.text("destination", most=32)),
        fields.binary("profile_signer", size=32),
        None if fields.is_null("consent_time") else fields.integer("consent_time"),
    )


def _parse_pack(fields: Fields) -> SentPack:
    return SentPack(
        fields.integer("number"),
        fields.binary("sha256", size=DIGEST_BYTES),
        fields.items("pieces", _parse_piece, most=_MAX_PIECES),
    )


def _parse_piece(untrusted: Json) -> Piece:
    names = ("kind", "index", "offset", "length", "sha256")
    if not isinstance(untrusted, list) or len(untrusted) != len(names):
        raise Malformed("journal", "not a piece")
    fields = Fields(dict(zip(names, untrusted, strict=True)), "piece")
    return Piece(
        Kind(fields.integer("kind", most=max(Kind))),
        fields.integer("index"),
        fields.integer("offset"),
        fields.integer("length"),
        None if fields.is_null("sha256") else fields.binary("sha256", size=DIGEST_BYTES),
    )


def _parse_lost(untrusted: Json) -> FileOutcome:
    fields = Fields(untrusted, "lost")
    outcome = FileOutcome(
        fields.integer("index"),
        fields.choice("outcome", Outcome),
        fields.integer("size"),
        reason=fields.text("reason", most=MAX_REASON),
    )
    if not fields.is_null("sha256"):
        raise Malformed("lost", "has a digest")
    fields.finish()
    return outcome


def _parse_mark(untrusted: Json) -> bytes:
    return Fields({"mark": untrusted}, "journal").binary("mark", size=MARK_BYTES)


@contextlib.contextmanager
def _state_errors() -> Iterator[None]:
    """Turn a failing disk of this computer into our own error."""
    try:
        yield
    except StoreFull as error:
        raise StateFailed(Trouble.STATE_FULL) from error
    except (StoreFailed, DamagedLog) as error:
        raise StateFailed(Trouble.STATE_FAILED) from error
