"""Every answer that is no success, one row each: stable code, HTTP status, may it be sent again.

The sentence for a human lives in the client, in their language; only a text an administrator wrote
for senders travels here. Body as RFC 9457 (application/problem+json), canonical JSON. A code that a
newer receiver made up is Malformed here; what is left then is the HTTP status.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from passbox_wire import canonical
from passbox_wire.parsing import Fields

CONTENT_TYPE: Final = "application/problem+json"
MAX_PROBLEM_BYTES: Final = 4096
MAX_TEXT: Final = 1000
MAX_WAIT_SECONDS: Final = 7 * 24 * 3600


class Code(StrEnum):
    """Stable names of problems; they are shown to help desks and never reused."""

    MALFORMED = "malformed"
    CLIENT_TOO_OLD = "client_too_old"
    NOT_FOUND = "not_found"
    WRONG_METHOD = "wrong_method"
    TOO_LARGE = "too_large"
    LENGTH_WRONG = "length_wrong"
    DIGEST_WRONG = "digest_wrong"
    SIGNATURE_WRONG = "signature_wrong"
    UNKNOWN_DESTINATION = "unknown_destination"
    UNKNOWN_TRANSFER = "unknown_transfer"
    PACK_CONFLICT = "pack_conflict"
    HELD_DIFFERS = "held_differs"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    TOO_MANY_REQUESTS = "too_many_requests"
    TOO_MANY_OPEN = "too_many_open"
    TRANSFER_TOO_LARGE = "transfer_too_large"
    SOURCE_LIMIT = "source_limit"
    DAY_LIMIT = "day_limit"
    NOT_ACCEPTING = "not_accepting"
    STORE_FULL = "store_full"
    INTERNAL = "internal"


class Row(NamedTuple):
    """HTTP status; whether the same request, sent again later, can succeed by itself."""

    status: int
    retry: bool


TABLE: Final = {
    Code.MALFORMED: Row(400, retry=False),
    Code.CLIENT_TOO_OLD: Row(426, retry=False),
    Code.NOT_FOUND: Row(404, retry=False),
    Code.WRONG_METHOD: Row(405, retry=False),
    Code.TOO_LARGE: Row(413, retry=False),
    Code.LENGTH_WRONG: Row(400, retry=True),
    Code.DIGEST_WRONG: Row(400, retry=True),
    Code.SIGNATURE_WRONG: Row(403, retry=False),
    Code.UNKNOWN_DESTINATION: Row(404, retry=False),
    Code.UNKNOWN_TRANSFER: Row(404, retry=False),
    Code.PACK_CONFLICT: Row(409, retry=False),
    Code.HELD_DIFFERS: Row(409, retry=False),
    Code.CLOSED: Row(409, retry=False),
    Code.CANCELLED: Row(410, retry=False),
    Code.STOPPED: Row(410, retry=False),
    Code.EXPIRED: Row(410, retry=False),
    Code.BLOCKED: Row(403, retry=False),
    Code.TOO_MANY_REQUESTS: Row(429, retry=True),
    Code.TOO_MANY_OPEN: Row(429, retry=False),
    Code.TRANSFER_TOO_LARGE: Row(413, retry=False),
    Code.SOURCE_LIMIT: Row(429, retry=False),
    Code.DAY_LIMIT: Row(503, retry=False),
    Code.NOT_ACCEPTING: Row(503, retry=False),
    Code.STORE_FULL: Row(507, retry=False),
    Code.INTERNAL: Row(500, retry=True),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem as it travels.

    ``retry_after`` in seconds; ``text`` was written by the receiver's administrator.
    """

    code: Code
    retry_after: int | None = None
    text: str | None = None

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return TABLE[self.code].status

    @property
    def retry(self) -> bool:
        """Whether the same request may be sent again."""
        return TABLE[self.code].retry

    def encode(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode(
            {"code": self.code, "retry_after": self.retry_after, "text": self.text}
        )


def parse_problem(untrusted: bytes) -> Problem:
    """Return the problem of an error answer; raise Malformed when it is none."""
    fields = Fields(
        canonical.decode(untrusted, max_bytes=MAX_PROBLEM_BYTES, where="problem"), "problem"
    )
    problem = Problem(
        fields.choice("code", Code),
        None
        if fields.is_null("retry_after")
        else fields.integer("retry_after", most=MAX_WAIT_SECONDS),
        None if fields.is_null("text") else fields.text("text", most=MAX_TEXT),
    )
    fields.finish()
    return problem
