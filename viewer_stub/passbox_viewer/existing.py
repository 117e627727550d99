"""What a PACS holds already of what is to be sent, and what a person may decide about it. Pure.

The rule: nothing that is there is ever sent over. Either it is there already and only the rest
goes, or everything goes under new UIDs. To decide, the two can be compared (comparing.py). An
answer is good for exactly what was found, by its digest.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

COMPARE: Final = "compare"
"""In the place of an answer: show how alike they are, then ask again."""


class Answer(StrEnum):
    """What a person decides."""

    ALREADY_THERE = "already there"
    NEW_UIDS = "new uids"


class Likeness(StrEnum):
    """How an image of the PACS is like ours of the same SOP Instance UID."""

    SAME = "same"
    """Every byte of the data set, or every element and every pixel, written in another way."""
    SAME_PIXELS = "same pixels"
    """Every pixel; something else of the header differs."""
    OTHER = "other"
    UNKNOWN = "unknown"
    """The PACS did not hand it out, or one of them cannot be decoded."""


@dataclass(frozen=True, slots=True)
class Existing:
    """What the PACS lists of the transfer's UIDs.

    ``elsewhere`` are instances it has in another study or series than we.
    """

    studies: frozenset[str]
    sop_instance_uids: frozenset[str]
    elsewhere: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """Hash of exactly this finding: what a confirmation confirms."""
        parts = (self.studies, self.sop_instance_uids, self.elsewhere)
        lines = [line for part in parts for line in (*sorted(part), "")]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A person's answer, and the digest of the finding it is about."""

    digest: str
    answer: Answer


def parse_confirmed(untrusted_digest: str | None, untrusted_answer: str) -> Confirmed | None:
    """Return what a form confirms, None when it is no answer."""
    if not untrusted_digest or untrusted_answer not in set(Answer):
        return None
    return Confirmed(untrusted_digest, Answer(untrusted_answer))
