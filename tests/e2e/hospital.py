"""A hospital of whole programs on loopback, each started, killed and started again by the test.

Nothing is faked: the programs are those of the command line, with keys, certificates and settings
that `passbox init` makes. A hospital may have lines that can be held (line.py) between its parts.
"""

import contextlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from passbox.demo import pacs as demo_pacs
from passbox.demo.clinician import links_in
from passbox.demo.journey import mail_text
from passbox.demo.programs import LOOPBACK, Program, free_ports
from passbox.errors import DemoFailed
from passbox.house import House, MailRelay, Pacs, Ports, Rooms
from passbox.initialise import initialise
from passbox_base.clocks import SystemClock
from passbox_client.profiles import load_profile
from passbox_receiver import operations
from passbox_viewer.index import reading_store, stored_instances
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import StoredInstance
from passbox_wire.profile import SignedProfile
from tests.e2e.awaiting import eventually
from tests.e2e.line import Line
from tests.e2e.warm import WarmProgram
from tests.parts.smtp import MailSink

ROOT: Final = Path(__file__).parents[2]
RECIPIENT: Final = "dr.beck@klinikum.example"
ADMIN: Final = "it@klinikum.example"

_VERBS: Final = {"receiver": "serve", "viewer": "serve", "poller": "run"}


@dataclass(slots=True)
class Lines:
    """Lines that can be held: where the sender, the poller and the viewer dial through."""

    to_receiver: Line
    to_inner_receiver: Line
    to_store: Line


@dataclass(slots=True, repr=False)
class Hospital:
    """One hospital below ``folder``; enter it to make it, start() its programs by name."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    with_lines: bool = False
    builds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words behind ``python -m`` to run in a program's place; its settings file is put behind."""
    cold: bool = False
    """Start programs as Python does, not by a fork (warm.py): for who measures or searches them."""
    rooms: Rooms = field(init=False)
    house: House = field(init=False)
    mail: MailSink = field(init=False)
    lines: Lines = field(init=False)
    _launch: Callable[[str, Sequence[str], Path], Program] = field(init=False)
    _running: dict[str, Program] = field(init=False, default_factory=dict)
    _closing: contextlib.ExitStack = field(init=False, default_factory=contextlib.ExitStack)
    _pacs_port: int = field(init=False)

    def __enter__(self) -> Self:
        """Make keys, settings and profile; nothing runs yet but the mail server."""
        self.folder.mkdir(exist_ok=True)
        self.logs.mkdir()
        self._launch = Program if self.cold else WarmProgram
        self.rooms = Rooms(self.folder / "hospital")
        self.mail = MailSink()
        self.mail.start()
        self._closing.callback(self.mail.stop)
        *ports, self._pacs_port = free_ports(6)
        served = Ports(*ports)
        self.house = _house(self._dialled(served), self.mail.port, self._pacs_port)
        initialise(self.rooms, self.house, datetime.now(UTC))
        self._serve_behind_lines(served)
        for program, text in self.settings.items():
            path = self.settings_of(program)
            path.write_text(_with(path.read_text(), text))
            tomllib.loads(path.read_text())
        return self

    def __exit__(self, *_: object) -> None:
        """End every program."""
        for program in self._running.values():
            program.ask_to_end()
        for program in self._running.values():
            program.end()
        self._closing.close()

    def _dialled(self, served: Ports) -> Ports:
        if not self.with_lines:
            return served
        enter = self._closing.enter_context
        self.lines = Lines(*(enter(Line(port)) for port in _lined(served)))
        lines = self.lines
        return Ports(
            lines.to_receiver.port,
            lines.to_inner_receiver.port,
            served.viewer_inner,
            served.pages,
            lines.to_store.port,
        )

    def _serve_behind_lines(self, served: Ports) -> None:
        for path in (self.rooms.receiver_settings, self.rooms.viewer_settings):
            text = path.read_text()
            for dialled, port in zip(_lined(self.house.ports), _lined(served), strict=True):
                text = text.replace(f"port = {dialled}\n", f"port = {port}\n")
            path.write_text(text)

    # Programs

    def start(self, *names: str, ready: bool = True) -> Self:
        """Start programs together; with ``ready`` return once all of them are."""
        for name in names:
            self._start(name, *self._words(name))
        if ready:
            self.await_ready(*names)
        return self

    def await_ready(self, *names: str) -> None:
        """Wait until programs are ready; the poller is with the receiver's first answer."""
        for name in names:
            self._running[name].await_ready(self._ready_file(name))

    def start_poller_as(self, *words: str) -> Self:
        """Start ``python -m`` these words in the poller's place, with its settings file behind."""
        self._start("poller", *words, str(self.rooms.poller_settings))
        self.await_ready("poller")
        return self

    def _start(self, name: str, *words: str) -> None:
        self._ready_file(name).unlink(missing_ok=True)
        with contextlib.chdir(ROOT):  # where the tests' own modules are found
            self._running[name] = self._launch(name, words, self.logs / f"{name}.log")

    def _words(self, name: str) -> tuple[str, ...]:
        if name == "pacs":
            ready = self._ready_file(name)
            return ("passbox.demo.pacs", str(self.pacs_folder), str(self._pacs_port), str(ready))
        if name in self.builds:
            return (*self.builds[name], str(self.settings_of(name)))
        return ("passbox", name, _VERBS[name], "--config", str(self.settings_of(name)))

    def kill(self, name: str) -> None:
        """End a program as a power cut would; nothing of it is ready any more."""
        self._running[name].kill()

    def check_alive(self) -> None:
        """Raise DemoFailed when a program that was started and not killed has ended."""
        for program in self._running.values():
            program.check_alive()

    def at_work(self, name: str) -> bool:
        """Whether a program runs and has said that it is ready."""
        try:
            self._running[name].check_alive()
        except DemoFailed:
            return False
        return self._ready_file(name).exists()

    def stop(self, name: str) -> None:
        """Ask a program to end, and wait until it has."""
        self._running[name].ask_to_end()
        self._running[name].end()

    def pid(self, name: str) -> int:
        """Return the process id of a running program."""
        return self._running[name].pid

    def _ready_file(self, name: str) -> Path:
        if name == "pacs":
            return self.folder / "pacs-ready.json"
        return self.settings_of(name).parent / "ready.json"

    # Places

    @property
    def logs(self) -> Path:
        """Where every program's output goes, one file each."""
        return self.folder / "logs"

    @property
    def pacs_folder(self) -> Path:
        """What the embedded PACS keeps."""
        return self.folder / "pacs"

    def settings_of(self, program: str) -> Path:
        """Return the settings file of a program."""
        return self.rooms.root / {"receiver": "dmz"}.get(program, program) / f"{program}.toml"

    @property
    def profile(self) -> SignedProfile:
        """The address card that senders have."""
        return load_profile(self.rooms.profile, SystemClock())

    # What the parts say

    def transfers(self) -> list[dict[str, Any]]:
        """Return every transfer as the receiver's ledger knows it, oldest first."""
        return operations.transfers(self.rooms.receiver_settings)

    def transfer(self, transfer: str) -> dict[str, Any]:
        """Return one transfer as the receiver's ledger knows it."""
        return next(row for row in self.transfers() if row["transfer"] == transfer)

    def stored(self, transfer: str) -> tuple[StoredInstance, ...]:
        """Return what the temporary store's own index says of a transfer."""
        with reading_store(self.rooms.viewer / "store") as engine:
            return stored_instances(engine, TransferId(transfer))

    def store_of(self, transfer: str) -> Path:
        """Return the folder of a transfer in the temporary store."""
        return self.rooms.viewer / "store" / "transfers" / transfer

    def spooled(self, transfer: str) -> list[Path]:
        """Return the files the poller keeps of a transfer: sealed packs, clear pieces."""
        spool = self.rooms.poller / "spool"
        return [*spool.glob(f"packs/transfers/*/{transfer}/*"), *spool.glob(f"work/{transfer}/*")]

    def in_pacs(self) -> list[str]:
        """Return the SOP Instance UIDs the embedded PACS keeps, sorted."""
        return sorted(json.loads(p.read_text())["uid"] for p in self.pacs_folder.glob("*.json"))

    def next_link(self) -> str:
        """Return the one link of the next mail; fail when it has none or several."""
        (link,) = links_in(mail_text(self.mail.next_mail().message))
        return link

    def await_settled(self, transfer: str) -> None:
        """Wait until the receiver keeps nothing of a transfer any more: the inside has it all."""
        eventually(lambda: self.transfer(transfer)["waiting"] == 0, "the DMZ to be empty")


@contextlib.contextmanager
def a_hospital(folder: Path, **settings: str) -> Iterator[Hospital]:
    """Yield a hospital with everything running; ``settings``: TOML to put over a program's own."""
    with Hospital(folder, settings) as hospital:
        yield hospital.start("pacs", "receiver", "viewer", "poller")


def _lined(ports: Ports) -> tuple[int, int, int]:
    return ports.public, ports.receiver_inner, ports.scp


def _with(text: str, more: str) -> str:
    """Return settings with the sections of ``more`` laid over them, key by key."""
    sections = text.split("\n[")
    for added in filter(None, f"\n{more}".split("\n[")):
        head, _, body = added.partition("]\n")
        keys = {line.partition(" = ")[0] for line in body.splitlines()}
        at = next((n for n, old in enumerate(sections) if old.startswith(f"{head}]")), None)
        if at is None:
            sections.append(f"{head}]\n{body}")
            continue
        kept = [line for line in sections[at].splitlines() if line.partition(" = ")[0] not in keys]
        sections[at] = "\n".join([*kept, body])
    return "\n[".join(sections)


def _house(ports: Ports, smtp_port: int, pacs_port: int) -> House:
    return House(
        hospital="Klinikum Teststadt",
        phone="+49 30 555 0100",
        dmz_host=LOOPBACK,
        receiver_inner_host=LOOPBACK,
        viewer_host=LOOPBACK,
        bind=LOOPBACK,
        ports=ports,
        mail=MailRelay(
            host=LOOPBACK,
            port=smtp_port,
            starttls=False,
            sender="passbox@klinikum.example",
            admins=(ADMIN,),
        ),
        domains=("klinikum.example",),
        departments={"Chirurgie": "chirurgie@klinikum.example"},
        fallback_mailbox="radiologie@klinikum.example",
        pacs=(Pacs("PACS", LOOPBACK, pacs_port, demo_pacs.AE_TITLE),),
    )
