"""The quarantine for whoever asks on the poller's machine, beside a running poller.

The rule: nothing is done here. A decision is put where the poller finds it (deciding.py), readable
by the poller's user also when root decides.
"""

from pathlib import Path

from passbox_base.clocks import Clock, SystemClock
from passbox_poller.quarantine import Quarantine
from passbox_poller.settings import read_settings
from passbox_wire import canonical
from passbox_wire.ids import parse_transfer_id
from passbox_wire.inner.quarantine import Action, Decision, Quarantined, parse_decision


def quarantined(settings_path: Path) -> Quarantined:
    """Return what waits for a person, oldest first. Raises SettingsError, StoreFailed."""
    return _quarantine(settings_path, SystemClock()).listed()


def decide(
    settings_path: Path,
    untrusted_transfer: str,
    index: int,
    action: Action,
    *,
    author: str,
    reason: str,
) -> bool:
    """Put a decision where the poller finds it; return whether there is such a file.

    Raises Malformed for what is no decision, SettingsError, StoreFailed, StoreFull.
    """
    clock = SystemClock()
    quarantine = _quarantine(settings_path, clock)
    transfer = parse_transfer_id(untrusted_transfer)
    now = int(clock.now().timestamp())
    decision = Decision(1, transfer, index, action, author, reason, now)
    body = canonical.encode(decision.to_json())
    parse_decision(canonical.decode(body, max_bytes=len(body)))
    if quarantine.path(transfer, index) is None:
        return False
    quarantine.take(decision)
    return True


def _quarantine(settings_path: Path, clock: Clock) -> Quarantine:
    return Quarantine(read_settings(settings_path).spool.folder / "quarantine", clock)
