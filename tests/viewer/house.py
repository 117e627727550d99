"""A whole viewer in the test's process, and those who speak with it: a poller and a browser.

All parts are real: store, ledger, SCP, workers, both listeners, mutual TLS on the poller's side.
Times are the real clock's: the inner signature asks for nearness only.
"""

import contextlib
import hashlib
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydicom.filereader import read_file_meta_info
from pynetdicom.ae import ApplicationEntity

from passbox_base.clocks import SystemClock
from passbox_base.serving import Listener
from passbox_base.tls import inner_session
from passbox_base.tls_contexts import inner_server_context
from passbox_viewer import index
from passbox_viewer.inner_app import inner_app
from passbox_viewer.instances import Instance
from passbox_viewer.ohif_app import ohif_app
from passbox_viewer.pages_app import pages_app
from passbox_viewer.serve import Viewer, viewer
from passbox_viewer.settings import (
    Archive,
    Forward,
    Inner,
    Login,
    Ohif,
    Pacs,
    Pages,
    Retention,
    Scp,
    Settings,
    Store,
    Worklist,
)
from passbox_viewer.transfer import Transfer
from passbox_wire.ids import TransferId
from passbox_wire.inner.requests import signed_headers
from passbox_wire.inner.viewer import (
    Delivery,
    Event,
    Facts,
    Finding,
    parse_events,
    parse_registered,
)
from passbox_wire.inventory import Sender
from passbox_wire.keys import verifying_key_to_pem
from passbox_wire.states import DeliveryState
from tests.builders.listening import all_listening
from tests.builders.pki import Pki
from tests.parts.programs import LOOPBACK, free_port

BASE_URL = "http://viewer.hospital.example"
POLLER = "PASSBOX_POLLER"
DEADLINE = 30.0
PATIENCE = 4
"""How often as long as that for an event: a machine under load has other things to do."""


def a_transfer(number: int = 1) -> TransferId:
    """Return a transfer id of its own for each number."""
    return TransferId(f"{number:032x}")


def facts(transfer: TransferId, **sender: str) -> Facts:
    """Return what the poller says of a transfer."""
    who = Sender(**({"name": "Dr. Beispiel", "email": "praxis@example.org"} | sender))
    return Facts(transfer, who, "dr.house@hospital.example", "Radiologie", "de", 1_800_000_000, 3)


def a_delivery(
    *, visible: bool = True, delivered: int = 3, findings: tuple[Finding, ...] = ()
) -> Delivery:
    """Return a complete delivery."""
    return Delivery(DeliveryState.COMPLETE, visible, "7K3M-Q9WD", delivered, 0, findings)


@dataclass
class House:
    """A running viewer and its two sides."""

    settings: Settings
    running: Viewer
    key: Ed25519PrivateKey
    inner: requests.Session
    inner_url: str
    browser: httpx.Client

    def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        key: Ed25519PrivateKey | None = None,
    ) -> requests.Response:
        """Send one request of the inner contract, signed."""
        signed = signed_headers(key or self.key, method, target, body, int(time.time()))
        return self.inner.request(
            method, self.inner_url + target, data=body or None, headers=signed | (headers or {})
        )

    def register(self, transfer: TransferId, **sender: str) -> str:
        """Register a transfer and return its AE title."""
        target = f"/inner/v1/transfers/{transfer}"
        answer = self.ask("PUT", target, facts(transfer, **sender).encode())
        return parse_registered(answer.content).ae_title

    def deliver(self, transfer: TransferId, delivery: Delivery) -> requests.Response:
        return self.ask("PUT", f"/inner/v1/transfers/{transfer}/delivery", delivery.encode())

    def attach(self, transfer: TransferId, position: int, data: bytes) -> requests.Response:
        return self.ask(
            "PUT",
            f"/inner/v1/transfers/{transfer}/attachments/{position}",
            data,
            headers={"Passbox-Digest": hashlib.sha256(data).hexdigest()},
        )

    def events(self, after: int = 0, wait: int = 0) -> tuple[Event, ...]:
        answer = self.ask("GET", f"/inner/v1/events?after={after}&wait={wait}")
        return parse_events(answer.content)

    def await_event(self, after: int) -> Event:
        """Return the first event after a sequence; fails when none comes in time."""
        for _ in range(PATIENCE):
            if found := self.events(after, wait=int(DEADLINE)):
                return found[0]
        raise AssertionError("no event came")

    def store(self, title: str, files: Sequence[Path], *, calling: str = POLLER) -> list[int]:
        """C-STORE files to an AE title; return the statuses, [] when rejected at association."""
        entity = ApplicationEntity(calling)
        metas = map(read_file_meta_info, files)
        for pair in {(meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID) for meta in metas}:
            entity.add_requested_context(pair[0], [pair[1]])
        association = entity.associate("127.0.0.1", self.running.scp.port, ae_title=title)
        if not association.is_established:
            return []
        statuses = [int(association.send_c_store(file).Status) for file in files]
        association.release()
        return statuses

    def instances(self, transfer: TransferId) -> list[Instance]:
        self.running.inside.index.flush()
        return index.instances(self.running.inside.engine, transfer)

    def read(self, transfer: TransferId) -> Transfer:
        return self.running.inside.transfers.read(transfer)

    def visible(self, transfer: TransferId, files: Sequence[Path], **sender: str) -> str:
        """Bring a transfer with these images to the page; return the page's path."""
        before = max((event.sequence for event in self.events()), default=0)
        statuses = self.store(self.register(transfer, **sender), files)
        assert statuses == [0] * len(files)
        self.deliver(transfer, a_delivery(delivered=len(files)))
        return self.await_event(before).link.removeprefix(BASE_URL)


def _listeners(running: Viewer, inner: Listener, ohif_port: int) -> Iterator[Listener]:
    yield inner
    yield Listener(pages_app(running.rooms), LOOPBACK, 0)
    if running.ohif is not None:
        yield Listener(ohif_app(running.ohif), LOOPBACK, ohif_port, connections_per_source=256)


@contextlib.contextmanager
def running_house(  # noqa: PLR0913  # one parameter a section of the settings
    folder: Path,
    *,
    pacs: Sequence[Pacs] = (),
    reserve_bytes: int = 0,
    forward: Forward | None = None,
    worklist: Worklist | None = None,
    login: Login | None = None,
    retention: Retention | None = None,
    ohif_folder: Path | None = None,
    archive: Archive | None = None,
) -> Iterator[House]:
    """Run a viewer on the store in ``folder`` until the block ends; once more is a restart."""
    key_file = folder / "destination.key"
    if not key_file.exists():
        key_file.write_bytes(secrets.token_bytes(32))
    key = Ed25519PrivateKey.from_private_bytes(key_file.read_bytes())
    public = folder / "destination.pub"
    public.write_bytes(verifying_key_to_pem(key.public_key().public_bytes_raw()))
    ohif_port = free_port() if ohif_folder else 0
    ohif_url = f"http://{LOOPBACK}:{ohif_port}"
    ohif = Ohif(folder=ohif_folder, base_url=ohif_url) if ohif_folder else None
    settings = Settings(
        pages=Pages(base_url=BASE_URL),
        ohif=ohif,
        inner=Inner(
            certificate=Path("unused"), key=Path("unused"), client_ca=Path("unused"),
            destination_keys=(public,),
        ),
        scp=Scp(port=0),
        store=Store(folder=folder / "store", reserve_bytes=reserve_bytes),
        pacs=tuple(pacs),
        archive=archive,
        worklist=worklist,
        forward=forward or Forward(),
        login=login or Login(),
        retention=retention or Retention(),
    )  # fmt: skip
    pki = Pki(folder, f"inner-{secrets.token_hex(4)}")
    server, client = pki.server(), pki.client()
    context = inner_server_context(server.certificate, server.key, pki.ca_file)
    with (
        viewer(settings, SystemClock(), pause=lambda _seconds: None) as running,
        all_listening(
            *_listeners(
                running, Listener(inner_app(running.inside), LOOPBACK, 0, tls=context), ohif_port
            )
        ) as (inner_port, pages_port, *_),
    ):
        inner_url = f"https://{LOOPBACK}:{inner_port}"
        session = inner_session(inner_url, pki.ca_pem, client.certificate, client.key)
        with (
            session,
            httpx.Client(
                base_url=f"http://{LOOPBACK}:{pages_port}", trust_env=False, timeout=DEADLINE
            ) as browser,
        ):
            try:
                yield House(settings, running, key, session, inner_url, browser)
            finally:
                running.bell.close()
