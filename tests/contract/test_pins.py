"""Whatever the client has to say: who does not have the hospital's key hears none of it."""

import contextlib
import itertools
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from passbox_base.serving import Listener
from passbox_base.tls_contexts import public_server_context, root_context
from passbox_client.errors import LineFailed, Trouble
from passbox_client.https_receiver import HttpsReceiver
from passbox_client.line import connect
from passbox_wire.digests import sha256
from tests.builders.applications import EchoLength
from tests.builders.listening import listening
from tests.builders.pki import Files, Pki
from tests.builders.tls_peers import CountingServer
from tests.builders.wire import a_profile, a_transfer_id

ATTEMPTS = 50
SECRET = b"what must not be heard" * 100
SIGNATURE = bytes(64)
SAYINGS: dict[str, Callable[[HttpsReceiver], object]] = {
    "status": lambda receiver: receiver.status(),
    "open": lambda receiver: receiver.open(a_transfer_id(), SECRET, SIGNATURE),
    "put": lambda receiver: receiver.put(a_transfer_id(), 0, SECRET, sha256(SECRET), SIGNATURE),
    "held": lambda receiver: receiver.held(a_transfer_id(), None, SIGNATURE),
    "close": lambda receiver: receiver.close(a_transfer_id(), SECRET, SIGNATURE),
    "cancel": lambda receiver: receiver.cancel(a_transfer_id(), SIGNATURE),
    "receipt": lambda receiver: receiver.receipt(bytes(16), 0, 0),
}


def caller(pki: Pki, hospital: Files, port: int) -> HttpsReceiver:
    """Return the client's line to whoever answers at ``port``, for a hospital's profile."""
    profile = a_profile(
        url=f"https://127.0.0.1:{port}",
        pins=(hospital.issued.spki_sha256, sha256(b"the backup key")),
        roots=pki.ca_pem,
    )
    return connect(profile, trust=lambda: root_context([pki.ca_pem]))


def as_server(files: Files) -> ssl.SSLContext:
    """Return the context of a server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    return context


def test_the_hospital_hears_each_saying(tmp_path: Path) -> None:
    """The test's own proof: who has the pinned key and the name gets every request."""
    pki, application = Pki(tmp_path), EchoLength()
    hospital = pki.server()
    tls = public_server_context(hospital.certificate, hospital.key)
    with listening(Listener(application, "127.0.0.1", 0, tls=tls)) as port:
        receiver = caller(pki, hospital, port)
        for say in SAYINGS.values():
            with contextlib.suppress(LineFailed):  # what answers there is no receiver
                say(receiver)
    assert len(application.requests) == len(SAYINGS)


@pytest.mark.parametrize("who", ["another key", "another name", "another authority"])
def test_an_impostor_hears_nothing(tmp_path: Path, who: str) -> None:
    """50 tries of every kind in turn, each a new connection: 0 application bytes, each refused."""
    pki, foreign = Pki(tmp_path), Pki(tmp_path, "foreign")
    shown = pki.server("rogue")
    if who == "another name":
        shown = pki.server("elsewhere", host="elsewhere.example")
    if who == "another authority":
        shown = foreign.server()
    # Only the key is wrong in the first: the other two have the very key that is pinned.
    pinned = pki.server() if who == "another key" else shown
    sayings = itertools.islice(itertools.cycle(SAYINGS.values()), ATTEMPTS)
    codes = []
    with CountingServer(as_server(shown)) as impostor:
        receiver = caller(pki, pinned, impostor.port)
        for say in sayings:
            with pytest.raises(LineFailed) as refused:
                say(receiver)
            codes.append(refused.value.code)
    assert len(codes) == ATTEMPTS
    known = {Trouble.INSPECTED} if who == "another key" else {Trouble.NOT_TRUSTED}
    assert set(codes) == known
    assert impostor.application_bytes == 0
