"""TLS 1.3 contexts of both ends: what a listener offers and what a caller trusts, without any HTTP.

Why here: receiver and viewer listen, poller and client call; what counts as strict is one thing.

The rule: TLS 1.3 or nothing; no tickets, no compression, no renegotiation; a bare context, because
only that one ignores SSLKEYLOGFILE; a private key is read only from a file nobody else can read.

It does not pin and speaks no HTTP: that is tls.py.
"""

import contextlib
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path

from passbox_base.errors import CertificateUnusable
from passbox_base.keys import check_private_file


def public_server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the context of a listener for anybody: TLS 1.3, no tickets, no client certificate.

    Raises CertificateUnusable, KeyFileTooOpen, KeyFileUnusable.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.num_tickets = 0
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    _load_own(context, certificate, key)
    return context


def inner_server_context(certificate: Path, key: Path, client_ca: Path) -> ssl.SSLContext:
    """Return the context of a listener that only speaks with clients of ``client_ca``."""
    context = public_server_context(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with _certificate_errors(client_ca.name):
        context.load_verify_locations(cafile=client_ca)
    return context


def inner_client_context(ca_pem: str, certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the context of a caller with a client certificate, ``ca_pem`` the only root.

    Raises CertificateUnusable, KeyFileTooOpen, KeyFileUnusable.
    """
    context = root_context([ca_pem])
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    _load_own(context, certificate, key)
    return context


def root_context(roots: Sequence[str]) -> ssl.SSLContext:
    """Return the context of a caller that trusts these roots (PEM texts) and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with _certificate_errors("a root certificate"):
        context.load_verify_locations(cadata="\n".join(roots))
    return context


def _load_own(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    check_private_file(key)
    with _certificate_errors(certificate.name):
        context.load_cert_chain(certificate, key, password=_no_passphrase)


def _no_passphrase() -> str:
    raise ValueError("a service cannot be asked for a passphrase")  # OpenSSL would ask the terminal


@contextlib.contextmanager
def _certificate_errors(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise CertificateUnusable(f"{name} cannot be used") from error
