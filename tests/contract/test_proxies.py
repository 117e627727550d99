"""The ways a system names, tried in order; what a proxy's refusal is called; whom none can open."""

import contextlib
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from passbox_base.serving import Listener
from passbox_base.tls_contexts import public_server_context, root_context
from passbox_client import sentences
from passbox_client.errors import ExitCode, LineFailed, Trouble, UsageRefused
from passbox_client.https_receiver import HttpsReceiver
from passbox_client.line import connect
from passbox_client.proxies import DIRECT, MOST_WAYS, ProxyChoice, parse_proxy, shown_proxy
from passbox_client.sentences import LANGUAGES
from passbox_wire import routes
from passbox_wire.digests import sha256
from passbox_wire.profile import Profile
from tests.builders.applications import EchoLength
from tests.builders.listening import listening
from tests.builders.pki import Pki
from tests.builders.tls_peers import CountingServer, connect_proxy
from tests.builders.wire import a_profile, a_service_status
from tests.parts.programs import free_port

HOST = "images.klinik.example"
"""Known to no name server, so only a proxy leads there."""
LOGIN = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
FORBIDDEN = b"HTTP/1.1 403 <b>Not \x1b[31mhere</b>\r\nContent-Length: 0\r\n\r\n"
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Hospital:
    """A hospital that answers at ``port`` here; ``requests`` are those that came."""

    profile: Profile
    pki: Pki
    port: int
    requests: list[str]

    def reached_by(self, *says: str) -> HttpsReceiver:
        """Return the line of a computer whose system says so."""
        return connect(self.profile, proxy=ProxyChoice(None, lambda _url: says))


@pytest.fixture(name="hospital")
def _hospital(tmp_path: Path) -> Iterator[Hospital]:
    pki = Pki(tmp_path)
    server = pki.server(host=HOST)
    status = a_service_status().encode()
    application = EchoLength({routes.STATUS: (200, {}, status)})
    tls = public_server_context(server.certificate, server.key)
    with listening(Listener(application, "127.0.0.1", 0, tls=tls)) as port:
        profile = a_profile(
            url=f"https://{HOST}:8443",
            pins=(server.issued.spki_sha256, sha256(b"the backup key")),
            roots=pki.ca_pem,
        )
        yield Hospital(profile, pki, port, application.requests)


@contextlib.contextmanager
def a_dead_proxy() -> Iterator[str]:
    """Yield the address of a proxy that nobody runs."""
    yield f"http://127.0.0.1:{free_port()}"


def refusal(receiver: HttpsReceiver) -> LineFailed:
    """Return why nothing is said."""
    with pytest.raises(LineFailed) as refused:
        receiver.status()
    return refused.value


def ways(*says: str) -> tuple[str | None, ...]:
    """Return the ways of a computer whose system says so."""
    return ProxyChoice(None, lambda _url: says).ways_to(f"https://{HOST}").in_order


def test_the_first_way_that_leads_there_is_kept(hospital: Hospital) -> None:
    """With a dead proxy first the second is taken, and stays taken for what follows."""
    with a_dead_proxy() as dead, connect_proxy(leads_to=hospital.port) as (alive, targets):
        receiver = hospital.reached_by(dead, alive, DIRECT)
        assert receiver.status().accepting
        assert receiver.status().accepting
    assert hospital.requests == [routes.STATUS] * 2
    assert set(targets) == {f"{HOST}:8443"}


@pytest.mark.parametrize("answer", [LOGIN, FORBIDDEN, UNAVAILABLE, b"", b"hello\r\n\r\n"])
def test_a_proxy_that_connects_nobody_is_passed_over(hospital: Hospital, answer: bytes) -> None:
    """A proxy that refuses, breaks off or talks nonsense leaves the next one to be tried."""
    with (
        connect_proxy(answer=answer) as (first, asked),
        connect_proxy(leads_to=hospital.port) as (second, _),
    ):
        assert hospital.reached_by(first, second).status().accepting
    assert len(asked) == 1


def test_no_proxy_at_all_is_a_way_like_another(hospital: Hospital) -> None:
    """After "PROXY dead; DIRECT" the server is asked directly; the proxy is what is blamed."""
    with a_dead_proxy() as dead:
        error = refusal(hospital.reached_by(dead, DIRECT))
    assert (error.code, error.facts["proxy"]) == (Trouble.PROXY_DEAD, shown_proxy(dead))
    assert error.may_be_retried


def test_ways_are_tried_anew_after_all_have_failed(hospital: Hospital) -> None:
    """When nothing led there the next question begins with the first way again."""
    with connect_proxy(answer=FORBIDDEN) as (first, asked), a_dead_proxy() as dead:
        receiver = hospital.reached_by(first, dead)
        assert [refusal(receiver).code for _ in range(3)] == [Trouble.PROXY_REFUSED] * 3
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("answer", "trouble", "again"),
    [
        (LOGIN, Trouble.PROXY_LOGIN, False),
        (FORBIDDEN, Trouble.PROXY_REFUSED, False),
        (UNAVAILABLE, Trouble.NO_CONNECTION, True),
        (b"", Trouble.NO_CONNECTION, True),
    ],
)
def test_a_refusing_proxy_is_named(
    hospital: Hospital, answer: bytes, trouble: Trouble, again: bool
) -> None:
    """The sentence says which proxy refused; nothing that it wrote is repeated."""
    with connect_proxy(answer=answer) as (proxy, _):
        error = refusal(hospital.reached_by(proxy))
        named = connect(hospital.profile, proxy=ProxyChoice(f"anna:secret@{shown_proxy(proxy)}"))
        assert refusal(named).code == trouble
    assert (error.code, error.may_be_retried, error.exit_code) == (
        trouble,
        again,
        ExitCode.CONNECTION,
    )
    for language in LANGUAGES:
        said = str(sentences.of_error(refusal_of(error), language))
        assert (shown_proxy(proxy) in said) is (trouble is not Trouble.NO_CONNECTION)
        assert "here" not in said.split()
        assert "\x1b" not in said


def refusal_of(error: LineFailed) -> LineFailed:
    """Return the error itself; a password in its facts would be a fault."""
    assert not any("secret" in str(fact) for fact in error.facts.values())
    return error


def test_socks_is_left_out_and_named(hospital: Hospital) -> None:
    """A SOCKS proxy is passed over; when nothing else leads there, it is what is told."""
    with connect_proxy(leads_to=hospital.port) as (alive, _):
        assert hospital.reached_by("socks5://socks.example:1080", alive).status().accepting
    error = refusal(hospital.reached_by("socks5://socks.example:1080"))
    assert (error.code, error.facts["proxy"]) == (Trouble.PROXY_KIND, "socks.example:1080")


def test_no_way_weakens_the_pins(hospital: Hospital, tmp_path: Path) -> None:
    """A wrong server behind the first proxy ends it: 0 bytes, and no other way is tried."""
    rogue = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    files = hospital.pki.server("rogue", host=HOST)
    rogue.load_cert_chain(files.certificate, files.key)
    with (
        CountingServer(rogue) as server,
        connect_proxy(leads_to=server.port) as (first, _),
        connect_proxy(leads_to=hospital.port) as (second, asked),
    ):
        trust = root_context([hospital.pki.ca_pem])
        choice = ProxyChoice(None, lambda _url: (first, second))
        receiver = connect(hospital.profile, proxy=choice, trust=lambda: trust)
        codes = {refusal(receiver).code for _ in range(20)}
    assert codes <= {Trouble.WRONG_PIN, Trouble.INSPECTED}
    assert (server.application_bytes, hospital.requests, asked) == (0, [], [])


@pytest.mark.parametrize(
    ("says", "taken"),
    [
        ((), (None,)),
        ((DIRECT,), (None,)),
        (("direct://",), (None,)),
        (("a:1", "http://b:2", "direct://"), ("http://a:1", "http://b:2", None)),
        (("http://a:1", "http://a:1"), ("http://a:1",)),
        (("socks5://a:1",), (None,)),
        (("https://a:1", "http://b:2"), ("http://b:2",)),
        (("http://a:99999", "http://[", "http://a b:1", "\x1b"), (None,)),
        (tuple(f"http://a:{n}" for n in range(1, 50)), tuple(
            f"http://a:{n}" for n in range(1, MOST_WAYS + 1)
        )),
    ],
)  # fmt: skip
def test_what_a_system_says_is_parsed(says: Sequence[str], taken: tuple[str | None, ...]) -> None:
    """Each answer of a system gives the ways in its order, at least one, at most eight."""
    assert ways(*says) == taken


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "socks5://a:1", "ftp://a:1", "http://a:1/pac", "a:x", "a:0", "http://", "a b"],
)
def test_what_is_no_proxy_is_refused_when_typed(typed: str) -> None:
    """An address that cannot be one is told at once, before anything is sent."""
    with pytest.raises(UsageRefused) as refused:
        parse_proxy(typed)
    assert refused.value.code == Trouble.PROXY_ADDRESS


def test_a_login_is_used_and_never_shown() -> None:
    """User and password stand in the address that is used, not in the one that is shown."""
    used = parse_proxy(" anna:secret@proxy.example:3128 ")
    assert used == "http://anna:secret@proxy.example:3128"
    assert shown_proxy(used) == "proxy.example:3128"
