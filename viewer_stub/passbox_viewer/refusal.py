"""Why a person says that a transfer is not ours: a stable word, and a note for the house.

The word goes into the audit; the note may name patients, so it stays in the ledger and on the page.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_NOTE: Final = 300


class RefusalReason(StrEnum):
    """What is wrong with a transfer, as the page offers it."""

    WRONG_PATIENT = "wrong patient"
    WRONG_RECIPIENT = "wrong recipient"
    NOT_EXPECTED = "not expected"
    UNUSABLE = "unusable"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why, and a note of at most MAX_NOTE characters, which OTHER needs."""

    reason: RefusalReason
    note: str


def parse_refusal(untrusted_reason: str, untrusted_note: str) -> Refusal | None:
    """Return what the form says, None when it does not say why."""
    note = " ".join(untrusted_note[:MAX_NOTE].split())
    if untrusted_reason not in set(RefusalReason):
        return None
    reason = RefusalReason(untrusted_reason)
    return None if reason is RefusalReason.OTHER and not note else Refusal(reason, note)
