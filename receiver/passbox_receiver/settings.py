"""The receiver's configuration: one TOML file, read once, frozen.

The rule: limits and the monitor are starting values; rows of the ledger win until they are reset
(rules.py). It holds no secret: keys are paths, and no key here opens anything that was sent.
Sizes in bytes, times in seconds.
"""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from passbox_base.errors import MailRefused
from passbox_base.mail import parse_address
from passbox_base.settings import Section, Settings, SettingsPath, load
from passbox_base.smtp import SmtpTls
from passbox_wire.errors import Malformed
from passbox_wire.ids import parse_destination_id
from passbox_wire.messages import MAX_HELD_PER_PAGE
from passbox_wire.pack import MAX_SEALED_BYTES
from passbox_wire.parsing import MAX_INTEGER

PROGRAM: Final = "receiver"
GIB: Final = 1024**3
_DAY: Final = 24 * 3600
_LEAST_RESERVE: Final = 4 * 1024 * 1024

Amount = Annotated[int, Field(ge=1, le=MAX_INTEGER // 4)]
"""A number of bytes, seconds or things; sums of a few of them still fit in 64 bits."""


def _is_id(text: str) -> str:
    try:
        return parse_destination_id(text)
    except Malformed as error:
        raise ValueError(str(error)) from None


def _is_mail_address(text: str) -> str:
    try:
        return parse_address(text).addr_spec
    except MailRefused as error:
        raise ValueError(str(error)) from None


def _is_network(text: str) -> str:
    ipaddress.ip_network(text)
    return text


class PublicSection(Section):
    """Where anybody may knock."""

    host: str = "::"
    port: int = Field(default=8443, ge=0, le=65535)
    certificate: SettingsPath
    key: SettingsPath
    connections_per_source: Amount = 64


class InnerSection(Section):
    """Where the poller knocks: mutual TLS with certificates of ``client_ca``."""

    host: str = "::"
    port: int = Field(default=8444, ge=0, le=65535)
    certificate: SettingsPath
    key: SettingsPath
    client_ca: SettingsPath


class StoreSection(Section):
    """``reserve_bytes`` and ``reserve_files`` (inodes) of the disk are never used for packs.

    ``immutable``: packs get the file system's flag (chattr +i) while they are held.
    """

    folder: SettingsPath
    immutable: bool = False
    reserve_bytes: int = Field(default=2 * GIB, ge=0, le=MAX_INTEGER // 4)
    reserve_files: int = Field(default=20, ge=0, le=MAX_INTEGER // 4)

    @property
    def kept_bytes(self) -> int:
        """The reserve, never so small that ledger and audit could not record what frees room."""
        return max(self.reserve_bytes, _LEAST_RESERVE)


class DestinationSection(Section):
    """A hospital: ``destination_keys`` sign what the poller asks, ``receipt_keys`` receipts.

    ``administers``: its commands change the limits and lists of the whole receiver.
    """

    id: Annotated[str, AfterValidator(_is_id)]
    name: str
    administers: bool = False
    destination_keys: tuple[SettingsPath, ...] = Field(min_length=1)
    receipt_keys: tuple[SettingsPath, ...] = Field(min_length=1)


class LimitsSection(Section):
    """What is taken; per source means IPv4 address or IPv6 /64."""

    pack_bytes: int = Field(default=MAX_SEALED_BYTES, ge=MAX_HELD_PER_PAGE, le=MAX_SEALED_BYTES)
    transfer_bytes: Amount = 20 * GIB
    source_bytes_per_day: Amount = 50 * GIB
    day_bytes: Amount = 500 * GIB
    open_transfers_per_source: Amount = 10
    open_transfers: Amount = 1000
    opened_per_source_per_day: Amount = 500
    packs_per_transfer: Amount = 100_000
    requests_per_second_per_source: Amount = 50
    burst: Amount = 200
    parallel_requests: int = Field(default=4, ge=1, le=64)
    idle_opened_seconds: Amount = _DAY
    idle_receiving_seconds: Amount = 14 * _DAY
    keep_finished_seconds: Amount = 30 * _DAY
    keep_empty_seconds: Amount = 2 * _DAY
    """How long what ended without a pack is remembered: a day's openings are counted by it."""


class MonitorSection(Section):
    """When the administrators are alarmed, and when acceptance stops by itself."""

    soft_bytes_per_day: Amount = 100 * GIB
    hard_bytes_per_day: Amount = 400 * GIB
    waiting_alarm_seconds: Amount = 3600
    waiting_stop_seconds: Amount = 3 * _DAY
    poller_silent_seconds: Amount = 900


class MailSection(Section):
    """A relay in the DMZ, where there is one: alarms then leave without the inside."""

    host: str
    port: int = Field(default=25, ge=1, le=65535)
    starttls: bool = True
    sender: Annotated[str, AfterValidator(_is_mail_address)]
    admins: tuple[Annotated[str, AfterValidator(_is_mail_address)], ...] = Field(min_length=1)
    language: Literal["de", "en"] = "de"

    @property
    def tls(self) -> SmtpTls:
        """How the conversation is protected."""
        return SmtpTls.STARTTLS if self.starttls else SmtpTls.NONE


class ClientsSection(Section):
    """Which clients are served, and where a newer one is found."""

    oldest: str = Field(default="0.1.0", pattern=r"\A\d{1,5}\.\d{1,5}\.\d{1,5}\z")
    newest: str = Field(default="0.1.0", pattern=r"\A\d{1,5}\.\d{1,5}\.\d{1,5}\z")
    download: str | None = Field(default=None, max_length=500, pattern=r"\Ahttps?://[!-~]+\z")


class ReceiverSettings(Settings):
    """The whole of receiver.toml."""

    public: PublicSection
    inner: InnerSection
    store: StoreSection
    destinations: tuple[DestinationSection, ...] = Field(min_length=1)
    limits: LimitsSection = LimitsSection()
    monitor: MonitorSection = MonitorSection()
    clients: ClientsSection = ClientsSection()
    trusted_proxies: tuple[Annotated[str, AfterValidator(_is_network)], ...] = ()
    mail: MailSection | None = None
    ready_file: SettingsPath | None = None

    @field_validator("destinations")
    @classmethod
    def _each_once(
        cls, destinations: tuple[DestinationSection, ...], _info: ValidationInfo
    ) -> tuple[DestinationSection, ...]:
        if len({destination.id for destination in destinations}) < len(destinations):
            raise ValueError("two destinations have the same id")
        return destinations


def load_settings(path: Path, environment: Mapping[str, str] = os.environ) -> ReceiverSettings:
    """Return the settings in ``path``; raise SettingsError with every fault."""
    return load(ReceiverSettings, path, program=PROGRAM, environment=environment)
