"""The receiver behind nginx and behind Caddy, with the samples we ship."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from passbox_base.clocks import SystemClock
from passbox_receiver import operations
from tests.builders import attacks
from tests.builders.answers import good, problem_in
from tests.builders.receiver import DEADLINE, House, an_open_receiver, serving
from tests.builders.sender_outside import Sender, a_pack
from tests.parts.programs import free_port

pytestmark = [pytest.mark.faults, pytest.mark.parts, pytest.mark.anyio]

SAMPLES = Path(__file__).parents[2] / "packaging" / "proxy"


@pytest.fixture(params=["nginx", "caddy"])
def proxied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[House, int]]:
    """Run a receiver that believes one proxy, and the proxy in front of it."""
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    toml = f'trusted_proxies = ["127.0.0.1"]\n{attacks.PATIENT}'
    start = {"nginx": _nginx, "caddy": _caddy}[request.param]
    with (
        an_open_receiver(tmp_path, toml=toml, clock=SystemClock()) as house,
        serving(house) as ports,
    ):
        port = free_port()
        with _running(start(tmp_path, house, port, ports["public"]), port):
            yield house, port


def _nginx(folder: Path, house: House, port: int, behind: int) -> list[str]:
    changes = {
        "listen 8443": f"listen 127.0.0.1:{port}",
        "127.0.0.1:9443": f"127.0.0.1:{behind}",
        "proxy_ssl_verify on": "proxy_ssl_verify off",  # it knows no certificates of addresses
        "/run/nginx.pid": str(folder / "nginx.pid"),
    }
    settings = _settings(folder, "nginx.conf", house, changes)
    return ["nginx", "-c", settings, "-p", str(folder), "-g", "daemon off; master_process off;"]


def _caddy(folder: Path, house: House, port: int, behind: int) -> list[str]:
    changes = {
        "\n:8443 {": f"\n:{port} {{\n\tbind 127.0.0.1",
        "127.0.0.1:9443": f"127.0.0.1:{behind}",
        "upload.klinik.example": "127.0.0.1",
    }
    settings = _settings(folder, "Caddyfile", house, changes)
    return ["caddy", "run", "--config", settings, "--adapter", "caddyfile"]


def _settings(folder: Path, name: str, house: House, changes: dict[str, str]) -> str:
    """Write the sample with this test's places; return where it is."""
    ours = {
        "/etc/passbox/public.crt": str(house.front.certificate),
        "/etc/passbox/public.key": str(house.front.key),
        "/etc/passbox/public-ca.crt": str(house.public_pki.ca_file),
    }
    text = (SAMPLES / name).read_text()
    for sample, place in (changes | ours).items():
        assert sample in text
        text = text.replace(sample, place)
    settings = folder / name
    settings.write_text(text)
    return str(settings)


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    # Caddy keeps certificates and a copy of its settings at home; here it has none.
    home = {**os.environ, "XDG_DATA_HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=home)
    try:
        with contextlib.closing(socket.socket()) as probe:
            probe.settimeout(DEADLINE)
            while probe.connect_ex(("127.0.0.1", port)):
                assert process.poll() is None
        yield
    finally:
        process.terminate()
        process.wait(DEADLINE)


def _tls(house: House) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(house.public_pki.ca_file))


async def test_a_transfer_goes_through(proxied: tuple[House, int]) -> None:
    """A transfer of whole packs passes the proxy as it passes without it."""
    house, port = proxied
    url = f"https://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, verify=_tls(house), timeout=DEADLINE) as client:
        sender = Sender(client, house)
        good(await sender.open(sender.message(total_bytes=2**24)))
        pack = a_pack(sender.transfer, 0, size=8_000_000)
        good(await sender.put(0, pack))
        good(await sender.close())
    (row,) = operations.transfers(house.settings_path)
    assert (row["source"], row["bytes_held"]) == ("127.0.0.1", len(pack))


def test_claims_end_at_the_proxy(proxied: tuple[House, int]) -> None:
    """With 200 ways to claim another source a blocked one stays blocked behind it."""
    house, port = proxied
    path = house.settings_path
    operations.add_to_list(path, "block", "127.0.0.1", author="anna", reason="test")
    url = f"https://127.0.0.1:{port}"
    with httpx.Client(base_url=url, verify=_tls(house), timeout=DEADLINE) as client:
        answers = [client.get("/v1/status", headers=h) for h in attacks.forged_sources(200)]
    assert {problem_in(answer) for answer in answers} == {"blocked"}


def test_older_tls_is_refused(proxied: tuple[House, int]) -> None:
    """TLS 1.2 ends in the handshake."""
    house, port = proxied
    tls = _tls(house)
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", port), DEADLINE) as plain,
        pytest.raises(ssl.SSLError),
    ):
        tls.wrap_socket(plain, server_hostname="127.0.0.1")
