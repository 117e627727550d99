"""The clock of the house: what was left lying ends, what is over goes away, what waits alarms.

The rule: an upload without a pack ends after a day, one with packs after a fortnight without
another; a closed one never ends by itself, because its sender was told that it is here. Rows of
what is over stay for a month, so that a late question is answered "expired", not "unknown"; of what
ended without a pack, for two days.
Each ending and each deletion is in the audit before it happens. tick() does one round and sleeps
nowhere.
"""

from typing import Final

import sqlalchemy as sa

from passbox_receiver import uploads, usage
from passbox_receiver.admission import DAY_SECONDS
from passbox_receiver.monitor import digest_yesterday, watch_house, watch_inside
from passbox_receiver.quarantine import clear
from passbox_receiver.receiver import PROGRAM, Receiver
from passbox_receiver.rules import Rules
from passbox_receiver.settings import LimitsSection
from passbox_receiver.sources import parse_source
from passbox_receiver.tables import EVERYBODY, commands, transfers
from passbox_receiver.tables import usage as usage_table
from passbox_receiver.uploads import ENDED, Upload
from passbox_wire.states import UploadEvent, UploadState

TICK_SECONDS: Final = 30.0
_USAGE_DAYS: Final = 90
_COMMAND_DAYS: Final = 30
"""How long a command's answer is kept; one that comes so late is done no more (commands.py)."""
_NOBODY: Final = parse_source("0.0.0.0")  # noqa: S104  # an address nobody has, to ask about the house


def is_overdue(upload: Upload, limits: LimitsSection, now: int) -> bool:
    """Return whether an unfinished upload has been idle for too long."""
    idle = now - upload.last_seen
    if upload.state is UploadState.OPENED:
        return idle > limits.idle_opened_seconds
    return upload.state is UploadState.RECEIVING and idle > limits.idle_receiving_seconds


def tick(receiver: Receiver) -> bool:
    """Do one round; return whether the inside should hear of it. Blocks.

    Raises StoreFailed, StoreFull.
    """
    rules = receiver.rules.current()
    ended = _end_overdue(receiver, rules.limits)
    clear(receiver)
    _forget_finished(receiver, rules.limits)
    alarmed = _watch(receiver, rules)
    return bool(ended) or alarmed


def _end_overdue(receiver: Receiver, limits: LimitsSection) -> int:
    with receiver.ledger.writing() as connection:
        taking = transfers.c.state.in_([UploadState.OPENED, UploadState.RECEIVING])
        rows = connection.execute(sa.select(transfers).where(taking)).all()
        now = receiver.now()
        overdue = [u for u in map(uploads.from_row, rows) if is_overdue(u, limits, now)]
        for upload in overdue:
            receiver.audit.append(
                "transfer ended",
                author=PROGRAM,
                reason=UploadEvent.IDLE_TOO_LONG,
                transfer_id=upload.transfer,
                packs=upload.packs,
            )
            uploads.move(connection, upload, UploadEvent.IDLE_TOO_LONG, now)
    return len(overdue)


def _forget_finished(receiver: Receiver, limits: LimitsSection) -> None:
    now = receiver.now()
    kept = sa.case(
        (transfers.c.packs == 0, limits.keep_empty_seconds), else_=limits.keep_finished_seconds
    )
    old = sa.and_(
        transfers.c.cleared,
        transfers.c.ended < now - kept,
        transfers.c.state.in_([UploadState.CLOSED, *ENDED]),
    )
    with receiver.ledger.writing() as connection:
        for transfer in connection.scalars(sa.select(transfers.c.transfer).where(old)).all():
            receiver.audit.append(
                "transfer forgotten", author=PROGRAM, reason="retention", transfer_id=transfer
            )
        connection.execute(sa.delete(transfers).where(old))
        forgotten = now - _COMMAND_DAYS * DAY_SECONDS
        connection.execute(sa.delete(commands).where(commands.c.time < forgotten))
        days = now // DAY_SECONDS - _USAGE_DAYS
        connection.execute(sa.delete(usage_table).where(usage_table.c.day < days))


def _watch(receiver: Receiver, rules: Rules) -> bool:
    free, now = receiver.free(), receiver.now()
    with receiver.ledger.writing() as connection:
        standing = usage.standing(connection, receiver.flying, _NOBODY, free, now)
        yesterday = usage.used_today(connection, EVERYBODY, now - DAY_SECONDS)
        raised = [
            watch_house(connection, rules, standing),
            watch_inside(connection, rules, receiver.inside.time, now),
            digest_yesterday(connection, rules, yesterday, now),
        ]
        return any(raised)
