"""Sessions to one machine that may be hostile: pinned, strict, with nothing from the environment.

Why here: the client speaks so to the public side, tests and tools to the inner side. Contexts alone
are in tls_contexts.py, so that a listener needs no HTTP client.

The rule: TLS 1.3 or nothing; chain, name and key are all checked before the first request byte,
also behind a CONNECT proxy; nothing comes from the environment (no proxy variables, .netrc,
bundle variables, SSLKEYLOGFILE); no redirect is followed, no encoded answer is decoded, and no
switch turns any of it off. Pins are SHA-256 of the SubjectPublicKeyInfo (RFC 7469 section 2.4),
at least two.

The traps this goes round, each one measured: urllib3's assert_fingerprint pins the certificate
and drops the name check; requests adds its own bundle of roots to a given context; an adapter
mounted at https://host also serves https://host.evil; a proxy gets a second pool manager; a
redirect's body is read whole even when it is not followed.

It does not retry, and it does not limit what a caller reads except through read_answer().
"""

import hmac
import re
import ssl
from collections.abc import Collection, Iterator, Sequence
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Final, cast

import requests
from cryptography import x509
from requests.adapters import HTTPAdapter
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection

from passbox_base.certificates import spki_sha256
from passbox_base.errors import (
    AnswerRefused,
    ServerKeyNotPinned,
    ServerNotTrusted,
    TooFewPins,
)
from passbox_base.system_roots import system_roots_context
from passbox_base.tls_contexts import inner_client_context, root_context

FEWEST_PINS: Final = 2
DEFAULT_TIMEOUT: Final = (10.0, 60.0)
"""Seconds to connect, and seconds without a byte. A caller's own timeout wins."""

_PIN_BYTES: Final = 32
_TUNNEL_REFUSED: Final = re.compile(r"Tunnel connection failed: (\d{3})\b")
"""http.client's words; what the proxy wrote after the number is its own and not repeated."""
_PIECE: Final = 64 * 1024


class PinMismatch(ssl.SSLError):
    """What a connection raises inside urllib3; callers see ServerKeyNotPinned."""


def pinned_session(
    origin: str, pins: Collection[bytes], roots: Sequence[str] | None, *, proxy: str | None = None
) -> requests.Session:
    """Return a session that reaches ``origin`` (https://host[:port]) and nothing else.

    ``pins``: at least two SPKI SHA-256 of 32 bytes. ``roots``: PEM texts of the only roots to
    trust, or None for the operating system's. ``proxy``: http://host:port of a CONNECT proxy.
    Raises TooFewPins, CertificateUnusable. Requests on it raise ServerKeyNotPinned,
    ServerNotTrusted, AnswerRefused, else what requests raises. Answers are not read by themselves:
    use ``with session.get(...) as answer`` and read_answer().
    """
    if len(set(pins)) < FEWEST_PINS or any(len(pin) != _PIN_BYTES for pin in pins):
        raise TooFewPins("a server is pinned by at least two SHA-256 of public keys")
    return _session(origin, _client_context(roots), frozenset(pins), proxy)


def inner_session(
    origin: str, ca_pem: str, certificate: Path, key: Path, *, pins: Collection[bytes] = ()
) -> requests.Session:
    """Return a session with a client certificate: the poller's, to the receiver's inner listener.

    ``ca_pem``: the inner CA, the only root. ``certificate`` and ``key``: PEM files. ``pins``: as in
    pinned_session, where wanted beside the private CA. Raises CertificateUnusable, KeyFileTooOpen.
    """
    context = inner_client_context(ca_pem, certificate, key)
    return _session(origin, context, frozenset(pins) or None, None)


def shown_certificate(
    origin: str, context: ssl.SSLContext, *, proxy: str | None = None
) -> x509.Certificate | None:
    """Return the certificate shown at ``origin`` if ``context`` trusts it for the name, else None.

    To tell who is in between after a refusal. It ends after the handshake: no request byte leaves.
    """
    session = _session(origin, context, None, proxy, _ShowingConnection)
    try:
        session.get(origin.rstrip("/") + "/").close()
    except (requests.RequestException, ServerNotTrusted) as error:
        shown = [cause for cause in _causes(error) if isinstance(cause, _Shown)]
        return x509.load_der_x509_certificate(shown[0].der) if shown else None
    return None


def system_context() -> ssl.SSLContext:
    """Return a context that trusts what this computer trusts, in TLS 1.2 as well.

    Only for shown_certificate(): boxes that open connections are often older than TLS 1.3.
    """
    context = system_roots_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def read_answer(answer: requests.Response, *, most: int) -> bytes:
    """Return the body; raise AnswerRefused when it is longer than ``most`` bytes."""
    body = bytearray()
    for piece in answer.iter_content(_PIECE):
        body += piece
        if len(body) > most:
            answer.close()
            raise AnswerRefused(f"the answer is longer than {most} bytes")
    return bytes(body)


def tunnel_refusal(error: BaseException) -> int | None:
    """Return the HTTP status with which a proxy refused a CONNECT, None when none did."""
    for cause in _causes(error):
        said = _TUNNEL_REFUSED.match(str(cause.args[0])) if cause.args else None
        if isinstance(cause, OSError) and said:
            return int(said[1])
    return None


class _Shown(ssl.SSLError):
    """Ends a connection right after its handshake; carries the peer's certificate."""

    def __init__(self, der: bytes) -> None:
        super().__init__("shown")
        self.der = der


class _ShowingConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        certificate: bytes = cast("ssl.SSLSocket", self.sock).getpeercert(binary_form=True) or b""
        self.close()
        raise _Shown(certificate)


def _session(
    origin: str,
    context: ssl.SSLContext,
    pins: frozenset[bytes] | None,
    proxy: str | None,
    connection: type[HTTPSConnection] | None = None,
) -> requests.Session:
    if not origin.startswith("https://"):
        raise ServerNotTrusted("only https is spoken")
    session = _Session()
    session.adapters.clear()
    adapter = _PinnedAdapter(context, connection or _pinned_connection(pins))
    session.mount(origin.rstrip("/") + "/", adapter)
    if proxy is not None:
        session.proxies = {"https": proxy}
    return session


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.stream = True
        self.headers["Accept-Encoding"] = "identity"
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No answer is a redirect: neither followed nor read whole to be told that it was not."""


class _PinnedAdapter(HTTPAdapter):
    def __init__(self, context: ssl.SSLContext, connection: type[HTTPSConnection]) -> None:
        class Pool(HTTPSConnectionPool):
            ConnectionCls = connection

        self._context = context
        self._pools = {"https": Pool}
        super().__init__(max_retries=0)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002  # overrides
        if verify is False:
            raise ServerNotTrusted("verification cannot be switched off")
        conn.cert_reqs, conn.ca_certs = "CERT_REQUIRED", None

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, **self._pools}
        return manager

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or DEFAULT_TIMEOUT
        try:
            answer = super().send(request, *args, **kwargs)
        except (requests.exceptions.SSLError, requests.exceptions.ProxyError) as error:
            refusal = _refusal(error)
            if refusal is None:
                raise
            raise refusal from error
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            answer.close()
            raise AnswerRefused("an encoded answer was not asked for")
        return answer


def _pinned_connection(pins: frozenset[bytes] | None) -> type[HTTPSConnection]:
    class PinnedConnection(HTTPSConnection):
        def connect(self) -> None:
            super().connect()  # proxy, handshake, chain and name are done here
            if pins is not None and not _is_pinned(self.sock, pins):
                self.close()
                raise PinMismatch("the server's key is not pinned")

    return PinnedConnection


def _is_pinned(sock: Any, pins: frozenset[bytes]) -> bool:
    shown = spki_sha256(x509.load_der_x509_certificate(sock.getpeercert(binary_form=True)))
    return any(hmac.compare_digest(shown, pin) for pin in pins)


# The other side was gone in the middle of a handshake: that says nothing about who it was.
_LINE_BROKE: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


def _refusal(error: BaseException) -> ServerKeyNotPinned | ServerNotTrusted | None:
    """Return our word for a failed handshake, None when there was none: the line or proxy broke."""
    causes = [cause for cause in _causes(error) if isinstance(cause, ssl.SSLError)]
    if all(isinstance(cause, _LINE_BROKE) for cause in causes):
        return None
    if any(isinstance(cause, PinMismatch) for cause in causes):
        return ServerKeyNotPinned("the server's key is none of the pinned ones")
    # OpenSSL's own words for its code; the peer's certificate is not quoted.
    words = [c.verify_message for c in causes if isinstance(c, ssl.SSLCertVerificationError)]
    return ServerNotTrusted(words[0] if words else "no TLS 1.3 connection was possible")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it carries: requests and urllib3 put causes in args and in reason."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        # Not __context__: who asks again after a refusal has that one there.
        linked = (*cause.args, getattr(cause, "reason", None), cause.__cause__)
        waiting += [link for link in linked if isinstance(link, BaseException)]


def _client_context(roots: Sequence[str] | None) -> ssl.SSLContext:
    return system_roots_context() if roots is None else root_context(roots)
