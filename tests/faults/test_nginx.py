"""The receiver behind nginx with the sample we ship."""

import contextlib
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
from tests.builders.receiver import (
    DEADLINE,
    House,
    Sender,
    a_pack,
    an_open_receiver,
    good,
    problem_in,
    serving,
)
from tests.parts.programs import free_port

pytestmark = [pytest.mark.faults, pytest.mark.parts, pytest.mark.anyio]

SAMPLE = Path(__file__).parents[2] / "packaging" / "proxy" / "nginx.conf"


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[House, int]]:
    """Run a receiver that believes one proxy, and nginx in front of it."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    toml = f'trusted_proxies = ["127.0.0.1"]\n{attacks.PATIENT}'
    with (
        an_open_receiver(tmp_path, toml=toml, clock=SystemClock()) as house,
        serving(house) as ports,
        _nginx(tmp_path, house, ports["public"]) as port,
    ):
        yield house, port


@contextlib.contextmanager
def _nginx(folder: Path, house: House, behind: int) -> Iterator[int]:
    port = free_port()
    text = SAMPLE.read_text()
    for sample, ours in (
        ("listen 8443", f"listen 127.0.0.1:{port}"),
        ("127.0.0.1:9443", f"127.0.0.1:{behind}"),
        ("/etc/passbox/public.crt", str(house.front.certificate)),
        ("/etc/passbox/public.key", str(house.front.key)),
        ("/etc/passbox/public-ca.crt", str(house.public_pki.ca_file)),
        ("proxy_ssl_verify on", "proxy_ssl_verify off"),  # nginx knows no certificates of addresses
        ("/run/nginx.pid", str(folder / "nginx.pid")),
    ):
        assert sample in text
        text = text.replace(sample, ours)
    settings = folder / "nginx.conf"
    settings.write_text(text)
    process = subprocess.Popen(
        ["nginx", "-c", settings, "-p", folder, "-g", "daemon off; master_process off;"],
        stderr=subprocess.DEVNULL,
    )
    try:
        with contextlib.closing(socket.socket()) as probe:
            probe.settimeout(DEADLINE)
            while probe.connect_ex(("127.0.0.1", port)):
                assert process.poll() is None
        yield port
    finally:
        process.terminate()
        process.wait(DEADLINE)


def _tls(house: House) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(house.public_pki.ca_file))


async def test_a_transfer_goes_through(proxied: tuple[House, int]) -> None:
    """A transfer of whole packs passes nginx as it passes without it."""
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
    """With 200 ways to claim another source a blocked one stays blocked behind nginx."""
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
