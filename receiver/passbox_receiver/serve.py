"""The receiver as a process: two listeners, one clock, one store.

The rule: store and ledger are made to agree before anybody is served; both listeners live and die
together; SIGTERM ends long polls at once and lets packs in flight finish. The ready file names the
ports once both listen, and is absent before and after.
"""

import asyncio
import contextlib
import json
import secrets
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool

from passbox_base import logs
from passbox_base.clocks import SystemClock
from passbox_base.durable import remove, write_replacing
from passbox_base.errors import OurFault, SettingsError
from passbox_base.serving import GRACE_SECONDS, Listener, serve_until
from passbox_base.tls_contexts import inner_server_context, public_server_context
from passbox_receiver.expiry import TICK_SECONDS, tick
from passbox_receiver.inner_app import create_inner_app
from passbox_receiver.mailing import AlarmMail
from passbox_receiver.public_app import create_public_app
from passbox_receiver.receiver import PROGRAM, Receiver
from passbox_receiver.reconcile import reconcile
from passbox_receiver.settings import ReceiverSettings, load_settings

_FAILED: Final = 1
_USAGE: Final = 2

_log = logs.get_logger(__name__)


def run(settings_path: Path) -> int:
    """Serve until SIGTERM or SIGINT; return 0, 1 for a fault of this machine, 2 for settings."""
    logs.configure(PROGRAM)
    try:
        settings = load_settings(settings_path)
        asyncio.run(_run(settings))
    except SettingsError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)  # noqa: T201  # for the operator who just started it
        return _USAGE
    except OurFault as error:
        _log.error("cannot serve", exc_info=error)
        print(error, file=sys.stderr)  # noqa: T201  # our own words and paths, see base/errors.py
        return _FAILED
    return 0


async def _run(settings: ReceiverSettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    receiver = Receiver.open(settings, SystemClock(), random_bytes=secrets.token_bytes)
    with contextlib.closing(receiver):
        await serve_receiver(receiver, stop)


async def serve_receiver(
    receiver: Receiver,
    stop: asyncio.Event,
    *,
    announce: Callable[[dict[str, int]], None] = lambda _ports: None,
    grace: int = GRACE_SECONDS,
) -> None:
    """Serve until ``stop`` is set; ``announce`` is told {"public": port, "inner": port}.

    Raises CannotListen, CertificateUnusable, KeyFileTooOpen, StoreFailed.
    """
    reconciled = await run_in_threadpool(reconcile, receiver)
    _log.info("store and ledger agree", packs=reconciled.added + reconciled.forgotten)
    ready = _Ready(receiver.settings.ready_file, announce)
    listeners = _listeners(receiver, ready)
    house = asyncio.create_task(_keep_house(receiver, stop))
    waking = asyncio.create_task(_end_long_polls(receiver, stop))
    try:
        await serve_until(stop, *listeners, grace=grace)
    finally:
        stop.set()
        await asyncio.gather(house, waking)
        ready.withdraw()


def _listeners(receiver: Receiver, ready: "_Ready") -> tuple[Listener, Listener]:
    public, inner = receiver.settings.public, receiver.settings.inner
    return (
        Listener(
            create_public_app(receiver),
            public.host,
            public.port,
            public_server_context(public.certificate, public.key),
            announce=lambda port: ready.listens("public", port),
            trusted_proxy=",".join(receiver.settings.trusted_proxies) or None,
            connections_per_source=public.connections_per_source,
        ),
        Listener(
            create_inner_app(receiver),
            inner.host,
            inner.port,
            inner_server_context(inner.certificate, inner.key, inner.client_ca),
            announce=lambda port: ready.listens("inner", port),
        ),
    )


class _Ready:
    """The ready file: written when the last listener listens."""

    def __init__(self, path: Path | None, announce: Callable[[dict[str, int]], None]) -> None:
        self._path = path
        self._announce = announce
        self._ports: dict[str, int] = {}
        self.withdraw()  # one that a killed process left would name wrong ports

    def listens(self, name: str, port: int) -> None:
        self._ports[name] = port
        if set(self._ports) != {"public", "inner"}:
            return
        if self._path is not None:
            write_replacing(self._path, json.dumps(self._ports).encode())
        self._announce(dict(self._ports))
        _log.info("listening", port=self._ports["public"])

    def withdraw(self) -> None:
        if self._path is not None:
            remove(self._path)


async def _end_long_polls(receiver: Receiver, stop: asyncio.Event) -> None:
    await stop.wait()
    receiver.work_bell.close()
    receiver.receipt_bell.close()


async def _keep_house(receiver: Receiver, stop: asyncio.Event) -> None:
    section = receiver.settings.mail
    mail = AlarmMail(receiver, section) if section is not None else None
    while not stop.is_set():
        try:
            if await run_in_threadpool(tick, receiver):
                receiver.work_bell.ring("work")
            if mail is not None:
                await run_in_threadpool(mail.enqueue)
                await mail.send()
        except Exception as error:  # noqa: BLE001  # the one broad catch: a full disk must not stop the clock
            _log.error("house was not kept", exc_info=error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), TICK_SECONDS)
