import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.tls import inner_session
from passbox_viewer.serve import run
from passbox_wire.inner.requests import signed_headers
from passbox_wire.inner.viewer import parse_events
from passbox_wire.keys import verifying_key_to_pem
from tests.builders.pki import Pki
from tests.e2e.awaiting import eventually
from tests.parts.programs import free_port, running
from tests.viewer.house import DEADLINE

START = """
import sys
from pathlib import Path
from passbox_viewer.serve import run
sys.exit(run(Path(sys.argv[1])))
"""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, int], Pki]]:
    """Run the program as its own process until the block ends."""
    pki = Pki(folder)
    server = pki.server()
    key = Ed25519PrivateKey.generate()
    (folder / "destination.pub").write_bytes(
        verifying_key_to_pem(key.public_key().public_bytes_raw())
    )
    (folder / "destination.key").write_bytes(key.private_bytes_raw())
    pages = free_port()
    (folder / "viewer.toml").write_text(
        f"""
        ready_file = "ready.json"
        [pages]
        port = {pages}
        base_url = "http://127.0.0.1:{pages}"
        [inner]
        port = 0
        certificate = "{server.certificate.name}"
        key = "{server.key.name}"
        client_ca = "{pki.ca_file.name}"
        destination_keys = ["destination.pub"]
        [scp]
        port = 0
        [store]
        folder = "store"
        """
    )
    command: list[str | Path] = [sys.executable, "-c", START, folder / "viewer.toml"]
    with running(command, pages, folder / "viewer.log") as process:
        ready = folder / "ready.json"
        eventually(ready.exists, "the ready file, which comes a moment after the port")
        yield process, json.loads(ready.read_text()), pki


def test_the_program_says_where_it_listens_and_ends_at_once(tmp_path: Path) -> None:
    """Ready means all three ports answer; SIGTERM ends it with 0 and takes that back."""
    with served(tmp_path) as (process, ports, pki):
        assert requests.get(f"http://127.0.0.1:{ports['pages']}/", timeout=DEADLINE).ok
        with socket.create_connection(("127.0.0.1", ports["scp"]), DEADLINE):
            pass
        key = Ed25519PrivateKey.from_private_bytes((tmp_path / "destination.key").read_bytes())
        origin, target = f"https://127.0.0.1:{ports['inner']}", "/inner/v1/events?after=0&wait=0"
        client = pki.client()
        with inner_session(origin, pki.ca_pem, client.certificate, client.key) as session:
            headers = signed_headers(key, "GET", target, b"", int(time.time()))
            assert parse_events(session.get(origin + target, headers=headers).content) == ()

        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0

    assert not (tmp_path / "ready.json").exists()


def test_faults_of_the_configuration_are_told_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and every fault in words."""
    (tmp_path / "viewer.toml").write_text('[pages]\nbase_url = "ftp://x"\n[scp]\nprot = 1\n')

    assert run(tmp_path / "viewer.toml") == 2

    told = capsys.readouterr().err
    for word in ("pages.base_url", "scp.prot", "did you mean port", "inner", "store"):
        assert word in told
