"""A box on the way that opens connections: recognised, explained, never let through."""

import contextlib
import os
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from passbox_base.serving import Listener
from passbox_base.tls_contexts import public_server_context, root_context
from passbox_client import sentences
from passbox_client.errors import ExitCode, LineFailed, Trouble
from passbox_client.https_receiver import HttpsReceiver
from passbox_client.line import connect
from passbox_client.proxies import DIRECT, ProxyChoice
from passbox_client.sentences import LANGUAGES
from passbox_wire.digests import sha256
from passbox_wire.profile import Profile
from tests.builders.applications import EchoLength
from tests.builders.listening import listening
from tests.builders.pki import Files, Pki
from tests.builders.tls_peers import CountingServer, Overheard, connect_proxy, opening_proxy
from tests.builders.wire import a_profile

SPARE_PIN = sha256(b"the backup key, kept offline")
ATTEMPTS = 20


def serving_as(files: Files) -> ssl.SSLContext:
    """Return a server's context, as old as such boxes are."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    return context


@dataclass(frozen=True)
class Practice:
    """A practice's network: the hospital outside, a box with a CA this computer was told to trust.

    ``requests`` are those that reached the hospital.
    """

    profile: Profile
    hospital: Pki
    box: Pki
    requests: list[str]

    def trust(self) -> ssl.SSLContext:
        """Return what this computer trusts."""
        context = root_context([self.box.ca_pem])
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def connect(self, proxy: str) -> HttpsReceiver:
        """Return the line through a proxy."""
        return connect(self.profile, proxy=ProxyChoice(proxy), trust=self.trust)

    @contextlib.contextmanager
    def opened_by(self, box: Files) -> Iterator[tuple[str, Overheard]]:
        """Run the box with one certificate of its own."""
        trusting = root_context([self.hospital.ca_pem])
        with opening_proxy(serving_as(box), trusting) as (proxy, overheard):
            yield proxy, overheard


@pytest.fixture(name="practice")
def _practice(tmp_path: Path) -> Iterator[Practice]:
    hospital, box = Pki(tmp_path, "hospital"), Pki(tmp_path, "Firewall der Praxis")
    server, application = hospital.server(), EchoLength()
    context = public_server_context(server.certificate, server.key)
    with listening(Listener(application, "127.0.0.1", 0, tls=context)) as port:
        profile = a_profile(
            url=f"https://127.0.0.1:{port}",
            pins=(server.issued.spki_sha256, SPARE_PIN),
            roots=hospital.ca_pem,
        )
        yield Practice(profile, hospital, box, application.requests)


def refusal(receiver: HttpsReceiver) -> LineFailed:
    """Return why nothing is said."""
    with pytest.raises(LineFailed) as refused:
        receiver.status()
    return refused.value


def test_the_box_reads_what_others_say(practice: Practice, tmp_path: Path) -> None:
    """The test's own proof: a client without pins that trusts the box is read along and served."""
    ca = tmp_path / "box.pem"
    ca.write_text(practice.box.ca_pem)
    with practice.opened_by(practice.box.server()) as (proxy, overheard), requests.Session() as s:
        s.trust_env = False
        url = f"{practice.profile.url}/secret"
        assert s.get(url, proxies={"https": proxy}, verify=str(ca), timeout=20).status_code == 200
    assert overheard.application_bytes > 0
    assert practice.requests == ["/secret"]


def test_a_box_that_opens_connections_is_named(practice: Practice) -> None:
    """Every attempt: refused before a byte, called what it is with its issuer, exit code 4."""
    with practice.opened_by(practice.box.server()) as (proxy, overheard):
        receiver = practice.connect(proxy)
        errors = [refusal(receiver) for _ in range(ATTEMPTS)]
    assert {error.code for error in errors} == {Trouble.INSPECTED}
    assert {error.facts["issuer"] for error in errors} == {"Passbox Firewall der Praxis CA"}
    assert not errors[0].may_be_retried
    assert errors[0].exit_code == ExitCode.CONNECTION
    assert overheard.handshakes > 0
    assert (overheard.application_bytes, practice.requests) == (0, [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_explained_and_offers_no_way_round(language: str) -> None:
    """In both languages: who reads along, that nothing was sent, whom to ask; no way to go on."""
    said = str(sentences.of_error(LineFailed(Trouble.INSPECTED, "Zscaler"), language))
    assert "Zscaler" in said
    assert {"de": "Es wurde nichts gesendet", "en": "Nothing was sent"}[language] in said
    assert "IT" in said
    assert "--" not in said


def test_a_box_this_computer_does_not_trust_is_only_not_trusted(practice: Practice) -> None:
    """A stranger's certificate is no inspection: the computer was never told to trust it."""
    stranger = Pki(practice.hospital.ca_file.parent, "stranger").server()
    with practice.opened_by(stranger) as (proxy, overheard):
        assert refusal(practice.connect(proxy)).code == Trouble.NOT_TRUSTED
    assert overheard.application_bytes == 0


def test_a_box_with_another_name_is_only_not_trusted(practice: Practice) -> None:
    """A trusted certificate for another name is a wrong server, not inspection."""
    other = practice.box.server("other", host="other.example")
    with practice.opened_by(other) as (proxy, overheard):
        assert refusal(practice.connect(proxy)).code == Trouble.NOT_TRUSTED
    assert overheard.application_bytes == 0


def test_a_box_without_a_proxy_is_named_as_well(practice: Practice) -> None:
    """A transparent box, and a profile that trusts the system's roots: named all the same."""
    with CountingServer(serving_as(practice.box.server())) as box:
        profile = a_profile(
            url=f"https://127.0.0.1:{box.port}",
            pins=practice.profile.pins,
            roots=practice.box.ca_pem,
        )
        error = refusal(connect(profile, trust=practice.trust))
    assert (error.code, box.application_bytes) == (Trouble.INSPECTED, 0)


def test_a_plain_proxy_is_no_box(practice: Practice) -> None:
    """Through a proxy that only passes on, the hospital is reached and believed."""
    with connect_proxy() as (proxy, targets):
        receiver = practice.connect(proxy)
        assert refusal(receiver).code == Trouble.ODD_ANSWER  # what answers here is no receiver
    assert targets == [practice.profile.url.removeprefix("https://")]
    assert len(practice.requests) == 1


def ways(url: str, wanted: str | None) -> tuple[str | None, ...]:
    """Return how a URL is reached when nobody but the environment says so."""
    return ProxyChoice(wanted).ways_to(url).in_order


@pytest.fixture(name="environment")
def _environment() -> Iterator[Callable[..., None]]:
    """A way to set variables until the test ends."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    yield lambda **values: os.environ.update(values)
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize(
    ("variables", "wanted", "taken"),
    [
        ({}, None, None),
        ({"https_proxy": "http://proxy:3128"}, None, "http://proxy:3128"),
        ({"HTTPS_PROXY": "proxy:3128"}, None, "http://proxy:3128"),
        ({"all_proxy": "http://proxy:3128"}, None, "http://proxy:3128"),
        ({"https_proxy": "socks5://proxy:1080"}, None, None),
        ({"https_proxy": "http://proxy:1", "no_proxy": ".klinik.example"}, None, None),
        ({"https_proxy": "http://proxy:1"}, "http://other:2", "http://other:2"),
        ({"https_proxy": "http://proxy:1"}, DIRECT, None),
    ],
)
def test_the_system_s_proxy_is_used(
    environment: Callable[..., None],
    variables: dict[str, str],
    wanted: str | None,
    taken: str | None,
) -> None:
    """The proxy this computer is set to, unless a person says another one or none."""
    environment(**variables)
    assert ways("https://dicom.klinik.example:8443", wanted) == (taken,)


def test_loopback_takes_no_detour(environment: Callable[..., None]) -> None:
    """What runs on this computer is not asked for through a proxy."""
    environment(https_proxy="http://proxy:1")
    assert ways("https://127.0.0.1:8443", None) == (None,)


def test_a_proxy_in_the_environment_weakens_nothing(
    practice: Practice, environment: Callable[..., None]
) -> None:
    """A variable that leads to the box changes the way, not the pins: 0 bytes."""
    with practice.opened_by(practice.box.server()) as (proxy, overheard):
        environment(https_proxy=proxy, SSL_CERT_FILE=str(practice.box.ca_file))
        environment(REQUESTS_CA_BUNDLE=str(practice.box.ca_file), CURL_CA_BUNDLE="")
        (taken,) = ways("https://dicom.klinik.example", None)
        assert taken == proxy
        assert refusal(practice.connect(taken)).code == Trouble.INSPECTED
    assert (overheard.application_bytes, practice.requests) == (0, [])
