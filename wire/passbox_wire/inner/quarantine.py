"""Quarantined files: what waits for a person (poller to viewer), what a person decided (back).

Among the decisions is one about no file: that what has come of a transfer that stands still is to
be shown.

The poller holds the bytes, the viewer has the people. The poller says its whole list whenever it
changed; a file that is no longer on it is released or gone. The viewer numbers what people decided,
as it numbers events; the poller fetches behind the last it has carried out, and writes author and
reason to its audit before the deed. A decision about a file that is not on the list is passed over,
so each may come twice.

The list has no names: what a file was called stands in the transfer's findings, under its index.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from passbox_wire import canonical
from passbox_wire.canonical import Json
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId, parse_transfer_id
from passbox_wire.inner.viewer import MAX_MESSAGE_BYTES
from passbox_wire.inventory import MAX_FILES
from passbox_wire.manifest import MAX_REASON
from passbox_wire.parsing import Fields, require_rising

MAX_QUARANTINED: Final = 10_000
MAX_DECISIONS: Final = 500
MAX_AUTHOR: Final = 100
MAX_DECISION_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class QuarantinedFile:
    """A file that was refused and is kept.

    ``reason``: a stable word of the poller; ``size`` in bytes; ``since`` in Unix seconds.
    """

    transfer: TransferId
    index: int
    reason: str
    size: int
    since: int

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Quarantined:
    """The whole list, oldest first; of ``total`` files the first MAX_QUARANTINED are named."""

    files: tuple[QuarantinedFile, ...]
    total: int

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode(
            {"files": [file.to_json() for file in self.files], "total": self.total}
        )


def parse_quarantined(untrusted: bytes) -> Quarantined:
    """Raise Malformed unless this is such a list."""
    fields = _fields(untrusted, "quarantined")
    quarantined = Quarantined(
        fields.items("files", _parse_file, most=MAX_QUARANTINED), fields.integer("total")
    )
    fields.finish()
    return quarantined


def _parse_file(untrusted: Json) -> QuarantinedFile:
    fields = Fields(untrusted, "file")
    file = QuarantinedFile(
        parse_transfer_id(fields.text("transfer", most=32)),
        fields.integer("index", most=MAX_FILES - 1),
        fields.line("reason", most=MAX_REASON),
        fields.integer("size"),
        fields.integer("since"),
    )
    fields.finish()
    return file


class Action(StrEnum):
    """What a person decides about a quarantined file, or RELEASE_TRANSFER about a transfer."""

    RELEASE = "release"
    """Hand it over although it was refused: as image where it can be one, else as attachment."""
    DELETE = "delete"
    RELEASE_TRANSFER = "release transfer"
    """Show what has come although the sender has not finished."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's decision about one file; ``index`` is 0 where it is about a transfer.

    ``author``: the account or login; ``reason``: in that person's words; both are needed. ``time``
    in Unix seconds.
    """

    sequence: int
    transfer: TransferId
    index: int
    action: Action
    author: str
    reason: str
    time: int

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


def encode_decisions(decisions: tuple[Decision, ...]) -> bytes:
    """Return the canonical body of decisions in rising order of sequence."""
    return canonical.encode({"decisions": [decision.to_json() for decision in decisions]})


def parse_decisions(untrusted: bytes) -> tuple[Decision, ...]:
    """Raise Malformed unless these are decisions in rising order of sequence."""
    fields = _fields(untrusted, "decisions")
    decisions = fields.items("decisions", parse_decision, most=MAX_DECISIONS)
    fields.finish()
    require_rising((decision.sequence for decision in decisions), "decisions")
    return decisions


def parse_decision(untrusted: Json) -> Decision:
    """Raise Malformed unless this is a decision, with an author and a reason."""
    fields = Fields(untrusted, "decision")
    decision = Decision(
        fields.integer("sequence", least=1),
        parse_transfer_id(fields.text("transfer", most=32)),
        fields.integer("index", most=MAX_FILES - 1),
        fields.choice("action", Action),
        fields.line("author", most=MAX_AUTHOR),
        fields.line("reason", most=MAX_DECISION_REASON),
        fields.integer("time"),
    )
    fields.finish()
    if not decision.author.strip() or not decision.reason.strip():
        raise Malformed("decision", "has an author and a reason")
    if decision.action is Action.RELEASE_TRANSFER and decision.index:
        raise Malformed("decision", "about a transfer names no file")
    return decision


def _fields(untrusted: bytes, where: str) -> Fields:
    return Fields(canonical.decode(untrusted, max_bytes=MAX_MESSAGE_BYTES, where=where), where)
