"""What the viewer is told: viewer.toml, read once and handed down.

Secrets are paths of files, never values. It does not say who may see what: that is the link's.
"""

import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from passbox_base import settings
from passbox_base.settings import Section, SettingsPath

PROGRAM: Final = "viewer"

Port = Annotated[int, Field(ge=0, le=65535)]
Days = Annotated[int, Field(ge=1, le=3650)]
AeTitle = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[ -\[\]-~]{1,16}$")]
"""PS3.5 table 6.2-1: 1 to 16 printable characters without backslash."""


class Hospital(Section):
    """Whose pages these are; shown on every page."""

    name: str = "Passbox"
    phone: str = ""


class Pages(Section):
    """The clinicians' side. ``base_url`` begins every link; https behind the hospital's proxy.

    A link opens its page for ``link_days``, a department's inbox shows ``inbox_days`` and its link
    works for ``inbox_link_days``.
    """

    host: str = "127.0.0.1"
    port: Port = 8080
    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")]
    link_days: int = Field(default=30, ge=1, le=3650)
    inbox_days: int = Field(default=7, ge=1, le=365)
    inbox_link_days: int = Field(default=180, ge=1, le=3650)


class Login(Section):
    """A reverse proxy in front of the pages that logs people in.

    ``header`` carries the user's name and is believed from ``proxies`` (addresses or networks)
    only. With ``required`` no page about a transfer opens without it.
    """

    header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{0,64}$")] = ""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    required: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.header and not self.proxies:
            raise ValueError("a header needs the addresses of the proxies that may set it")
        if self.required and not self.header:
            raise ValueError("a required login needs the header it comes in")
        return self


class Retention(Section):
    """For how long images stay here, in days from their arrival.

    ``departments`` says it by department, ``days`` for all others. ``warn_days`` before the end the
    mailbox that got the link is told, unless the images are in the PACS or were refused.
    """

    days: Days = 30
    departments: dict[str, Days] = Field(default_factory=dict)
    warn_days: int = Field(default=3, ge=0, le=365)

    def days_for(self, department: str) -> int:
        """Return how long a department keeps images."""
        wanted = department.strip().casefold()
        for name, days in self.departments.items():
            if name.strip().casefold() == wanted:
                return days
        return self.days


class Ohif(Section):
    """The web viewer on an origin of its own; ``folder`` is what scripts/ohif filled.

    ``base_url`` is how browsers reach it: another port or name than that of the pages.
    """

    folder: SettingsPath
    host: str = "127.0.0.1"
    port: Port = 8081
    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")]


class Inner(Section):
    """The poller's side: mutual TLS, requests signed with one of ``destination_keys`` (PEM)."""

    host: str = "127.0.0.1"
    port: Port = 8445
    certificate: SettingsPath
    key: SettingsPath
    client_ca: SettingsPath
    destination_keys: tuple[SettingsPath, ...] = Field(min_length=1)


class Scp(Section):
    """The C-STORE provider: only ``callers`` may associate."""

    host: str = "127.0.0.1"
    port: Port = 11112
    callers: tuple[AeTitle, ...] = Field(default=("PASSBOX_POLLER",), min_length=1)
    associations: int = Field(default=16, ge=1, le=256)


class Store(Section):
    """The folder of everything the viewer keeps; ``reserve_bytes`` of its disk stay free."""

    folder: SettingsPath
    reserve_bytes: int = Field(default=512 * 1024 * 1024, ge=0)


class Forward(Section):
    """How we are called at the PACS. ``answer_seconds`` is how long one answer may take.

    ``commitment_port``: where a PACS that knows our title there sends its storage commitment
    reports, and by C-MOVE what we compare with where it offers no C-GET; ``commitment_seconds``:
    how long we wait for a report. Without a port C-FIND is the proof.
    """

    ae_title: AeTitle = "PASSBOX"
    answer_seconds: int = Field(default=60, ge=1, le=3600)
    commitment_host: str = "127.0.0.1"
    commitment_port: Port | None = None
    commitment_seconds: int = Field(default=60, ge=1, le=3600)


class Peer(Section):
    """A DICOM provider of the house."""

    host: str = Field(min_length=1)
    port: Annotated[int, Field(ge=1, le=65535)]
    ae_title: AeTitle


class Pacs(Peer):
    """One archive to forward to."""

    name: str = Field(min_length=1, max_length=100)


class Archive(Peer):
    """The house's own archive in place of the store's files: C-STORE in, DICOMweb out.

    ``dicomweb`` is the root of its QIDO-RS and WADO-RS, ``ca`` the only root its certificate may
    have (else the system's), ``password`` a file. ``answer_seconds`` is how long one answer may
    take, ``cache_bytes`` how much fetched for reading stays here.
    """

    dicomweb: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")]
    ca: SettingsPath | None = None
    user: Annotated[str, StringConstraints(pattern=r"^[^:\x00-\x1f]{0,100}$")] = ""
    password: SettingsPath | None = None
    answer_seconds: int = Field(default=30, ge=1, le=600)
    cache_bytes: int = Field(default=1024 * 1024 * 1024, ge=0)


class Worklist(Peer):
    """The house's modality worklist: who its patients are.

    ``issuer`` is the Issuer of Patient ID where the worklist does not say it.
    """

    issuer: str = Field(default="", max_length=64)


class Workers(Section):
    """What drawing one picture or reading one header may cost."""

    count: int = Field(default=2, ge=1, le=32)
    cpu_seconds: float = Field(default=10.0, gt=0)
    memory_bytes: int = Field(default=1024 * 1024 * 1024, ge=256 * 1024 * 1024)


class Settings(settings.Settings):
    """The whole of viewer.toml. The first of ``pacs`` is the one offered first."""

    ready_file: SettingsPath | None = None
    hospital: Hospital = Hospital()
    pages: Pages
    ohif: Ohif | None = None
    login: Login = Login()
    retention: Retention = Retention()
    inner: Inner
    scp: Scp = Scp()
    store: Store
    archive: Archive | None = None
    forward: Forward = Forward()
    pacs: tuple[Pacs, ...] = ()
    worklist: Worklist | None = None
    workers: Workers = Workers()


def read_settings(path: Path) -> Settings:
    """Return the settings in ``path``; raise SettingsError with all faults."""
    return settings.load(Settings, path, program=PROGRAM, environment=os.environ)
