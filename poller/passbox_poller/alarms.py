"""What the admins are told: the receiver's alarms, and that the receiver is silent.

The rule: an alarm is acknowledged to the receiver once its mail is durable in the outbox, never
before. All alarms of one answer are one mail, and at most MAILS_AN_HOUR of them leave: a hostile
DMZ can fill an hour, not a mailbox. What is over waits unacknowledged. Words are ours, numbers are
the receiver's.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Final

from passbox_base.mail import build_mail, parse_address, stable_message_id
from passbox_poller.words import ALARMS, Language
from passbox_wire.ids import DestinationId
from passbox_wire.inner.receiver import Alarm

MAILS_AN_HOUR: Final = 12
_HOUR: Final = 3600.0
_LATEST: Final = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


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


@dataclass(frozen=True, slots=True)
class Admins:
    """Who hears of alarms about which destination, from which address, in which language."""

    destination: DestinationId
    sender: str
    addresses: Sequence[str]
    language: Language


def alarm_mails(admins: Admins, alarms: Sequence[Alarm], now: datetime) -> list[EmailMessage]:
    """Return a mail to each admin about ``alarms``, at least one.

    The same alarms give the same Message-IDs.
    """
    words = ALARMS[admins.language]
    lines = [
        f"{_when(alarm.time):%Y-%m-%d %H:%M} UTC: {words.kinds[alarm.kind]} "
        f"({words.counts.format(used=alarm.used, limit=alarm.limit)})"
        for alarm in alarms
    ]
    first, last = alarms[0], alarms[-1]
    about = f"alarms {first.sequence} {first.time} {last.sequence} {last.time}"
    return _mails(admins, [words.opening, *lines], about, now)


def silence_mails(admins: Admins, minutes: int | None, now: datetime) -> list[EmailMessage]:
    """Return mails that the receiver has been silent for ``minutes``, or is back (None)."""
    words = ALARMS[admins.language]
    line = words.back if minutes is None else words.silent.format(minutes=minutes)
    return _mails(admins, [line], f"silence {minutes is None} {now.isoformat()}", now)


def _mails(admins: Admins, lines: Sequence[str], about: str, now: datetime) -> list[EmailMessage]:
    domain = parse_address(admins.sender).domain
    return [
        build_mail(
            sender=admins.sender,
            recipient=admin,
            subject=ALARMS[admins.language].subject,
            body="\n\n".join(lines) + "\n",
            message_id=stable_message_id(domain, about, admins.destination, admin),
            now=now,
        )
        for admin in admins.addresses
    ]


def _when(seconds: int) -> datetime:
    """Return a time in UTC, the latest there is for later ones: the DMZ may send any number."""
    return datetime.fromtimestamp(min(seconds, _LATEST), tz=UTC)
