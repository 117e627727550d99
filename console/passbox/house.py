"""What `passbox init` is told about a hospital, and where each of its files lies. Values only.

public/    what may be given to anybody: the profile and its fingerprint
dmz/       the receiver's machine
poller/    the poller's machine: the only place of the unsealing key
viewer/    the viewer's machine
offline/   to be taken off every network: both CAs, the profile-signing key, the backup pin's key
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the servers listen. The defaults are those of the manual; the demo takes free ones."""

    public: int = 8443
    receiver_inner: int = 8444
    viewer_inner: int = 8445
    pages: int = 8080
    scp: int = 11112
    ohif: int = 8081


@dataclass(frozen=True, slots=True)
class MailRelay:
    """The hospital's mail server as the poller reaches it; addresses are complete ones."""

    host: str = "localhost"
    port: int = 25
    starttls: bool = True
    sender: str = "passbox@hospital.example"
    admins: tuple[str, ...] = ("it@hospital.example",)


@dataclass(frozen=True, slots=True)
class Pacs:
    """One PACS people may forward to."""

    name: str
    host: str
    port: int
    ae_title: str


@dataclass(frozen=True, slots=True)
class House:
    """One hospital. ``dmz_host`` is the receiver's public name; the others are names inside."""

    hospital: str = "Hospital"
    address: str = ""
    phone: str = ""
    email: str = ""
    dmz_host: str = "localhost"
    receiver_inner_host: str = "localhost"
    viewer_host: str = "localhost"
    bind: str = "0.0.0.0"  # noqa: S104  # servers of an installation; the demo says 127.0.0.1
    ports: Ports = field(default_factory=Ports)
    mail: MailRelay = field(default_factory=MailRelay)
    domains: tuple[str, ...] = ("hospital.example",)
    departments: Mapping[str, str] = field(default_factory=dict)
    fallback_mailbox: str = "radiology@hospital.example"
    pacs: tuple[Pacs, ...] = ()
    profile_days: int = 365
    ohif: Path | None = None

    @property
    def url(self) -> str:
        """The origin senders dial."""
        return f"https://{self.dmz_host}:{self.ports.public}"


@dataclass(frozen=True, slots=True)
class Rooms:
    """The five folders below the one `init` was given."""

    root: Path

    @property
    def public(self) -> Path:
        """For anybody."""
        return self.root / "public"

    @property
    def dmz(self) -> Path:
        """The receiver's machine."""
        return self.root / "dmz"

    @property
    def poller(self) -> Path:
        """The poller's machine."""
        return self.root / "poller"

    @property
    def viewer(self) -> Path:
        """The viewer's machine."""
        return self.root / "viewer"

    @property
    def offline(self) -> Path:
        """Off every network."""
        return self.root / "offline"

    @property
    def profile(self) -> Path:
        """The signed address card."""
        return self.public / "hospital.passbox"

    @property
    def receiver_settings(self) -> Path:
        """The receiver's TOML."""
        return self.dmz / "receiver.toml"

    @property
    def poller_settings(self) -> Path:
        """The poller's TOML."""
        return self.poller / "poller.toml"

    @property
    def viewer_settings(self) -> Path:
        """The viewer's TOML."""
        return self.viewer / "viewer.toml"
