"""Alarms by the receiver's own mail, where its host has a relay (section [mail]).

The rule: an alarm is in the durable outbox before it counts as mailed; a relay that is down for
hours loses none. It travels with the poll as well: two mails about a flood are better than none
because one way was cut. Words are fixed; in them are numbers, no address and nothing of a sender.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from passbox_base.logs import get_logger
from passbox_base.mail import build_mail, parse_address, stable_message_id
from passbox_base.outbox import Outbox, Relay
from passbox_base.smtp import SmtpRelay
from passbox_receiver.ledger import counter
from passbox_receiver.monitor import alarms_after
from passbox_receiver.receiver import Receiver
from passbox_receiver.settings import MailSection
from passbox_receiver.tables import counters
from passbox_wire.inner.receiver import Alarm, AlarmKind

_MAILED: Final = "mailed"

SUBJECTS: Final = {"de": "Passbox-Empfänger: Alarm", "en": "Passbox receiver: alarm"}
KINDS: Final = {
    "de": {
        AlarmKind.SOFT_LIMIT: "Die weiche Tagesgrenze ist überschritten.",
        AlarmKind.HARD_LIMIT: "Die harte Tagesgrenze ist erreicht, Neues wird nicht angenommen.",
        AlarmKind.ACCEPTANCE_STOPPED: "Die Annahme ist angehalten.",
        AlarmKind.STORE_NEARLY_FULL: "Der Speicher ist fast voll.",
        AlarmKind.WAITING_TOO_LONG: "Eine Sendung wartet zu lange auf die Abholung.",
        AlarmKind.POLLER_SILENT: "Die Abholung von innen bleibt aus.",
        AlarmKind.TEST: "Das ist ein Probealarm.",
    },
    "en": {
        AlarmKind.SOFT_LIMIT: "The soft limit of the day is passed.",
        AlarmKind.HARD_LIMIT: "The hard limit of the day is reached; nothing new is accepted.",
        AlarmKind.ACCEPTANCE_STOPPED: "Acceptance is stopped.",
        AlarmKind.STORE_NEARLY_FULL: "The store is nearly full.",
        AlarmKind.WAITING_TOO_LONG: "A transfer has waited too long to be pulled.",
        AlarmKind.POLLER_SILENT: "The inside has stopped polling.",
        AlarmKind.TEST: "This is a test alarm.",
    },
}

_log = get_logger(__name__)


class AlarmMail:
    """The receiver's own way to its administrators."""

    def __init__(
        self, receiver: Receiver, section: MailSection, relay: Relay | None = None
    ) -> None:
        """Open the outbox below the store; raise StoreFailed, StoreFull."""
        self._receiver = receiver
        self._section = section
        self._outbox = Outbox(receiver.settings.store.folder / "mail")
        self._relay = relay or SmtpRelay(section.host, section.port, section.tls)

    def enqueue(self) -> int:
        """Put alarms that were never mailed into the outbox; return how many; blocks."""
        ledger, now = self._receiver.ledger, self._receiver.clock.now()
        with ledger.reading() as connection:
            alarms = alarms_after(connection, counter(connection, _MAILED))
        if not alarms:
            return 0
        for mail in alarm_mails(self._section, alarms, now):
            self._outbox.enqueue(mail, now=now)
        with ledger.writing() as connection:
            _note(connection, alarms[-1].sequence)
        return len(alarms)

    async def send(self) -> None:
        """Try what is due once; what fails stays."""
        done = await self._outbox.send_due(self._relay, now=self._receiver.clock.now())
        if done.failed:
            _log.error("alarms could not be mailed", count=len(done.failed))


def alarm_mails(section: MailSection, alarms: Sequence[Alarm], now: datetime) -> list[EmailMessage]:
    """Return one mail to each admin about all of ``alarms``; the same alarms, the same ids."""
    lines = [
        f"{datetime.fromtimestamp(alarm.time, UTC):%Y-%m-%d %H:%M} UTC: "
        f"{KINDS[section.language][alarm.kind]} ({alarm.used} / {alarm.limit})"
        for alarm in alarms
    ]
    domain = parse_address(section.sender).domain
    about = f"receiver alarms {alarms[0].sequence} {alarms[-1].sequence}"
    return [
        build_mail(
            sender=section.sender,
            recipient=admin,
            subject=SUBJECTS[section.language],
            body="\n".join(lines) + "\n",
            message_id=stable_message_id(domain, about, admin),
            now=now,
        )
        for admin in section.admins
    ]


def _note(connection: sa.Connection, sequence: int) -> None:
    adding = insert(counters).values(name=_MAILED, value=sequence)
    connection.execute(
        adding.on_conflict_do_update(
            index_elements=[counters.c.name], set_={"value": adding.excluded.value}
        )
    )
