"""How an inner request is signed: mutual TLS says which machine, this says which destination.

uvicorn gives an application no peer certificate, so identity is bound to this signature over
method, target, time and body. A request older or newer than five minutes is refused; within them it
may be replayed by whoever holds the poller's connection, which is why every request may come twice.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_wire import routes, signing
from passbox_wire.digests import sha256
from passbox_wire.errors import Malformed, SignatureWrong

WINDOW_SECONDS: Final = 300


def signed_headers(
    key: Ed25519PrivateKey, method: str, target: str, body: bytes, now: int
) -> dict[str, str]:
    """Return a request's headers; ``target`` is path and query as sent, ``now`` Unix seconds."""
    statement = signing.request_statement(method, target, now, sha256(body))
    return {
        routes.VERSION_HEADER: str(routes.VERSION),
        routes.TIME_HEADER: str(now),
        routes.SIGNATURE_HEADER: signing.sign(key, statement).hex(),
    }


def verify_request(
    public_keys: tuple[bytes, ...],
    method: str,
    target: str,
    body_sha256: bytes,
    untrusted_time: str,
    untrusted_signature: str,
    now: int,
) -> None:
    """Raise SignatureWrong unless one of the destination's raw keys signed it within the window.

    Raises Malformed when time or signature are no such headers.
    """
    if not untrusted_time.isascii() or not untrusted_time.isdigit() or len(untrusted_time) > 12:  # noqa: PLR2004 - any bound does
        raise Malformed("time", "not Unix seconds")
    time = int(untrusted_time)
    if abs(time - now) > WINDOW_SECONDS:
        raise SignatureWrong("the request's clock is more than five minutes off")
    signature = signing.parse_signature(untrusted_signature)
    statement = signing.request_statement(method, target, time, body_sha256)
    for public_key in public_keys:
        try:
            signing.verify(public_key, signature, statement)
        except SignatureWrong:
            continue
        return
    raise SignatureWrong("signed by an unknown key")
