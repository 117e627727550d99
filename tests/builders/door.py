"""A receiver in a process of its own, as the service manager runs it, and what it costs."""

import contextlib
import json
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from passbox_base.clocks import SystemClock
from passbox_base.durable import TEMPORARY_SUFFIX
from tests.builders.receiver import DEADLINE, House, an_open_receiver

_SERVE = (
    "import sys, pathlib, passbox_receiver.serve as s; sys.exit(s.run(pathlib.Path(sys.argv[1])))"
)


LEDGER_NAME = "ledger.sqlite3"


@dataclass(frozen=True)
class Door:
    """``port`` is the public one; ``tls`` trusts it, ``inner_tls`` is the poller's."""

    house: House
    pid: int
    port: int
    inner_port: int
    tls: ssl.SSLContext
    inner_tls: ssl.SSLContext
    store: Path

    def honest(self, source: str) -> httpx.Client:
        """Return a client that comes from ``source``."""
        transport = httpx.HTTPTransport(verify=self.tls, local_address=source)
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}", transport=transport, timeout=DEADLINE
        )

    def memory(self, *, most: bool = False) -> int:
        """Return the bytes of memory that the process has now, or had at ``most``."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        name = "VmHWM:" if most else "VmRSS:"
        return int(status.partition(name)[2].split()[0]) * 1024

    def open_files(self) -> int:
        """Return how many descriptors the process has, the pool of ledger connections aside."""
        names = []
        for descriptor in Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed while we look
                names.append(str(descriptor.readlink()))
        return sum(LEDGER_NAME not in name for name in names)

    def temporary_files(self) -> list[Path]:
        """Return what lies in the store that was never committed."""
        return list(self.store.rglob(f"*{TEMPORARY_SUFFIX}"))


@contextlib.contextmanager
def a_door(
    folder: Path, toml: str = "", *, replaced: Mapping[str, str] | None = None
) -> Iterator[Door]:
    """Run a receiver below ``folder`` until the block ends.

    ``toml`` begins its settings; ``replaced`` changes words of those that are there.
    """
    ready = folder / "ready.json"
    top = f'ready_file = "{ready}"\n{toml}'
    with an_open_receiver(folder, toml=top, clock=SystemClock()) as house:
        pass
    text = house.settings_path.read_text()
    for there, instead in (replaced or {}).items():
        assert there in text
        text = text.replace(there, instead)
    house.settings_path.write_text(text)
    tls = ssl.create_default_context(cafile=str(house.public_pki.ca_file))
    inner_tls = ssl.create_default_context(cafile=str(house.inner_pki.ca_file))
    inner_tls.load_cert_chain(house.poller.certificate, house.poller.key)
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, house.settings_path], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    draining = threading.Thread(target=process.stderr.read)
    try:
        for line in process.stderr:
            if '"listening"' in line:
                break
        draining.start()
        ports = json.loads(ready.read_text())
        yield Door(
            house, process.pid, ports["public"], ports["inner"], tls, inner_tls, folder / "store"
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE)
        if draining.ident is not None:
            draining.join(DEADLINE)
        process.stderr.close()
