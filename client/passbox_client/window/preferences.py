"""What this computer remembers of a person on request: the sender and the language.

The rule: never a patient, never a recipient's patient, nothing that was not asked for.
"""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passbox_base.durable import make_folder, remove, write_replacing
from passbox_base.errors import BaseError
from passbox_client.window.form import Form
from passbox_wire.inventory import MAX_NAME

_NAME: Final = "sender.json"
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
        try:
            untrusted = json.loads((self.folder / _NAME).read_bytes()[:_MAX_BYTES])
        except (OSError, ValueError):
            return Form()
        if not isinstance(untrusted, dict):
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
            if not form.remember:
                remove(self.folder / _NAME)
                return
            make_folder(self.folder)
            kept = {name: getattr(form, name) for name in _KEPT}
            write_replacing(self.folder / _NAME, json.dumps(kept).encode())

    def keep_card(self, card: bytes) -> None:
        """Remember the hospital's address card."""
        with contextlib.suppress(BaseError, OSError):
            make_folder(self.folder)
            write_replacing(self.card, card)
