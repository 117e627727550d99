"""When notices leave: at once, but at most so many an hour to one recipient, then one for all.

A sender, or a thousand of them, must not be able to bury a doctor's mailbox under mail that the
hospital itself sends (security anchors E4).

The rule: who is to hear of what is durable in the ledger before a delivery counts as announced, so
limits and what waits hold over restarts. In any hour at most NOTICES_AN_HOUR mails go to one
recipient. When more wait than may go, they become one mail with the link of the recipient's inbox;
who has no inbox gets them one by one as the hour allows: no link is ever dropped. A notice is
settled after its mail is durable in the outbox.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Final

from passbox_base.clocks import Clock
from passbox_base.logs import get_logger
from passbox_base.outbox import Outbox
from passbox_poller.expiring import expiry_notice
from passbox_poller.notices import Notices, WaitingNotice
from passbox_poller.notify import Letterhead, check_link, digest, notice
from passbox_wire.codes import phone_code
from passbox_wire.ids import TransferId
from passbox_wire.states import DeliveryState

_log = get_logger(__name__)

NOTICES_AN_HOUR: Final = 10
_HOUR: Final = timedelta(hours=1)


class Noticing:
    """Decides when notices become mails. Threads may share it."""

    def __init__(
        self,
        *,
        notices: Notices,
        outbox: Outbox,
        letterhead: Letterhead,
        inboxes: Mapping[str, str],
        clock: Clock,
        enqueued: Callable[[], None],
    ) -> None:
        """``inboxes``: links of inboxes by recipient; ``enqueued`` is told of mails."""
        self._notices = notices
        self._outbox = outbox
        self._letterhead = letterhead
        self._inboxes = inboxes
        self._clock = clock
        self._enqueued = enqueued
        self._lock = threading.Lock()

    def announce(self, transfer: TransferId, recipient: str, link: str) -> None:
        """Take note that ``recipient`` is to hear of a delivery, durable on return.

        Raises PeerWrong for a link that we do not mail.
        """
        check_link(link, self._letterhead.link_prefix)
        self._notices.add(transfer, recipient, link, int(self._clock.now().timestamp()))

    def warn(self, transfer: TransferId, recipient: str, link: str, deleted: int) -> None:
        """Mail that images will be deleted at ``deleted`` (Unix seconds), durable on return.

        Raises PeerWrong for a link that we do not mail, StoreFull, StoreFailed.
        """
        now = self._clock.now()
        mail = expiry_notice(
            self._letterhead,
            transfer=transfer, recipient=recipient, link=link, deleted=deleted, now=now,
        )  # fmt: skip
        self._outbox.enqueue(mail, now=now)
        self._enqueued()

    def turn(self) -> None:
        """Make mails of the notices that may go now. Raises StoreFull, StoreFailed."""
        with self._lock:
            by_recipient: dict[str, list[WaitingNotice]] = defaultdict(list)
            for waiting in self._notices.waiting():
                by_recipient[waiting.recipient].append(waiting)
            for recipient, notices in by_recipient.items():
                self._turn_of(recipient, notices)

    def _turn_of(self, recipient: str, notices: Sequence[WaitingNotice]) -> None:
        now = self._clock.now()
        since = int((now - _HOUR).timestamp())
        free = max(NOTICES_AN_HOUR - self._notices.mails_to(recipient, since), 0)
        inbox = self._inboxes.get(recipient)
        if free and len(notices) > free and inbox is not None:
            mail = digest(self._letterhead, recipient, inbox, [n.transfer for n in notices], now)
            self._send(mail, notices, now)
            return
        for one in notices[:free]:
            self._send(self._notice(one, now), [one], now)

    def _notice(self, waiting: WaitingNotice, now: datetime) -> EmailMessage:
        sha256 = waiting.manifest_sha256
        return notice(
            self._letterhead,
            transfer=waiting.transfer,
            recipient=waiting.recipient,
            link=waiting.link,
            phone_code=phone_code(sha256) if sha256 else "",
            complete=waiting.delivery is DeliveryState.COMPLETE,
            now=now,
        )

    def _send(self, mail: EmailMessage, notices: Sequence[WaitingNotice], now: datetime) -> None:
        self._outbox.enqueue(mail, now=now)
        self._notices.mailed(
            [one.transfer for one in notices], str(mail["Message-ID"]), int(now.timestamp())
        )
        if len(notices) > 1:
            _log.warning("notices gathered into one mail", count=len(notices))
        self._enqueued()
