"""The demo's hospital: a house made on the spot, its programs on free ports of loopback."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from passbox.demo.mail_sink import MailSink
from passbox.demo.pacs import AE_TITLE
from passbox.demo.programs import LOOPBACK, Program, Programs, free_house_ports, free_ports
from passbox.demo.readback import PacsAddress
from passbox.house import House, MailRelay, Pacs, Rooms
from passbox.initialise import initialise
from passbox_base.clocks import SystemClock
from passbox_client.profiles import load_profile
from passbox_wire.profile import SignedProfile

RECIPIENT: Final = "dr.beck@klinikum-musterstadt.example"
DEPARTMENT: Final = "Chirurgie"


@dataclass(frozen=True, slots=True)
class Stage:
    """The running hospital; ``pacs_folder`` is None for a real PACS."""

    rooms: Rooms
    house: House
    profile: SignedProfile
    mail: MailSink
    pacs: PacsAddress
    pacs_folder: Path | None
    programs: Programs
    receiver: Program
    poller: Program

    @property
    def spool(self) -> Path:
        """All that the poller writes."""
        return self.rooms.poller / "spool"

    @property
    def viewer_store(self) -> Path:
        """All that the viewer writes."""
        return self.rooms.viewer / "store"


@contextlib.contextmanager
def running_stage(
    folder: Path, pacs: PacsAddress | None, ohif: Path | None = None
) -> Iterator[Stage]:
    """Run a hospital made below ``folder`` until the block ends; DemoFailed if it fails to."""
    smtp_port, pacs_port = free_ports(2)
    address = pacs or PacsAddress(LOOPBACK, pacs_port, AE_TITLE)
    house = _house(smtp_port, address, ohif)
    rooms = Rooms(folder / "hospital")
    initialise(rooms, house, datetime.now(UTC))
    profile = load_profile(rooms.profile, SystemClock())
    embedded = folder / "pacs" if pacs is None else None
    with MailSink(smtp_port) as mail, Programs(folder / "logs") as programs:
        if embedded is not None:
            ready = folder / "pacs-ready.json"
            words = ("passbox.demo.pacs", str(embedded), str(pacs_port), str(ready))
            programs.start("pacs", *words, ready_file=ready)
        receiver = _start(programs, "receiver", "serve", rooms.receiver_settings)
        _start(programs, "viewer", "serve", rooms.viewer_settings)
        poller = _start(programs, "poller", "run", rooms.poller_settings)
        programs.await_all_ready()
        yield Stage(rooms, house, profile, mail, address, embedded, programs, receiver, poller)


def _start(programs: Programs, name: str, verb: str, settings: Path) -> Program:
    ready = settings.parent / "ready.json"
    words = ("passbox", name, verb, "--config", str(settings))
    return programs.start(name, *words, ready_file=ready)


def _house(smtp_port: int, pacs: PacsAddress, ohif: Path | None) -> House:
    return House(
        hospital="Klinikum Musterstadt",
        address="Am Stadtgraben 7, 48143 Musterstadt",
        phone="+49 251 555 0199",
        email="bilder@klinikum-musterstadt.example",
        dmz_host=LOOPBACK,
        receiver_inner_host=LOOPBACK,
        viewer_host=LOOPBACK,
        bind=LOOPBACK,
        ports=free_house_ports(),
        mail=MailRelay(
            host=LOOPBACK,
            port=smtp_port,
            starttls=False,
            sender="passbox@klinikum-musterstadt.example",
            admins=("it@klinikum-musterstadt.example",),
        ),
        domains=("klinikum-musterstadt.example",),
        departments={DEPARTMENT: "chirurgie@klinikum-musterstadt.example"},
        fallback_mailbox="radiologie@klinikum-musterstadt.example",
        pacs=(Pacs("PACS", pacs.host, pacs.port, pacs.ae_title),),
        ohif=ohif.absolute() if ohif is not None and (ohif / "dist").is_dir() else None,
    )
