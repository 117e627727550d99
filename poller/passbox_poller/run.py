"""Wires the poller on one screen, starts its threads, and stops them in order.

    polling   asks the receiver for work, pulls packs into the spool, acknowledges; alarms
    intake    opens packs, puts files together, settles transfers        (two threads)
    filing    checks files in killable workers, stores them              (a few threads)
    events    follows the viewer: mail when visible, receipt when in the PACS
    deciding  lists the quarantine at the viewer, does what people decide about its files
    commands  carries administrators' commands from the viewer to the receiver
    mailing   sends what is due in the outbox

Threads meet in the agenda, the ledger and the outbox, and each is durable or can be made again: any
of them, and the whole program, may be killed at any time. Every loop tries again by itself with
growing waits, so it does not matter whether receiver, viewer or mail server were started first.
"""

import asyncio
import json
import random
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from passbox_base import logs
from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock, SystemClock
from passbox_base.durable import make_folder, remove, write_replacing
from passbox_base.errors import BaseError, OurFault, SettingsError
from passbox_base.keys import load_sealing_key, load_signing_key
from passbox_base.outbox import Outbox
from passbox_base.pack_store import PackStore
from passbox_base.smtp import SmtpRelay
from passbox_dicom.check import TARGET as CHECK_TARGET
from passbox_poller import workers
from passbox_poller.agenda import Agenda
from passbox_poller.alarms import Admins
from passbox_poller.arrival import Budget
from passbox_poller.backoff import Backoff
from passbox_poller.deciding import Deciding
from passbox_poller.delivering import StoreUsers
from passbox_poller.dialling import receiver_link, viewer_link
from passbox_poller.errors import NotNow, PeerWrong, PollerError
from passbox_poller.events import Events
from passbox_poller.filing import Filing
from passbox_poller.intake import Arrivals, Intake, Room
from passbox_poller.ledger import Ledger
from passbox_poller.noticing import Noticing
from passbox_poller.notify import Directory, Letterhead
from passbox_poller.opening import Opener
from passbox_poller.pull import Progress, Puller, free_bytes
from passbox_poller.quarantine import Quarantine
from passbox_poller.receipts import AUTHOR, Receipts
from passbox_poller.registering import Registering
from passbox_poller.relay import CommandAudit, Relay
from passbox_poller.secrecy import keep_memory_private
from passbox_poller.settings import Settings, read_settings
from passbox_poller.settling import Settling
from passbox_poller.spending import Prices, Spending
from passbox_poller.standstill import Standstill
from passbox_poller.watch import Watch
from passbox_poller.workfiles import WorkFolder
from passbox_wire.digests import key_id
from passbox_wire.ids import DestinationId
from passbox_wire.messages import HeldPack

_log = logs.get_logger(__name__)

INTAKE_THREADS: Final = 2
_MAIL_SECONDS: Final = 5.0
_IDLE_SECONDS: Final = 0.05
_BLOCKED_SECONDS: Final = 2.0
_DECISION_SECONDS: Final = 2
"""How long the viewer may keep us waiting for a decision: the command line's wait behind it."""
AUDIT_NAME: Final = "audit.jsonl"
_JOIN_SECONDS: Final = 30.0
_FAILED: Final = 1
_USAGE: Final = 2


class Poller:
    """One running poller; run() blocks until stop() is called."""

    def __init__(
        self, settings: Settings, clock: Clock, checker_target: str, search_path: Sequence[str]
    ) -> None:
        """Open everything that is ours; raises BaseError. Nobody is asked for anything yet."""
        self._settings = settings
        self._clock = clock
        self._stop = threading.Event()
        self._mail_waits = threading.Event()
        self._cursor = 0
        chance = random.SystemRandom().random
        self._chance = chance
        self._wait = 0
        self._blocked = Backoff(chance)
        destination = DestinationId(settings.destination)
        folder = settings.spool.folder
        make_folder(folder)
        notify, mail, checks = settings.notify, settings.mail, settings.checks

        self._ledger = Ledger.open(folder, clock)
        self._spool = PackStore(folder / "packs")
        self._outbox = Outbox(folder / "mail")
        self._relay = SmtpRelay(mail.host, mail.port, mail.tls)
        self._work = WorkFolder(folder / "work")
        self._audit = AuditChain(folder / AUDIT_NAME, clock)
        quarantine = Quarantine(folder / "quarantine", clock)

        self._receiver = receiver_link(settings, clock)
        self._viewer = viewer_link(settings, clock)
        self._commands = Relay(self._receiver, CommandAudit(folder, clock))
        self._store = StoreUsers(
            settings.viewer.scp_host,
            settings.viewer.scp_port,
            settings.viewer.calling_ae_title,
            settings.viewer.associations,
        )
        self._checkers = workers.checkers(checks, checker_target, search_path)
        self._decoders = workers.decoders(checks, INTAKE_THREADS)

        self._agenda = Agenda(clock)
        budget = Budget(
            checks.files,
            checks.transfer_bytes,
            checks.packs_before_inventory,
            checks.refused_files,
        )

        def has_room() -> bool:
            return free_bytes(folder) > settings.spool.reserve_bytes

        spending = Spending(Prices(checks.opened_bytes, checks.opened_seconds), clock, has_room)
        room = Room(checks.files_in_memory, checks.idle_seconds, clock)
        arrivals = Arrivals(self._ledger, self._work, budget, self._audit, spending, room)
        sealing_keys = [load_sealing_key(path) for path in settings.keys.sealing]
        receipt_key = load_signing_key(settings.keys.receipt)
        self._audit.append(
            "keys loaded",
            author=AUTHOR,
            reason="start",
            sealing=" ".join(key.public_key.key_id.hex() for key in sealing_keys),
            receipt=key_id(receipt_key.public_key().public_bytes_raw()).hex(),
        )
        receipts = Receipts(
            self._ledger, self._receiver, receipt_key, destination, clock, self._audit
        )
        checker = workers.a_checker(settings, self._checkers, self._work.path)
        self._filing = Filing(
            checker=checker,
            store=self._store,
            quarantine=quarantine,
            viewer=self._viewer,
            threads=checks.workers + settings.viewer.associations,
            stop=self._stop,
            chance=chance,
            settled=self._agenda.soon,
        )
        settling = Settling(
            ledger=self._ledger,
            spool=self._spool,
            receiver=self._receiver,
            viewer=self._viewer,
            receipts=receipts,
            let_go=arrivals.let_go,
            quarantine=quarantine,
            audit=self._audit,
        )
        self._deciding = Deciding(
            quarantine=quarantine,
            ledger=self._ledger,
            checker=checker,
            store=self._store,
            viewer=self._viewer,
            receipts=receipts,
            agenda=self._agenda,
            audit=self._audit,
        )
        self._intake = Intake(
            agenda=self._agenda,
            arrivals=arrivals,
            ledger=self._ledger,
            opener=Opener(sealing_keys, destination, self._decoders, self._spool),
            filing=self._filing,
            settling=settling,
            registering=Registering(
                self._viewer,
                self._ledger,
                Directory(notify.domains, notify.departments, notify.fallback),
            ),
            chance=chance,
        )
        self._puller = Puller(
            receiver=self._receiver,
            ledger=self._ledger,
            spool=self._spool,
            agenda=self._agenda,
            looked_at=arrivals.looked_at,
            packs_before_inventory=checks.packs_before_inventory,
            spending=spending,
        )
        letterhead = Letterhead(mail.sender, notify.hospital, notify.language, notify.link_prefix)
        self._noticing = Noticing(
            notices=self._ledger.notices,
            outbox=self._outbox,
            letterhead=letterhead,
            inboxes=notify.inboxes,
            clock=clock,
            enqueued=self._mail_waits.set,
        )
        self._events = Events(
            viewer=self._viewer,
            ledger=self._ledger,
            noticing=self._noticing,
            quarantine=quarantine,
            receipts=receipts,
            agenda=self._agenda,
        )
        self._standstill = Standstill(
            ledger=self._ledger,
            outbox=self._outbox,
            letterhead=letterhead,
            audit=self._audit,
            agenda=self._agenda,
            clock=clock,
            folder=folder,
            seconds=notify.standstill_seconds,
        )
        self._watch = Watch(
            receiver=self._receiver,
            ledger=self._ledger,
            outbox=self._outbox,
            clock=clock,
            admins=Admins(destination, mail.sender, mail.admins, notify.language),
            silence_seconds=settings.receiver.silence_seconds,
            enqueued=self._mail_waits.set,
        )

    def run(self) -> None:
        """Work until stop() is called."""
        self._reconcile()
        threads = [
            threading.Thread(target=self._repeat, args=[self._poll], name="polling"),
            threading.Thread(target=self._repeat, args=[self._follow], name="events"),
            threading.Thread(target=self._repeat, args=[self._carry], name="commands"),
            threading.Thread(target=self._repeat, args=[self._decide], name="deciding"),
            threading.Thread(target=self._repeat, args=[self._send_mail], name="mailing"),
            *(
                threading.Thread(target=self._intake.run, name=f"intake-{number}")
                for number in range(INTAKE_THREADS)
            ),
        ]
        for thread in threads:
            thread.start()
        self._stop.wait()
        self._end(threads)

    def stop(self) -> None:
        """Have run() end; may be called from a signal handler."""
        self._stop.set()
        self._mail_waits.set()

    def _reconcile(self) -> None:
        """Bring ledger and spool together after a crash, and ask for everything unfinished."""
        self._forget_ready_file()
        self._spool.reconcile()
        unfinished = self._ledger.unfinished()
        for transfer in unfinished:
            held = self._spool.packs(transfer)
            packs = [
                HeldPack(pack.number, pack.sha256, pack.length, released=False) for pack in held
            ]
            self._ledger.add_packs(transfer, packs)
            self._agenda.soon(transfer)
        _log.info("started", count=len(unfinished))

    def _poll(self) -> None:
        """Ask for work once, and do some of it."""
        try:
            work = self._receiver.work(self._cursor, self._wait)
        except (NotNow, PeerWrong):
            self._watch.silent()
            raise
        self._say_ready()
        self._watch.answered(work)
        progress = self._puller.turn(work)
        self._cursor = work.cursor  # only now: what is new is told once
        self._wait = 0 if progress else self._settings.receiver.wait_seconds
        if progress is Progress.MOVED:
            self._blocked.succeeded()
        elif progress is Progress.BLOCKED:
            self._stop.wait(min(self._blocked.failed(), _BLOCKED_SECONDS))
        else:
            self._stop.wait(_IDLE_SECONDS)  # also for a receiver that answers without anything new

    def _follow(self) -> None:
        self._events.follow(self._settings.viewer.wait_seconds)

    def _carry(self) -> None:
        self._commands.follow(self._viewer, self._settings.viewer.wait_seconds)

    def _decide(self) -> None:
        if not self._deciding.turn(_DECISION_SECONDS):
            self._stop.wait(_DECISION_SECONDS)

    def _send_mail(self) -> None:
        self._noticing.turn()
        self._standstill.turn()
        done = asyncio.run(self._outbox.send_due(self._relay, now=self._clock.now()))
        if done.sent:
            _log.info("mails sent", count=len(done.sent))
        if done.failed:
            _log.error("mails failed", count=len(done.failed))
        self._mail_waits.wait(_MAIL_SECONDS)
        self._mail_waits.clear()

    def _repeat(self, step: Callable[[], None]) -> None:
        """Do a step again and again; a failure costs a wait, nothing else."""
        backoff = Backoff(self._chance)
        while not self._stop.is_set():
            try:
                step()
                backoff.succeeded()
            except (PollerError, BaseError) as error:
                if not self._stop.is_set():
                    _log.warning("again later", error=type(error).__name__, step=str(error))
                self._stop.wait(backoff.failed())
            except Exception:  # noqa: BLE001  # a thread's outermost: it is told and tried again
                _log.exception("a step failed")
                self._stop.wait(backoff.failed())

    def _end(self, threads: list[threading.Thread]) -> None:
        self._agenda.close()
        self._receiver.cut()
        self._viewer.cut()
        self._filing.close()
        for thread in threads:
            thread.join(_JOIN_SECONDS)
        self._store.release()
        self._checkers.close()
        self._decoders.close()
        self._work.empty()
        self._audit.close()
        self._ledger.close()
        self._forget_ready_file()

    def _say_ready(self) -> None:
        path = self._settings.ready_file
        if path is not None and not path.exists():
            write_replacing(path, json.dumps({"polling": True}).encode())

    def _forget_ready_file(self) -> None:
        if self._settings.ready_file is not None:
            remove(self._settings.ready_file)


def build(
    settings: Settings,
    *,
    checker_target: str = CHECK_TARGET,
    checker_search_path: Sequence[str] = (),
    clock: Clock | None = None,
) -> Poller:
    """Return a poller, not yet running.

    ``checker_target``: what checks files in the worker, "module:function", to be found also in the
    folders of ``checker_search_path``; tests hand in hostile ones.
    """
    return Poller(settings, clock or SystemClock(), checker_target, checker_search_path)


def run(settings_path: Path) -> int:
    """Run until SIGTERM or SIGINT; return 0, 1 for a fault of this machine, 2 for settings."""
    logs.configure("poller")
    if not keep_memory_private():
        _log.warning("this system may write keys into core dumps")
    try:
        poller = build(read_settings(settings_path))
    except SettingsError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)  # noqa: T201  # for the operator who just started it
        return _USAGE
    except OurFault as error:
        _log.error("cannot start", exc_info=error)
        print(error, file=sys.stderr)  # noqa: T201  # our own words and paths, see base/errors.py
        return _FAILED
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop_from_signal(poller))
    poller.run()
    return 0


def _stop_from_signal(poller: Poller) -> None:
    """Stop in a thread: the handler runs inside run(), which may hold the lock stop() takes."""
    threading.Thread(target=poller.stop).start()
