"""A poller with everything round it: fake peers over mutual TLS, a mail server, a spool."""

import contextlib
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from passbox_base.clocks import Clock, SystemClock
from passbox_base.keys import save_sealing_key, save_signing_key
from passbox_base.serving import Listener
from passbox_base.tls_contexts import inner_server_context
from passbox_dicom.check import TARGET
from passbox_poller.ledger import KnownTransfer, Ledger
from passbox_poller.run import Poller, build
from passbox_poller.settings import Settings
from passbox_wire.codes import ReceiptCode
from passbox_wire.ids import TransferId
from passbox_wire.receipts import Report, open_report
from tests.builders.listening import all_listening
from tests.builders.pki import Pki
from tests.builders.wire import (
    a_destination_id,
    a_receipt_code,
    a_sealing_key,
    a_signing_key,
)
from tests.parts.smtp import MailSink
from tests.poller.fake_receiver import DEADLINE, FakeReceiver
from tests.poller.fake_viewer import FakeViewer
from tests.poller.sending import Sending

JOIN_SECONDS = 120.0
ROOT = Path(__file__).parents[2]


class House:
    """Peers that are up; pollers are started and stopped by the test."""

    def __init__(self, folder: Path, sink: MailSink) -> None:
        self.folder = folder
        self.sink = sink
        self.receiver = FakeReceiver()
        self.viewer = FakeViewer()
        self.pki = Pki(folder, "inner")
        self._server = self.pki.server()
        self._client = self.pki.client()
        self._keys = folder / "keys"
        self._keys.mkdir()
        save_sealing_key(self._keys / "sealing.pem", a_sealing_key())
        save_signing_key(self._keys / "destination.pem", a_signing_key("destination"))
        save_signing_key(self._keys / "receipt.pem", a_signing_key("receipt"))
        self.sealing_keys = ["sealing.pem"]
        self.receiver_port = 0
        self.viewer_port = 0
        self.scp_port = 0
        self.reserve_bytes = 0
        self.silence_seconds = 900
        self.checks: dict[str, object] = {"cpu_seconds": 5.0, "memory_bytes": 512 * 1024 * 1024}

    def server_context(self) -> ssl.SSLContext:
        """What both peers show the poller."""
        return inner_server_context(self._server.certificate, self._server.key, self.pki.ca_file)

    def listener(self, app: object, port: int = 0) -> Listener:
        return Listener(app, "127.0.0.1", port, self.server_context())

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    def settings(self) -> Settings:
        tls = {
            "ca": self.pki.ca_file,
            "certificate": self._client.certificate,
            "key": self._client.key,
        }
        return Settings.model_validate(
            {
                "ready_file": self.folder / "ready.json",
                "destination": a_destination_id(),
                "receiver": {
                    "url": f"https://127.0.0.1:{self.receiver_port}",
                    "silence_seconds": self.silence_seconds,
                    **tls,
                },
                "viewer": {
                    "url": f"https://127.0.0.1:{self.viewer_port}",
                    "scp_port": self.scp_port,
                    **tls,
                },
                "keys": {
                    "sealing": [self._keys / name for name in self.sealing_keys],
                    "destination": self._keys / "destination.pem",
                    "receipt": self._keys / "receipt.pem",
                },
                "spool": {"folder": self.spool, "reserve_bytes": self.reserve_bytes},
                "mail": {
                    "host": self.sink.host,
                    "port": self.sink.port,
                    "starttls": False,
                    "sender": "passbox@hospital.example",
                    "admins": ["admin@hospital.example"],
                },
                "notify": {
                    "domains": ["hospital.example"],
                    "departments": {"Radiology": "radiology@hospital.example"},
                    "fallback": "post@hospital.example",
                    "hospital": "Example Hospital",
                },
                "checks": self.checks,
            }
        )

    @contextlib.contextmanager
    def polling(self, checker_target: str = TARGET, clock: Clock | None = None) -> Iterator[Poller]:
        """Run a poller until the block ends."""
        poller = build(
            self.settings(),
            checker_target=checker_target,
            checker_search_path=[str(ROOT)],
            clock=clock,
        )
        thread = threading.Thread(target=poller.run)
        thread.start()
        try:
            yield poller
        finally:
            poller.stop()
            thread.join(JOIN_SECONDS)
            assert not thread.is_alive(), "the poller does not stop"

    def send(self, sending: Sending, packs: dict[int, bytes] | None = None) -> None:
        """Have the receiver hold a whole transfer."""
        self.receiver.open(sending.transfer, sending.key)
        for number, sealed in (packs or sending.packs()).items():
            self.receiver.put(sending.transfer, number, sealed)
        self.receiver.close(sending.transfer)

    def report(self, number: int = -1, code: ReceiptCode | None = None) -> Report:
        """Return the report of a receipt as its sender reads it."""
        receipt, signed = self.receiver.receipts[number]
        return open_report(receipt, signed.sealed_report, (code or a_receipt_code()).report_key())

    def known(self, transfer: TransferId) -> KnownTransfer | None:
        """Return what the ledger says, read beside the running poller."""
        try:
            ledger = Ledger.beside(self.spool, SystemClock())
            try:
                return ledger.transfer(transfer)
            finally:
                ledger.close()
        except (FileNotFoundError, sa.exc.OperationalError):  # the poller is still making it
            return None

    def wait_until_finished(self, transfer: TransferId) -> KnownTransfer:
        """Wait until the poller is done with a transfer, as its ledger says."""
        deadline = time.monotonic() + DEADLINE
        looking = threading.Event()
        while time.monotonic() < deadline:
            known = self.known(transfer)
            if known is not None and known.finished:
                return known
            looking.wait(0.02)
        raise AssertionError("the poller did not finish the transfer in time")


@contextlib.contextmanager
def a_house(folder: Path, sink: MailSink) -> Iterator[House]:
    """Yield a house whose peers are listening."""
    house = House(folder, sink)
    peers = (house.listener(house.receiver.app), house.listener(house.viewer.app))
    with all_listening(*peers) as (house.receiver_port, house.viewer_port):
        house.scp_port = house.viewer.start_scp()
        try:
            yield house
        finally:
            house.viewer.stop_scp()
