import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from passbox_base.certificates import make_key, spki_sha256
from passbox_base.errors import (
    AnswerRefused,
    CertificateUnusable,
    KeyFileTooOpen,
    ServerKeyNotPinned,
    ServerNotTrusted,
    TooFewPins,
)
from passbox_base.serving import Listener
from passbox_base.tls import inner_session, pinned_session, read_answer
from passbox_base.tls_contexts import inner_server_context, public_server_context, root_context
from tests.builders.applications import EchoLength
from tests.builders.listening import listening
from tests.builders.pki import Files, Pki
from tests.builders.tls_peers import CountingServer, connect_proxy

BACKUP_PIN = spki_sha256(make_key().public_key())
ATTEMPTS = 50


@dataclass(frozen=True)
class Site:
    """A server of ours with two pins, one of them in use."""

    pki: Pki
    server: Files
    origin: str
    application: EchoLength

    def session(self, *, proxy: str | None = None) -> requests.Session:
        pins = [self.server.issued.spki_sha256, BACKUP_PIN]
        return pinned_session(self.origin, pins, [self.pki.ca_pem], proxy=proxy)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A running server with its CA."""
    pki = Pki(tmp_path)
    server = pki.server()
    application = EchoLength(
        {
            "/redirect": (302, {"location": "https://127.0.0.1:9/"}, b"x" * 100),
            "/encoded": (200, {"content-encoding": "gzip"}, b"not even gzip"),
            "/long": (200, {}, b"x" * 200_000),
            "/cookie": (200, {"set-cookie": "id=1; Path=/"}, b""),
        }
    )
    context = public_server_context(server.certificate, server.key)
    with listening(Listener(application, "127.0.0.1", 0, tls=context)) as port:
        yield Site(pki, server, f"https://127.0.0.1:{port}", application)


def _refused(
    kind: type[Exception], session: requests.Session, origin: str, *, attempts: int = ATTEMPTS
) -> None:
    for _ in range(attempts):
        with pytest.raises(kind):
            session.put(f"{origin}/secret", data=b"secret")


def _plain_context(files: Files) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    return context


def test_the_pinned_key_is_accepted(site: Site) -> None:
    """Right chain, right name, pinned key: the request goes through, whole."""
    with site.session().put(f"{site.origin}/x", data=b"a" * 3_000_000) as answer:
        assert read_answer(answer, most=100).split()[0] == b"3000000"


def test_the_backup_key_is_accepted(site: Site) -> None:
    """A server that changed to its backup key is accepted without any change at the client."""
    pins = [BACKUP_PIN, site.server.issued.spki_sha256]
    session = pinned_session(site.origin, pins, [site.pki.ca_pem])

    assert session.get(f"{site.origin}/").status_code == 200


def test_a_rogue_key_gets_no_byte(tmp_path: Path) -> None:
    """Another key with the right name and the right CA is refused before a request byte."""
    pki = Pki(tmp_path)
    pins = [pki.server().issued.spki_sha256, BACKUP_PIN]
    with CountingServer(_plain_context(pki.server("rogue"))) as rogue:
        origin = f"https://127.0.0.1:{rogue.port}"
        _refused(ServerKeyNotPinned, pinned_session(origin, pins, [pki.ca_pem]), origin)

    assert (rogue.handshakes, rogue.application_bytes) == (ATTEMPTS, 0)


def test_a_wrong_name_gets_no_byte(tmp_path: Path) -> None:
    """A pinned key under another name is refused: pinning does not replace the name check."""
    pki = Pki(tmp_path)
    other = pki.server("other", host="other.example")
    with CountingServer(_plain_context(other)) as server:
        origin = f"https://127.0.0.1:{server.port}"
        pins = [other.issued.spki_sha256, BACKUP_PIN]
        _refused(ServerNotTrusted, pinned_session(origin, pins, [pki.ca_pem]), origin)

    assert server.application_bytes == 0


def test_a_foreign_ca_gets_no_byte(tmp_path: Path) -> None:
    """A pinned key under a CA we were not given is refused."""
    pki, foreign = Pki(tmp_path), Pki(tmp_path, "foreign")
    files = foreign.server()
    with CountingServer(_plain_context(files)) as server:
        origin = f"https://127.0.0.1:{server.port}"
        pins = [files.issued.spki_sha256, BACKUP_PIN]
        _refused(ServerNotTrusted, pinned_session(origin, pins, [pki.ca_pem]), origin)

    assert server.application_bytes == 0


def test_tls_1_2_gets_no_byte(tmp_path: Path) -> None:
    """A server that cannot speak TLS 1.3 is refused, pinned or not."""
    pki = Pki(tmp_path)
    files = pki.server()
    context = _plain_context(files)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with CountingServer(context) as server:
        origin = f"https://127.0.0.1:{server.port}"
        pins = [files.issued.spki_sha256, BACKUP_PIN]
        _refused(ServerNotTrusted, pinned_session(origin, pins, [pki.ca_pem]), origin)

    assert server.application_bytes == 0


def test_our_server_speaks_nothing_older(site: Site) -> None:
    """A client that offers TLS 1.2 at most gets no connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=site.pki.ca_pem)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    adapter = requests.adapters.HTTPAdapter()
    adapter.init_poolmanager(1, 1, ssl_context=context)
    session = requests.Session()
    session.mount("https://", adapter)

    with pytest.raises(requests.exceptions.SSLError):
        session.get(site.origin)


@pytest.mark.parametrize("pins", [[], [BACKUP_PIN], [BACKUP_PIN] * 2, [BACKUP_PIN, b"short"]])
def test_one_pin_is_none(pins: list[bytes]) -> None:
    """A session needs two different pins: one would lock everybody out at the next key."""
    with pytest.raises(TooFewPins):
        pinned_session("https://127.0.0.1", pins, None)


def test_pins_hold_behind_a_proxy(site: Site, tmp_path: Path) -> None:
    """Through a CONNECT proxy the good key passes and a rogue one gets no byte."""
    with connect_proxy() as (proxy, targets):
        assert site.session(proxy=proxy).get(f"{site.origin}/").status_code == 200
        with CountingServer(_plain_context(site.pki.server("rogue"))) as rogue:
            origin = f"https://127.0.0.1:{rogue.port}"
            pins = [site.server.issued.spki_sha256, BACKUP_PIN]
            session = pinned_session(origin, pins, [site.pki.ca_pem], proxy=proxy)
            _refused(ServerKeyNotPinned, session, origin, attempts=1)

    assert targets == [site.origin.removeprefix("https://"), f"127.0.0.1:{rogue.port}"]
    assert rogue.application_bytes == 0


@pytest.mark.parametrize("origin", ["https://127.0.0.1", "https://127.0.0.1:8443"])
@pytest.mark.parametrize(
    "url",
    ["{origin}.evil.example/", "{origin}@evil.example/", "http://127.0.0.1:8443/"],
)
def test_a_session_reaches_one_origin(origin: str, url: str) -> None:
    """Any other address has no way out of the session, also one that begins alike."""
    session = pinned_session(origin, [BACKUP_PIN, bytes(32)], None)
    with pytest.raises((requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL)):
        session.get(url.format(origin=origin))


def test_nobody_is_given_a_ticket(site: Site) -> None:
    """No connection can be taken up again: each shows certificate and name anew."""
    host, port = site.origin.removeprefix("https://").split(":")
    context = root_context([site.pki.ca_pem])
    with (
        socket.create_connection((host, int(port)), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        secure.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        while secure.recv(65536):  # tickets come with the answer
            pass
        assert secure.session is None or not secure.session.has_ticket


def test_only_https_is_spoken() -> None:
    """A plain http origin is refused at once."""
    with pytest.raises(ServerNotTrusted):
        pinned_session("http://127.0.0.1", [BACKUP_PIN, bytes(32)], None)


def test_redirects_are_answers_like_any(site: Site) -> None:
    """A redirect is neither followed nor read."""
    with site.session().get(f"{site.origin}/redirect", allow_redirects=True) as answer:
        assert (answer.status_code, answer.history) == (302, [])

    assert site.application.requests == ["/redirect"]


def test_encoded_answers_are_refused(site: Site) -> None:
    """What could be a decompression bomb is not decoded."""
    with pytest.raises(AnswerRefused):
        site.session().get(f"{site.origin}/encoded")


def test_a_line_that_breaks_in_the_handshake_is_no_matter_of_trust(site: Site) -> None:
    """A server that is gone in the middle of a handshake is a broken line, to be tried again."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        origin = f"https://127.0.0.1:{server.getsockname()[1]}"

        def hang_up() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1024)

        gone = threading.Thread(target=hang_up)
        gone.start()
        session = pinned_session(origin, [BACKUP_PIN, bytes(32)], [site.pki.ca_pem])
        with pytest.raises(requests.exceptions.SSLError):
            session.get(origin)
        gone.join()


def test_long_answers_are_cut_short(site: Site) -> None:
    """Reading stops at the limit the caller gave."""
    with site.session().get(f"{site.origin}/long") as answer, pytest.raises(AnswerRefused):
        read_answer(answer, most=100_000)


def test_cookies_are_not_kept(site: Site) -> None:
    """A server cannot mark its visitors."""
    session = site.session()
    session.get(f"{site.origin}/cookie").close()

    assert len(session.cookies) == 0


def test_verification_has_no_switch(site: Site) -> None:
    """verify=False is an error, not a way round."""
    with pytest.raises(ServerNotTrusted):
        site.session().get(site.origin, verify=False)


def test_roots_stay_the_ones_given(site: Site) -> None:
    """After a request the trust store holds exactly our one root."""
    session = site.session()
    session.get(site.origin).close()
    adapter = session.get_adapter(f"{site.origin}/")

    assert len(adapter._context.get_ca_certs()) == 1  # type: ignore[attr-defined]  # ours


@pytest.fixture
def set_environment() -> Iterator[Callable[[dict[str, str]], None]]:
    """A way to set variables until the test ends."""
    before = dict(os.environ)
    yield os.environ.update
    os.environ.clear()
    os.environ.update(before)


def test_the_environment_has_no_say(
    site: Site, tmp_path: Path, set_environment: Callable[[dict[str, str]], None]
) -> None:
    """No proxy, no bundle and no key log: what requests, urllib3 or OpenSSL might listen to."""
    key_log = tmp_path / "keys.log"
    nowhere = dict.fromkeys(["HTTPS_PROXY", "https_proxy", "ALL_PROXY"], "http://127.0.0.1:9")
    nothing = dict.fromkeys(
        ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"], "/nonexistent"
    )
    set_environment({"SSLKEYLOGFILE": str(key_log), "NETRC": str(tmp_path), **nowhere, **nothing})
    with site.session().get(f"{site.origin}/") as answer:
        assert answer.status_code == 200

    assert not key_log.exists()


def test_the_systems_roots_are_asked_when_none_are_given(site: Site) -> None:
    """Without own roots the operating system decides, and it does not know our test CA."""
    session = pinned_session(site.origin, [site.server.issued.spki_sha256, BACKUP_PIN], None)

    with pytest.raises(ServerNotTrusted):
        session.get(site.origin)


def test_no_variable_adds_a_root_to_the_systems(
    site: Site, set_environment: Callable[[dict[str, str]], None]
) -> None:
    """Where the operating system decides, no variable that OpenSSL or a library reads does."""
    ours = str(site.pki.ca_file)
    bundles = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
    set_environment({**dict.fromkeys(bundles, ours), "SSL_CERT_DIR": str(site.pki.ca_file.parent)})
    session = pinned_session(site.origin, [site.server.issued.spki_sha256, BACKUP_PIN], None)

    assert ssl.get_default_verify_paths().cafile == ours  # who asks OpenSSL is told so
    with pytest.raises(ServerNotTrusted):
        session.get(site.origin)


Inner = Callable[[Files], requests.Session]


@pytest.fixture
def inner(tmp_path: Path) -> Iterator[tuple[Pki, str]]:
    """A running inner listener and its CA."""
    pki = Pki(tmp_path, "inner")
    server = pki.server()
    context = inner_server_context(server.certificate, server.key, pki.ca_file)
    with listening(Listener(EchoLength(), "127.0.0.1", 0, tls=context)) as port:
        yield pki, f"https://127.0.0.1:{port}"


def test_inner_listener_takes_its_own_clients(inner: tuple[Pki, str]) -> None:
    """A certificate of the inner CA is let in."""
    pki, origin = inner
    client = pki.client()

    session = inner_session(origin, pki.ca_pem, client.certificate, client.key)
    assert session.get(f"{origin}/").status_code == 200


def test_inner_listener_refuses_strangers(inner: tuple[Pki, str], tmp_path: Path) -> None:
    """No certificate, one of another CA, and a server's certificate are all turned away."""
    pki, origin = inner
    stranger = Pki(tmp_path, "stranger").client()
    server = pki.server("as-client")
    sessions = [
        pinned_session(origin, [BACKUP_PIN, pki.server("p").issued.spki_sha256], [pki.ca_pem]),
        inner_session(origin, pki.ca_pem, stranger.certificate, stranger.key),
        inner_session(origin, pki.ca_pem, server.certificate, server.key),
    ]

    for session in sessions:
        with pytest.raises(
            (requests.exceptions.ConnectionError, ServerKeyNotPinned, ServerNotTrusted)
        ):
            session.get(f"{origin}/")


def test_inner_session_can_pin_as_well(inner: tuple[Pki, str]) -> None:
    """A private CA and a pin can be asked for together."""
    pki, origin = inner
    client = pki.client()
    session = inner_session(
        origin, pki.ca_pem, client.certificate, client.key, pins=[BACKUP_PIN, bytes(32)]
    )

    with pytest.raises(ServerKeyNotPinned):
        session.get(f"{origin}/")


def test_a_key_others_can_read_is_not_used(tmp_path: Path) -> None:
    """A listener does not start with a key file that is open to others."""
    files = Pki(tmp_path).server()
    files.key.chmod(0o640)

    with pytest.raises(KeyFileTooOpen):
        public_server_context(files.certificate, files.key)


def test_a_key_of_another_certificate_is_told(tmp_path: Path) -> None:
    """Certificate and key that do not fit are named at start, not at the first handshake."""
    pki = Pki(tmp_path)

    with pytest.raises(CertificateUnusable, match=r"test-a\.pem"):
        public_server_context(pki.server("a").certificate, pki.server("b").key)


def test_a_root_that_is_none_is_told() -> None:
    """Broken PEM among the roots is an error of ours, with words."""
    with pytest.raises(CertificateUnusable):
        pinned_session("https://127.0.0.1", [BACKUP_PIN, bytes(32)], ["nonsense"])
