"""Watches the receiver for the admins.

Mails its alarms, keeps its audit heads, notices its silence.
"""

from collections.abc import Callable, Sequence
from typing import Final

from passbox_base.clocks import Clock
from passbox_base.logs import get_logger
from passbox_base.outbox import Outbox
from passbox_poller.alarms import Admins, Budget, Silence, alarm_mails, silence_mails
from passbox_poller.ledger import Ledger
from passbox_poller.receiver_link import ReceiverLink
from passbox_wire.inner.receiver import Alarm, Work

_log = get_logger(__name__)

MARK: Final = "receiver alarms"
_MINUTE: Final = 60


class Watch:
    """Told of each answer and each failure of the receiver. One thread."""

    def __init__(
        self,
        *,
        receiver: ReceiverLink,
        ledger: Ledger,
        outbox: Outbox,
        clock: Clock,
        admins: Admins,
        silence_seconds: float,
        enqueued: Callable[[], None],
    ) -> None:
        self._receiver = receiver
        self._ledger = ledger
        self._outbox = outbox
        self._clock = clock
        self._admins = admins
        self._enqueued = enqueued
        self._silence = Silence(silence_seconds, clock.monotonic())
        self._budget = Budget()

    def answered(self, work: Work) -> None:
        """Heed what an answer of the receiver says beside transfers; raises NotNow, PeerWrong."""
        if self._silence.heard(self._clock.monotonic()):
            self._mail_silence(None)
        self._ledger.keep_audit_head(work.audit_head)
        if work.alarms:
            self._heed(work.alarms)

    def silent(self) -> None:
        """Take note that the receiver did not answer."""
        seconds = self._silence.too_long(self._clock.monotonic())
        if seconds is not None:
            _log.error("the receiver is silent", seconds=int(seconds))
            self._mail_silence(int(seconds) // _MINUTE)

    def _heed(self, alarms: Sequence[Alarm]) -> None:
        seen = self._ledger.mark(MARK)
        # All below what we have seen: not old ones again, but a receiver that counts anew.
        anew = all(alarm.sequence < seen for alarm in alarms)
        fresh = [alarm for alarm in alarms if anew or alarm.sequence > seen]
        if fresh:
            if not self._budget.take(self._clock.monotonic()):
                _log.warning("alarms wait: over the mails of an hour", count=len(fresh))
                return
            self._mail(fresh)
            self._ledger.set_mark(MARK, max(alarm.sequence for alarm in fresh))
        self._receiver.alarms_seen(max(alarm.sequence for alarm in alarms))

    def _mail(self, alarms: Sequence[Alarm]) -> None:
        now = self._clock.now()
        for mail in alarm_mails(self._admins, alarms, now):
            self._outbox.enqueue(mail, now=now)
        _log.warning("alarms mailed", count=len(alarms))
        self._enqueued()

    def _mail_silence(self, minutes: int | None) -> None:
        now = self._clock.now()
        for mail in silence_mails(self._admins, minutes, now):
            self._outbox.enqueue(mail, now=now)
        self._enqueued()
