"""`passbox poller receiver …`: an administrator's command from the poller's own machine.

The rule: the same way, signature and audit as a command of the pages, beside a running poller or
without one. Nothing is kept: who asks waits for the answer.
"""

import secrets
from pathlib import Path
from typing import Any

from passbox_base.clocks import Clock, SystemClock
from passbox_base.durable import make_folder
from passbox_poller.dialling import receiver_link
from passbox_poller.relay import CommandAudit, Relay
from passbox_poller.settings import read_settings
from passbox_wire.inner.admin import (
    COMMAND_ID_BYTES,
    Command,
    CommandAnswer,
    CommandId,
    CommandKind,
    parse_command,
)


def ask(
    settings_path: Path,
    kind: CommandKind,
    *,
    author: str,
    reason: str = "",
    clock: Clock | None = None,
    **arguments: Any,
) -> CommandAnswer:
    """Return what the receiver answers; ``arguments`` as ARGUMENTS has them for the kind.

    Raises Malformed when it is no command, SettingsError, NotNow, StoreFull, StoreFailed.
    """
    clock, settings = clock or SystemClock(), read_settings(settings_path)
    identity = CommandId(secrets.token_hex(COMMAND_ID_BYTES))
    issued = int(clock.now().timestamp())
    command = Command(identity, kind, author, reason, issued, **arguments)
    parse_command(command.encode())
    make_folder(settings.spool.folder)
    receiver = receiver_link(settings, clock)
    try:
        return Relay(receiver, CommandAudit(settings.spool.folder, clock)).carry(command)
    finally:
        receiver.cut()
