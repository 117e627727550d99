"""What the poller is told: poller.toml, read once and handed down.

Secrets are paths of files, never values. What a transfer may cost stands here; what a message may
look like does not: that is the contract's.
"""

import os
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from passbox_base import settings
from passbox_base.errors import MailRefused
from passbox_base.mail import parse_address
from passbox_base.settings import Section, SettingsPath
from passbox_base.smtp import SmtpTls
from passbox_poller.notify import LINK_PATTERN, MAX_LINK
from passbox_poller.words import Language

PROGRAM: Final = "poller"

_MIB: Final = 1024 * 1024
_GIB: Final = 1024 * _MIB


def _address(text: str) -> str:
    try:
        parse_address(text)
    except MailRefused as error:
        raise ValueError("is not a plain mail address") from error
    return text


Port = Annotated[int, Field(ge=1, le=65535)]
Origin = Annotated[str, StringConstraints(pattern=r"^https://[^\s/?#@]+$")]
MailAddress = Annotated[str, AfterValidator(_address)]
Domain = Annotated[
    str, StringConstraints(to_lower=True, pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
]
AeTitle = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[ -\[\]-~]{1,16}$")]
MailedLink = Annotated[str, StringConstraints(pattern=LINK_PATTERN, max_length=MAX_LINK)]
Uid = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)+$", max_length=64)]
Pin = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Receiver(Section):
    """The receiver's inner listener, in the DMZ.

    ``pins``: SHA-256 of public keys, beside the private CA.
    """

    url: Origin
    ca: SettingsPath
    certificate: SettingsPath
    key: SettingsPath
    pins: tuple[Pin, ...] = ()
    wait_seconds: int = Field(default=30, ge=0, le=60)
    silence_seconds: int = Field(default=900, ge=10)
    """How long the receiver may not answer before the admins hear of it."""


class Viewer(Section):
    """The viewer's inner listener and its C-STORE provider."""

    url: Origin
    ca: SettingsPath
    certificate: SettingsPath
    key: SettingsPath
    scp_host: str = "127.0.0.1"
    scp_port: Port
    calling_ae_title: AeTitle = "PASSBOX_POLLER"
    associations: int = Field(default=3, ge=1, le=8)
    wait_seconds: int = Field(default=30, ge=0, le=60)


class Keys(Section):
    """Private keys: every sealing key that is still in a valid profile, newest first."""

    sealing: tuple[SettingsPath, ...] = Field(min_length=1)
    destination: SettingsPath
    receipt: SettingsPath


class Spool(Section):
    """The folder of everything the poller keeps.

    Packs (ciphertext), work (clear, emptied at start), ledger, mail.
    """

    folder: SettingsPath
    reserve_bytes: int = Field(default=512 * _MIB, ge=0)


class Mail(Section):
    """The hospital's own relay. ``admins`` get alarms."""

    host: str
    port: Port = 25
    starttls: bool = True
    sender: MailAddress
    admins: tuple[MailAddress, ...] = Field(min_length=1)

    @property
    def tls(self) -> SmtpTls:
        """How the conversation is protected."""
        return SmtpTls.STARTTLS if self.starttls else SmtpTls.NONE


class Notify(Section):
    """Who hears of a delivery, and in which words.

    ``link_prefix``, if set, begins every link that is mailed. ``inboxes``: for a mailbox the link
    of its inbox at the viewer; with it, many deliveries at once become one mail.
    """

    domains: tuple[Domain, ...] = ()
    departments: dict[str, MailAddress] = Field(default_factory=dict)
    fallback: MailAddress
    language: Language = Language.GERMAN
    hospital: str = ""
    link_prefix: str = ""
    inboxes: dict[MailAddress, MailedLink] = Field(default_factory=dict)
    standstill_seconds: int = Field(default=2 * 60 * 60, ge=1)
    """How long nothing may come of a begun transfer before who waits for it hears of it."""

    @model_validator(mode="after")
    def _inboxes_have_the_prefix(self) -> "Notify":
        if not all(link.startswith(self.link_prefix) for link in self.inboxes.values()):
            raise ValueError("the link of an inbox does not begin with link_prefix")
        return self


class ClamdScanner(Section):
    """A clamd that looks at every file before it is handed over: ``socket``, or host and port.

    ``stream_bytes`` at most what clamd's StreamMaxLength says (its own default is 25 MB): a larger
    file cannot be looked at, and is quarantined.
    """

    socket: SettingsPath | None = None
    host: str = "127.0.0.1"
    port: Port = 3310
    stream_bytes: int = Field(default=25 * _MIB, ge=_MIB)
    seconds: float = Field(default=120.0, gt=0)


class Checks(Section):
    """What a transfer, and one file in a worker, may cost, and what is taken at all.

    ``sop_classes``: the UIDs of SOP classes that are taken, all when empty.
    """

    cpu_seconds: float = Field(default=10.0, gt=0)
    memory_bytes: int = Field(default=512 * _MIB, ge=128 * _MIB)
    workers: int = Field(default=2, ge=1, le=64)
    files: int = Field(default=200_000, ge=1)
    transfer_bytes: int = Field(default=64 * _GIB, ge=1)
    packs_before_inventory: int = Field(default=64, ge=1)
    opened_bytes: int = Field(default=8 * _GIB, ge=1)
    opened_seconds: float = Field(default=600.0, gt=0)
    """What opening a transfer may cost for nothing; beside, see spending.py."""
    refused_files: int = Field(default=2000, ge=1)
    """A transfer of which more, and more than half, are refused is stopped."""
    files_in_memory: int = Field(default=400_000, ge=1)
    """Files listed by transfers that are kept in memory; idle ones beyond are read again."""
    idle_seconds: float = Field(default=60.0, ge=0)
    sop_classes: frozenset[Uid] = frozenset()
    pdfs: bool = True
    pictures: bool = True
    scanner: ClamdScanner | None = None


class Settings(settings.Settings):
    """The whole of poller.toml."""

    ready_file: SettingsPath | None = None
    destination: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    receiver: Receiver
    viewer: Viewer
    keys: Keys
    spool: Spool
    mail: Mail
    notify: Notify
    checks: Checks = Checks()


def read_settings(path: Path) -> Settings:
    """Return the settings in ``path`` under the environment's.

    Raise SettingsError with all faults.
    """
    return settings.load(Settings, path, program=PROGRAM, environment=os.environ)
