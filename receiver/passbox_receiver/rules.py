"""The rules in force: the configuration, with what administrators changed since laid over it.

The rule: a change is rows of the ledger, written by operations.py in whatever process, with author
and reason; it wins until it is reset. The running receiver looks at one counter with every request,
and before it obeys a change it writes it into the audit chain, which is its alone.
"""

import threading
from dataclasses import dataclass
from typing import Final, TypeVar

import sqlalchemy as sa
from pydantic import ValidationError

from passbox_base.audit import AuditChain
from passbox_receiver.errors import RuleRefused
from passbox_receiver.ledger import RULES, Ledger, counter
from passbox_receiver.lists import ListEntry, load_entries
from passbox_receiver.settings import LimitsSection, MonitorSection, ReceiverSettings
from passbox_receiver.tables import acceptance, changes, overrides

SectionT = TypeVar("SectionT", LimitsSection, MonitorSection)

ACCEPTANCE_ROW: Final = 1


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules at one moment. ``reopened_day``: the Unix day the hard limit was lifted by hand."""

    limits: LimitsSection
    monitor: MonitorSection
    reserve_bytes: int
    reserve_files: int = 0
    lists: tuple[ListEntry, ...] = ()
    stopped: bool = False
    stop_text: str | None = None
    reopened_day: int | None = None


def names() -> tuple[str, ...]:
    """Return what can be changed at run time: limits.… and monitor.…."""
    return tuple(
        [f"limits.{name}" for name in LimitsSection.model_fields]
        + [f"monitor.{name}" for name in MonitorSection.model_fields]
    )


def load_rules(connection: sa.Connection, settings: ReceiverSettings) -> Rules:
    """Return the rules in force."""
    rows = connection.execute(sa.select(overrides.c.name, overrides.c.value))
    changed = {row.name: row.value for row in rows}
    row = connection.execute(sa.select(acceptance).where(acceptance.c.id == ACCEPTANCE_ROW)).one()
    return Rules(
        _overlaid(settings.limits, "limits.", changed),
        _overlaid(settings.monitor, "monitor.", changed),
        settings.store.kept_bytes,
        settings.store.reserve_files,
        load_entries(connection),
        row.stopped,
        row.text,
        row.reopened_day,
    )


def checked(settings: ReceiverSettings, name: str, value: int) -> None:
    """Raise RuleRefused unless ``value`` may be set under ``name``."""
    if name not in names():
        raise RuleRefused(f"there is no limit of this name; there are {', '.join(names())}")
    try:
        _overlaid(settings.limits, "limits.", {name: value})
        _overlaid(settings.monitor, "monitor.", {name: value})
    except ValidationError as error:
        raise RuleRefused(error.errors(include_url=False)[0]["msg"]) from None


def _overlaid(section: SectionT, prefix: str, changed: dict[str, int]) -> SectionT:
    ours = {
        name.removeprefix(prefix): value
        for name, value in changed.items()
        if name.startswith(prefix)
    }
    return type(section).model_validate({**section.model_dump(), **ours})


class RuleBook:
    """The rules as this process knows them."""

    def __init__(self, ledger: Ledger, settings: ReceiverSettings, audit: AuditChain) -> None:
        self._ledger = ledger
        self._settings = settings
        self._audit = audit
        self._lock = threading.Lock()
        self._version = -1
        store = settings.store
        self.latest = Rules(
            settings.limits, settings.monitor, store.kept_bytes, store.reserve_files
        )
        """What was in force at the last look; for decisions that must not cost a disk access."""

    def current(self) -> Rules:
        """Return the rules in force now; blocks. Raises StoreFailed, StoreFull."""
        with self._lock:
            with self._ledger.reading() as connection:
                version = counter(connection, RULES)
                if version == self._version:
                    return self.latest
            with self._ledger.writing() as connection:  # nothing may change between audit and rules
                self._write_audit(connection)
                self.latest = load_rules(connection, self._settings)
                self._version = counter(connection, RULES)
            return self.latest

    def _write_audit(self, connection: sa.Connection) -> None:
        pending = sa.select(changes).where(~changes.c.audited).order_by(changes.c.id)
        for row in connection.execute(pending).all():
            command = {} if row.command is None else {"command": row.command}
            self._audit.append(
                "rules changed", author=row.author, reason=row.reason, change=row.what, **command
            )
        connection.execute(sa.update(changes).where(~changes.c.audited).values(audited=True))
