"""Who sends and for whom, as typed; what is wrong with it is told at once. Pure.

Name and mail address of the sender are needed, everything else is optional.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from passbox_client.errors import UsageRefused
from passbox_client.profiles import check_addressee
from passbox_wire.inventory import MAX_NAME, Sender
from passbox_wire.profile import Destination

_ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+\Z")


class Field(StrEnum):
    """A field that can be wrong."""

    NAME = "name"
    EMAIL = "email"
    RECIPIENT = "recipient"


class Fault(StrEnum):
    """What is wrong with a field."""

    MISSING = "missing"
    NO_ADDRESS = "no address"
    NOT_THE_HOSPITALS = "not the hospital's"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields. ``destination`` is an id; ``remember`` keeps the sender, never a patient."""

    name: str = ""
    email: str = ""
    phone: str = ""
    destination: str = ""
    department: str = ""
    recipient: str = ""
    remember: bool = False

    @property
    def sender(self) -> Sender:
        """Who says to be sending."""
        return Sender(*(text.strip()[:MAX_NAME] for text in (self.name, self.email, self.phone)))


def faults_of(form: Form, destination: Destination) -> dict[Field, Fault]:
    """Return what keeps the form from being used, by field; empty when nothing does."""
    faults: dict[Field, Fault] = {}
    if not form.name.strip():
        faults[Field.NAME] = Fault.MISSING
    if not form.email.strip():
        faults[Field.EMAIL] = Fault.MISSING
    elif not _ADDRESS.match(form.email.strip()):
        faults[Field.EMAIL] = Fault.NO_ADDRESS
    recipient = form.recipient.strip()
    if recipient and not _ADDRESS.match(recipient):
        faults[Field.RECIPIENT] = Fault.NO_ADDRESS
    elif recipient:
        try:
            check_addressee(destination, recipient, "")
        except UsageRefused:
            faults[Field.RECIPIENT] = Fault.NOT_THE_HOSPITALS
    return faults


def completions(typed: str, destination: Destination) -> list[str]:
    """Return addresses at the hospital that what is typed may become."""
    name, at, domain = typed.strip().partition("@")
    if not name or not destination.recipient_domains:
        return []
    known = [d for d in destination.recipient_domains if d.startswith(domain.casefold())]
    return [f"{name}@{each}" for each in (known if at else destination.recipient_domains)]
