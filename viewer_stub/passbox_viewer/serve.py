"""The viewer, wired on one screen: store, SCP, workers, forwarder, and the two listeners.

Started in the order in which things depend on each other, stopped in reverse. Also what the console
calls: run().
"""

import asyncio
import contextlib
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from passbox_base import serving
from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock, SystemClock
from passbox_base.durable import remove, write_replacing
from passbox_base.errors import BaseError
from passbox_base.ledger import open_ledger, sqlite_url
from passbox_base.logs import configure, get_logger
from passbox_base.serving import Listener
from passbox_base.tls_contexts import inner_server_context
from passbox_dicom import preview
from passbox_dicom.worker import WorkerLimits, WorkerPool
from passbox_viewer import copying, describing, dicomweb_images, media_records
from passbox_viewer.archive_web import ArchiveWeb
from passbox_viewer.archiving import Archiver, Keeping, archive_link
from passbox_viewer.commitment import Commitments
from passbox_viewer.copying import Copier
from passbox_viewer.describing import Describer
from passbox_viewer.dicomweb_images import WebImages
from passbox_viewer.events import Bell
from passbox_viewer.forward import Forwarder, Holdings
from passbox_viewer.index import LEDGER_NAME, Index
from passbox_viewer.inner_app import Inside, inner_app
from passbox_viewer.lending import Lender
from passbox_viewer.media_records import Records
from passbox_viewer.office import office
from passbox_viewer.ohif_app import ohif_app
from passbox_viewer.ohif_rooms import OhifRooms, Stored, ohif_rooms
from passbox_viewer.operations import MIGRATIONS
from passbox_viewer.pages_app import pages_app
from passbox_viewer.previews import Previews
from passbox_viewer.rooms import Rooms
from passbox_viewer.scp import Scp
from passbox_viewer.settings import PROGRAM, Settings, read_settings
from passbox_viewer.store import Store
from passbox_viewer.transfers import Transfers
from passbox_viewer.worklist import WorklistLink
from passbox_wire import canonical
from passbox_wire.keys import verifying_key_from_pem

AUDIT_NAME: Final = "audit.jsonl"
_INNER_CONNECTIONS: Final = 64
_GRACE_SECONDS: Final = 5

_LOG = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Viewer:
    """The parts of a running viewer, without its listeners."""

    inside: Inside
    rooms: Rooms
    scp: Scp
    bell: Bell
    commitments: Commitments
    painters: WorkerPool
    ohif: OhifRooms | None = None


def run(settings_path: Path) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code. Faults are told on stderr."""
    configure(PROGRAM)
    try:
        settings = read_settings(settings_path)
        with viewer(settings, SystemClock()) as running:
            _serve(settings, running)
    except BaseError as error:
        print(error, file=sys.stderr)  # noqa: T201  # the operator who started us reads this
        return 2
    return 0


@contextlib.contextmanager
def viewer(
    settings: Settings, clock: Clock, pause: Callable[[float], None] = time.sleep
) -> Iterator[Viewer]:
    """Open the store and start everything but the listeners; raise what base raises."""
    keys = tuple(
        verifying_key_from_pem(path.read_bytes()) for path in settings.inner.destination_keys
    )
    store = Store(settings.store.folder, reserve_bytes=settings.store.reserve_bytes)
    store.remove_leftovers()
    with contextlib.ExitStack() as stack:
        audit = AuditChain(settings.store.folder / AUDIT_NAME, clock)
        stack.callback(audit.close)
        engine = open_ledger(
            sqlite_url(settings.store.folder / LEDGER_NAME), MIGRATIONS, clock=clock
        )
        stack.callback(engine.dispose)
        index, bell = Index(engine), Bell()
        transfers = Transfers(
            engine, store, audit,
            clock=clock, entropy=secrets.token_bytes, base_url=settings.pages.base_url,
            link_days=settings.pages.link_days, bell=bell,
        )  # fmt: skip
        desk = office(settings, engine, store, transfers, audit=audit, clock=clock, bell=bell)
        if found := index.complete_from(store):
            _LOG.info("index completed from the store's files", instances=found)
        readers = stack.enter_context(WorkerPool(describing.TARGET, _limits(settings)))
        painters = stack.enter_context(
            WorkerPool(preview.TARGET, _painter_limits(settings), settings.workers.count)
        )
        recorders = stack.enter_context(WorkerPool(media_records.TARGET, _record_limits(settings)))
        copiers = stack.enter_context(WorkerPool(copying.TARGET, copying.LIMITS))
        web = stack.enter_context(_archive(settings))
        lender = Lender(store, web, settings.archive.cache_bytes if settings.archive else 0)
        copier = Copier(store, lender, copiers)
        describer = Describer(index, store, readers)
        commitments = Commitments(
            settings.forward, (one.ae_title for one in settings.pacs), secrets.token_bytes
        )
        forwarder = Forwarder(
            Holdings(engine, lender, index, transfers, describer), commitments, copier,
            pacs=settings.pacs, forward=settings.forward, pause=pause,
        )  # fmt: skip
        keeping: Keeping = store
        if settings.archive is not None and web is not None:
            keeping = Archiver(
                store, web, partial(archive_link, settings.archive, settings.forward),
                readers=readers, copier=copier, pause=pause,
            )  # fmt: skip
        scp = Scp(settings.scp, store=store, keeping=keeping, index=index, transfers=transfers)
        for part in (describer, commitments, forwarder, scp, desk.chores):
            part.start()
            stack.callback(part.stop)
        previews = Previews(store, lender, painters)
        tellers = stack.enter_context(
            WorkerPool(dicomweb_images.TARGET, _teller_limits(settings), settings.workers.count)
        )
        web_images = WebImages(store, lender, tellers)
        stored = Stored(engine, store, lender, transfers, describer, previews, web_images)
        ohif = stack.enter_context(ohif_rooms(settings, stored))
        yield Viewer(
            Inside(
                engine, store, index, transfers, bell, clock, keys, desk.quarantine, desk.heartbeat
            ),
            Rooms(
                engine, store, lender, index, transfers, describer, previews, web_images,
                Records(lender, recorders), forwarder,
                WorklistLink(settings.worklist, settings.forward),
                settings.hospital, settings.login, desk,
                ohif.door if ohif else None,
            ),
            scp,
            bell,
            commitments,
            painters,
            ohif,
        )  # fmt: skip


def _serve(settings: Settings, running: Viewer) -> None:
    ready = _Ready(settings.ready_file, {"scp": running.scp.port})
    inner = settings.inner
    pages = Listener(
        pages_app(running.rooms),
        settings.pages.host,
        settings.pages.port,
        announce=lambda port: ready.note("pages", port),
        connections_per_source=256,  # behind a hospital's proxy all clinicians are one source
        waiting_per_source=256,
    )
    inside = Listener(
        inner_app(running.inside),
        inner.host,
        inner.port,
        tls=inner_server_context(inner.certificate, inner.key, inner.client_ca),
        announce=lambda port: ready.note("inner", port),
        connections_per_source=_INNER_CONNECTIONS,
    )
    listeners = [pages, inside]
    if settings.ohif is not None and running.ohif is not None:
        listeners.append(
            Listener(
                ohif_app(running.ohif),
                settings.ohif.host,
                settings.ohif.port,
                connections_per_source=256,
                waiting_per_source=256,
            )
        )
    # Who opens the first link after a start does not wait for a decoder to be loaded.
    threading.Thread(target=running.painters.warm, name="warming", daemon=True).start()
    try:
        asyncio.run(_serve_until_signal(running.bell, *listeners))
    finally:
        ready.withdraw()


async def _serve_until_signal(bell: Bell, *listeners: Listener) -> None:
    """Serve until SIGTERM or SIGINT; then let waiting polls go, so that none holds up the end."""
    stop = asyncio.Event()

    def end() -> None:
        bell.close()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    await serving.serve_until(stop, *listeners, grace=_GRACE_SECONDS)


class _Ready:
    """The ready file: {"pages": port, "inner": port, "scp": port} once all three listen."""

    def __init__(self, path: Path | None, ports: dict[str, int]) -> None:
        self._path = path
        self._ports = ports
        self.withdraw()

    def note(self, name: str, port: int) -> None:
        self._ports[name] = port
        if self._path is not None and {"pages", "inner", "scp"} <= set(self._ports):
            write_replacing(self._path, canonical.encode(self._ports))

    def withdraw(self) -> None:
        """Remove the file: nobody listens."""
        if self._path is not None:
            remove(self._path)


@contextlib.contextmanager
def _archive(settings: Settings) -> Iterator[ArchiveWeb | None]:
    """Lend the reading side of the house's own archive, if it has one."""
    if settings.archive is None:
        yield None
        return
    with contextlib.closing(ArchiveWeb(settings.archive)) as web:
        yield web


def _limits(settings: Settings) -> WorkerLimits:
    return WorkerLimits(
        cpu_seconds=settings.workers.cpu_seconds,
        memory_bytes=settings.workers.memory_bytes,
        opens_files=False,
    )


def _record_limits(settings: Settings) -> WorkerLimits:
    workers = settings.workers
    return media_records.limits(workers.memory_bytes, workers.cpu_seconds)


def _teller_limits(settings: Settings) -> WorkerLimits:
    workers = settings.workers
    return dicomweb_images.limits(workers.memory_bytes, workers.cpu_seconds)


def _painter_limits(settings: Settings) -> WorkerLimits:
    return WorkerLimits(
        cpu_seconds=settings.workers.cpu_seconds,
        memory_bytes=settings.workers.memory_bytes,
        reply_bytes=preview.LIMITS.reply_bytes,
        opens_files=False,
    )
