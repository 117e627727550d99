"""What the admins are told: the receiver's alarms, and that the receiver is silent.

The rule: an alarm is acknowledged to the receiver once its mail is durable in the outbox, never before.
All alarms of one answer are one mail, and at most MAILS_AN_HOUR of them leave: a hostile DMZ can fill
an hour, not a mailbox. What is over waits unacknowledged. Words are ours, numbers are the receiver's.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import Final

from passbox_base.mail import build_mail, parse_address, stable_message_id
from passbox_poller.words import ALARMS, Language
from passbox_wire.ids import DestinationId
from passbox_wire.inner.receiver import Alarm

MAILS_AN_HOUR: Final = 12
_HOUR: Final = 3600.0


class Silence:
    """Whether the receiver has been away too long. Pure: told the time, tells when to alarm."""

    def __init__(self, limit: float, now: float) -> None:
        """``limit`` in seconds; times are monotonic seconds."""
        self._limit = limit
        self._heard = now
        self._alarmed = False

    def heard(self, now: float) -> bool:
        """Take note of an answer; return whether this ends a silence that was alarmed."""
        self._heard = now
        ended, self._alarmed = self._alarmed, False
        return ended

    def too_long(self, now: float) -> float | None:
        """Return the seconds of silence, once for each silence that passes the limit, else None."""
        silent = now - self._heard
        if self._alarmed or silent < self._limit:
            return None
        self._alarmed = True
        return silent


class Budget:
    """At most ``most`` in any hour. Pure: told the time in monotonic seconds."""

    def __init__(self, most: int = MAILS_AN_HOUR) -> None:
        self._most = most
        self._taken: deque[float] = deque()

    def take(self, now: float) -> bool:
        """Return whether one more is within the budget, and count it if so."""
        while self._taken and now - self._taken[0] >= _HOUR:
            self._taken.popleft()
        if len(self._taken) >= self._most:
            return False
        self._taken.append(now)
        return True


def alarm_mail(
    alarms: Sequence[Alarm],
    *,
    destination: DestinationId,
    sender: str,
    admin: str,
    language: Language,
    now: datetime,
) -> EmailMessage:
    """Return one mail to one admin about ``alarms``, at least one; the same alarms give the same Message-ID."""
    words = ALARMS[language]
    lines = [
        f"{datetime.fromtimestamp(_sane(alarm.time), tz=now.tzinfo):%Y-%m-%d %H:%M} UTC: {words.kinds[alarm.kind]} "
        f"({words.counts.format(used=alarm.used, limit=alarm.limit)})"
        for alarm in alarms
    ]
    about = ("alarm", destination, admin, str(alarms[0].sequence), str(alarms[-1].sequence))
    return _mail(sender, admin, words.subject, [words.opening, *lines], about, now)


def silence_mail(
    minutes: int | None, *, sender: str, admin: str, language: Language, now: datetime
) -> EmailMessage:
    """Return the mail that the receiver has been silent for ``minutes``, or is back (None)."""
    words = ALARMS[language]
    line = words.back if minutes is None else words.silent.format(minutes=minutes)
    about = ("silence", admin, str(minutes is None), now.isoformat())
    return _mail(sender, admin, words.subject, [line], about, now)


def _mail(
    sender: str, admin: str, subject: str, lines: Sequence[str], about: Sequence[str], now: datetime
) -> EmailMessage:
    return build_mail(
        sender=sender,
        recipient=admin,
        subject=subject,
        body="\n\n".join(lines) + "\n",
        message_id=stable_message_id(parse_address(sender).domain, *about),
        now=now,
    )


def _sane(seconds: int) -> int:
    """Return a time that datetime takes: the DMZ may send any number."""
    return min(seconds, 253_402_300_799)
