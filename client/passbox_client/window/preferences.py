"""What this computer remembers of a person on request: the sender, and a proxy.

The rule: never a patient, never a recipient's patient, no password, nothing that was not asked for.
"""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passbox_base.durable import make_folder, remove, write_replacing
from passbox_base.errors import BaseError
from passbox_client.proxies import shown_proxy
from passbox_client.window.connection import By, Connection
from passbox_client.window.form import Form
from passbox_wire.inventory import MAX_NAME

_NAME: Final = "sender.json"
_CONNECTION: Final = "connection.json"
_CARD: Final = "hospital.passbox"
_MAX_BYTES: Final = 16 * 1024
_KEPT: Final = ("name", "email", "phone", "destination", "department", "recipient")


@dataclass(frozen=True, slots=True)
class Preferences:
    """A folder of this person's settings."""

    folder: Path

    @property
    def card(self) -> Path:
        """Where the hospital's address card that was opened last is kept."""
        return self.folder / _CARD

    def recall(self) -> Form:
        """Return the form as it was remembered, an empty one otherwise."""
        untrusted = self._read(_NAME)
        if untrusted is None:
            return Form()

        def text(name: str) -> str:
            value = untrusted.get(name)
            return value[:MAX_NAME] if isinstance(value, str) else ""

        return Form(
            text("name"),
            text("email"),
            text("phone"),
            text("destination"),
            text("department"),
            text("recipient"),
            remember=True,
        )

    def keep(self, form: Form) -> None:
        """Remember the form when that is wished, forget it otherwise; failing is no matter."""
        with contextlib.suppress(BaseError, OSError):
            kept = {name: getattr(form, name) for name in _KEPT}
            self._keep(_NAME, kept if form.remember else None)

    def recall_connection(self) -> Connection:
        """Return how the hospital is reached as it was remembered, the system's way otherwise."""
        untrusted = self._read(_CONNECTION) or {}
        by, address = untrusted.get("by"), untrusted.get("address")
        if not (isinstance(by, str) and by in set(By) and isinstance(address, str)):
            return Connection()
        found = Connection(By(by), address[:MAX_NAME], remember=True)
        return Connection() if found.trouble else found

    def keep_connection(self, connection: Connection) -> None:
        """Remember it when that is wished, without a password; forget it otherwise."""
        with contextlib.suppress(BaseError, OSError):
            kept = {"by": connection.by.value, "address": shown_proxy(connection.address)}
            self._keep(_CONNECTION, kept if connection.remember else None)

    def _read(self, name: str) -> dict[str, object] | None:
        try:
            untrusted = json.loads((self.folder / name).read_bytes()[:_MAX_BYTES])
        except (OSError, ValueError):
            return None
        return untrusted if isinstance(untrusted, dict) else None

    def _keep(self, name: str, kept: dict[str, str] | None) -> None:
        if kept is None:
            remove(self.folder / name)
            return
        make_folder(self.folder)
        write_replacing(self.folder / name, json.dumps(kept).encode())

    def keep_card(self, card: bytes) -> None:
        """Remember the hospital's address card."""
        with contextlib.suppress(BaseError, OSError):
            if not (self.card.is_file() and self.card.read_bytes() == card):
                make_folder(self.folder)
                write_replacing(self.card, card)
