"""What the pages, the poller and the forwarder know of one stored instance.

``InstanceFacts`` were read in a killable worker and are claims of whoever wrote the file: text for
showing, UIDs by shape only. They are kept as canonical JSON.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final, Self

from passbox_viewer.store import Archived, Claims
from passbox_wire import canonical
from passbox_wire.ids import TransferId
from passbox_wire.parsing import Fields

MAX_FACTS_BYTES: Final = 64 * 1024
MAX_TEXT: Final = 1024
MAX_FRAMES: Final = 1_000_000
_MAX_SIDE: Final = 65535
_FAR: Final = 2**31


class Reading(StrEnum):
    """Whether the worker has been over an instance."""

    WAITING = "waiting"
    READ = "read"
    UNREADABLE = "unreadable"


class Forwarding(StrEnum):
    """How far one instance is on its way; SENT is our own C-STORE status and proves nothing."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    IN_PACS = "in PACS"


class Proof(StrEnum):
    """By what word of the PACS an instance is in it; THERE: it was before, and a person said so."""

    NONE = ""
    THERE = "there"
    LISTED = "listed"
    COMMITTED = "committed"


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """What an instance says of itself: dates as YYYYMMDD, empty text for absent."""

    study_instance_uid: str
    series_instance_uid: str
    patient_name: str
    patient_id: str
    birth_date: str
    sex: str
    charset_is_a_guess: bool
    study_date: str
    study_description: str
    modality: str
    series_description: str
    series_number: int | None
    instance_number: int | None
    rows: int | None
    columns: int | None
    frames: int

    def encode(self) -> str:
        """Return the canonical JSON."""
        return canonical.encode(asdict(self)).decode()

    @classmethod
    def parse(cls, untrusted: bytes) -> Self:
        """Raise Malformed unless these are facts."""
        fields = Fields(canonical.decode(untrusted, max_bytes=MAX_FACTS_BYTES), "facts")
        facts = cls(
            fields.text("study_instance_uid", most=64),
            fields.text("series_instance_uid", most=64),
            fields.text("patient_name", most=MAX_TEXT),
            fields.text("patient_id", most=MAX_TEXT),
            fields.text("birth_date", most=MAX_TEXT),
            fields.text("sex", most=MAX_TEXT),
            fields.boolean("charset_is_a_guess"),
            fields.text("study_date", most=MAX_TEXT),
            fields.text("study_description", most=MAX_TEXT),
            fields.text("modality", most=MAX_TEXT),
            fields.text("series_description", most=MAX_TEXT),
            _number(fields, "series_number"),
            _number(fields, "instance_number"),
            _side(fields, "rows"),
            _side(fields, "columns"),
            fields.integer("frames", least=1, most=MAX_FRAMES),
        )
        fields.finish()
        return facts


def _number(fields: Fields, name: str) -> int | None:
    return None if fields.is_null(name) else fields.integer(name, least=-_FAR, most=_FAR)


def _side(fields: Fields, name: str) -> int | None:
    return None if fields.is_null(name) else fields.integer(name, most=_MAX_SIDE)


@dataclass(frozen=True, slots=True)
class Instance:
    """One row of the index. ``beside``: same UID as an earlier one of the transfer, other bytes.

    ``facts`` is None until read, and for ever when unreadable. ``forward_status`` is the last DIMSE
    status the PACS gave, ``sent_as`` the transfer syntax it was sent in, empty before. ``archived``
    is what the house's archive has in place of a file here.
    """

    number: int
    transfer: TransferId
    file_name: str
    claims: Claims
    data_set_sha256: bytes
    data_set_bytes: int
    beside: bool
    reading: Reading
    facts: InstanceFacts | None
    forwarding: Forwarding
    forward_status: int | None
    proof: Proof = Proof.NONE
    sent_as: str = ""
    archived: Archived | None = None

    @property
    def sent_decoded(self) -> bool:
        """Whether the PACS got a decoded copy: it refused the transfer syntax of the original."""
        return self.sent_as not in {"", self.claims.transfer_syntax_uid}

    @property
    def waits(self) -> bool:
        """Whether it was never sent, and can be as far as is known: it may not have been read."""
        possible = self.reading is not Reading.UNREADABLE and not self.beside
        return possible and self.forwarding is Forwarding.WAITING

    @property
    def forwardable(self) -> bool:
        """Whether it can be sent and proved: known study and series, and the first of its UID."""
        return self.facts is not None and not self.beside
