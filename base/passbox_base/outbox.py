"""Mails that are not lost while the mail server is away.

Why here: a notice that never came is a patient's disc nobody looks at; poller and receiver
promise the same.

The rule: one file a mail, durable before the deed it tells of counts as told, named by a hash of
its Message-ID, so the same mail enqueued twice is one mail. Folders are the states:

    queued/<hash>.mail      envelope (one line of JSON) and the mail, byte for byte as it will go
    queued/<hash>.attempt   how often it was tried, and when next
    sent/<hash>             empty; what was sent is not kept, only that it was
    failed/<hash>.mail      refused for good, or too old; kept for a human

A crash between "250 OK" and the note of it sends a mail twice with one Message-ID: at least once,
never not at all. It does not write mails (mail.py) and does not choose recipients. One process
sends; any may enqueue.
"""

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import Enum
from pathlib import Path
from typing import Final, Protocol

from passbox_base.durable import (
    make_folder,
    move,
    remove,
    remove_leftovers,
    write_exclusive,
    write_replacing,
)
from passbox_base.errors import AlreadyThere, MailRefused
from passbox_wire import canonical
from passbox_wire.errors import WireError

WAITS: Final = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60))
"""How long to wait after the first, second … attempt; the last one repeats."""

GIVE_UP_AFTER: Final = timedelta(days=3)

_MAX_ENVELOPE: Final = 4096


class MailState(Enum):
    """Where a mail is."""

    UNKNOWN = "unknown"
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Answer(Enum):
    """What came of handing one mail to the relay."""

    TAKEN = "taken"
    LATER = "later"
    """This mail cannot go now (4xx)."""
    NEVER = "never"
    """This mail is refused for good (5xx)."""
    NO_RELAY = "no_relay"
    """The relay cannot be reached or used at all: no use trying the next mail."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends and receives; ``queued`` is aware, in UTC."""

    message_id: str
    sender: str
    recipient: str
    queued: datetime


class Relay(Protocol):
    """The way out: smtp.SmtpRelay, or what a test hands in."""

    async def hand_over(self, sender: str, recipient: str, mail: bytes) -> Answer:
        """Try once; never raise for what a mail server can do."""


@dataclass(slots=True)
class Round:
    """What one call of send_due did: Message-IDs, or the file's stem where that was unreadable."""

    sent: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class Outbox:
    """A folder of mails."""

    def __init__(self, root: Path) -> None:
        """Create the folders when absent; raise StoreFailed or StoreFull."""
        self._queued = root / "queued"
        self._sent = root / "sent"
        self._failed = root / "failed"
        for folder in (self._queued, self._sent, self._failed):
            make_folder(folder)
            remove_leftovers(folder)

    def enqueue(self, mail: EmailMessage, *, now: datetime) -> MailState:
        """Keep a mail, durable on return; a mail with this Message-ID that is known stays as it is.

        Returns the state it is in. Raises MailRefused, StoreFailed, StoreFull.
        """
        envelope = _envelope_of(mail, now)
        name = _name(envelope.message_id)
        known = self.state(envelope.message_id)
        if known is not MailState.UNKNOWN:
            return known
        with contextlib.suppress(AlreadyThere):  # somebody was quicker with the same mail
            write_exclusive(self._queued / f"{name}.mail", [_head(envelope), mail.as_bytes()])
        return MailState.QUEUED

    def state(self, message_id: str) -> MailState:
        """Return where the mail is."""
        name = _name(message_id)
        if (self._sent / name).exists():
            return MailState.SENT
        if (self._failed / f"{name}.mail").exists():
            return MailState.FAILED
        return MailState.QUEUED if (self._queued / f"{name}.mail").exists() else MailState.UNKNOWN

    def counts(self) -> dict[MailState, int]:
        """Return how many mails wait, went and failed."""
        return {
            MailState.QUEUED: sum(1 for _ in self._queued.glob("*.mail")),
            MailState.SENT: sum(1 for _ in self._sent.iterdir()),
            MailState.FAILED: sum(1 for _ in self._failed.glob("*.mail")),
        }

    async def send_due(self, relay: Relay, *, now: datetime) -> Round:
        """Try each mail whose time has come once; raise StoreFailed, StoreFull.

        Without a relay every due mail waits for its next time. The caller tells of ``failed``.
        """
        done = Round()
        answer = Answer.LATER
        for path in sorted(self._queued.glob("*.mail")):
            try:
                envelope, mail = _read(path)
            except (OSError, WireError, KeyError, TypeError, ValueError):
                move(path, self._failed / path.name)  # one rotten file must not stop the others
                done.failed.append(path.stem)
                continue
            if self.state(envelope.message_id) is not MailState.QUEUED:
                self._forget(path)  # a crash came between the note and the clearing up
                continue
            if self._attempt(path).due > now:
                continue
            if answer is not Answer.NO_RELAY:
                answer = await relay.hand_over(envelope.sender, envelope.recipient, mail)
            self._settle(path, envelope, answer, now, done)
        return done

    def _settle(
        self, path: Path, envelope: Envelope, answer: Answer, now: datetime, done: Round
    ) -> None:
        name = _name(envelope.message_id)
        if answer is Answer.TAKEN:
            write_replacing(self._sent / name, b"")
            self._forget(path)
            done.sent.append(envelope.message_id)
        elif answer is Answer.NEVER or now - envelope.queued >= GIVE_UP_AFTER:
            move(path, self._failed / path.name)
            remove(path.with_suffix(".attempt"))
            done.failed.append(envelope.message_id)
        else:
            tried = self._attempt(path).count + 1
            _write_attempt(path, _Attempt(tried, now + WAITS[min(tried, len(WAITS)) - 1]))
            done.waiting.append(envelope.message_id)

    @staticmethod
    def _forget(path: Path) -> None:
        remove(path)
        remove(path.with_suffix(".attempt"))

    @staticmethod
    def _attempt(path: Path) -> "_Attempt":
        try:
            raw = path.with_suffix(".attempt").read_bytes()
            document = canonical.decode(raw, max_bytes=_MAX_ENVELOPE)
            return _Attempt(document["count"], datetime.fromisoformat(document["due"]))
        except (OSError, WireError, KeyError, TypeError, ValueError):
            return _Attempt(0, _ALWAYS_DUE)  # a lost note costs one early attempt, no mail


@dataclass(frozen=True, slots=True)
class _Attempt:
    count: int
    due: datetime


_ALWAYS_DUE: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _write_attempt(path: Path, attempt: _Attempt) -> None:
    document = {"count": attempt.count, "due": attempt.due.isoformat()}
    write_replacing(path.with_suffix(".attempt"), canonical.encode(document))


def _name(message_id: str) -> str:
    return hashlib.sha256(message_id.encode()).hexdigest()[:40]


def _envelope_of(mail: EmailMessage, now: datetime) -> Envelope:
    sender, recipient = _only_address(mail, "From"), _only_address(mail, "To")
    if not mail["Message-ID"]:
        raise MailRefused("a mail needs a Message-ID")
    return Envelope(str(mail["Message-ID"]), sender, recipient, now)


def _only_address(mail: EmailMessage, header: str) -> str:
    addresses: Sequence[object] = getattr(mail[header], "addresses", ())
    if len(addresses) != 1:
        raise MailRefused(f"a mail has one address in {header}")
    return str(getattr(addresses[0], "addr_spec", ""))


def _head(envelope: Envelope) -> bytes:
    document = {
        "message_id": envelope.message_id,
        "queued": envelope.queued.isoformat(),
        "recipient": envelope.recipient,
        "sender": envelope.sender,
    }
    return canonical.encode(document) + b"\n"


def _read(path: Path) -> tuple[Envelope, bytes]:
    head, _, mail = path.read_bytes().partition(b"\n")
    document = canonical.decode(head, max_bytes=_MAX_ENVELOPE)
    queued = datetime.fromisoformat(document.pop("queued"))
    return Envelope(queued=queued, **document), mail
