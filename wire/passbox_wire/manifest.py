"""The manifest: each file's outcome at the sender. docs/formats/manifest.md is the same in words.

Sealed, sent last. It closes a transfer: what was dropped, cut or mixed on the way shows here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from passbox_wire import canonical
from passbox_wire.canonical import Json
from passbox_wire.digests import DIGEST_BYTES, root_digest
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId, parse_transfer_id
from passbox_wire.inventory import MAX_FILE_BYTES, MAX_FILES, MAX_PARTS
from passbox_wire.parsing import Fields, require_rising

MAX_MANIFEST_BYTES: Final = 48 * 1024 * 1024
MAX_REASON: Final = 64


class Outcome(StrEnum):
    """What became of a file of the inventory at the sender."""

    SENT = "sent"
    UNREADABLE = "unreadable"
    CHANGED = "changed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """One file of the inventory; ``size`` in bytes as read (when SENT) or as claimed.

    ``sha256`` is of its bytes when SENT, else None; ``reason`` is a stable word for the others.
    """

    index: int
    outcome: Outcome
    size: int
    sha256: bytes | None = None
    reason: str = ""

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {
            "index": self.index,
            "outcome": self.outcome,
            "size": self.size,
            "sha256": self.sha256.hex() if self.sha256 else None,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """Outcomes in rising order of index, each once; ``parts`` is the number of inventory parts."""

    transfer: TransferId
    parts: int
    files: tuple[FileOutcome, ...]

    @property
    def root(self) -> bytes:
        """Root hash over the files that were sent."""
        return root_digest((file.index, file.sha256) for file in self.files if file.sha256)

    def encode(self) -> bytes:
        """Return the canonical bytes; their SHA-256 is the manifest digest."""
        return canonical.encode(
            {
                "version": 1,
                "transfer": self.transfer,
                "parts": self.parts,
                "count": len(self.files),
                "root": self.root.hex(),
                "files": [file.to_json() for file in self.files],
            }
        )


def parse_manifest(untrusted: bytes) -> Manifest:
    """Raise Malformed unless this is a manifest whose count, order and root agree with its files.

    Whether it speaks of every file of the inventory, and of this transfer, is the caller's to
    compare.
    """
    fields = Fields(
        canonical.decode(untrusted, max_bytes=MAX_MANIFEST_BYTES, where="manifest"), "manifest"
    )
    fields.integer("version", least=1, most=1)
    transfer = parse_transfer_id(fields.text("transfer", most=32))
    parts = fields.integer("parts", least=1, most=MAX_PARTS)
    count = fields.integer("count", most=MAX_FILES)
    root = fields.binary("root", size=DIGEST_BYTES)
    manifest = Manifest(transfer, parts, fields.items("files", _parse_outcome, most=MAX_FILES))
    fields.finish()
    require_rising((file.index for file in manifest.files), "manifest.files")
    if count != len(manifest.files) or root != manifest.root:
        raise Malformed("manifest", "contradicts itself")
    return manifest


def _parse_outcome(untrusted: Json) -> FileOutcome:
    fields = Fields(untrusted, "outcome")
    outcome = FileOutcome(
        fields.integer("index", most=MAX_FILES - 1),
        fields.choice("outcome", Outcome),
        fields.integer("size", most=MAX_FILE_BYTES),
        None if fields.is_null("sha256") else fields.binary("sha256", size=DIGEST_BYTES),
        fields.line("reason", most=MAX_REASON),
    )
    fields.finish()
    if (outcome.sha256 is not None) != (outcome.outcome is Outcome.SENT):
        raise Malformed("outcome", "contradicts itself")
    return outcome
