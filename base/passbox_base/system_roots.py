"""What this computer trusts, for a hospital whose certificate is a public one.

Why here: the sender's program alone asks the system; what the others trust is in their settings.

The rule: the operating system says it, never a variable. Windows and macOS check a chain
themselves (truststore). Elsewhere it is files whose places OpenSSL was built with or distributions
agree on: OpenSSL's own default would let SSL_CERT_FILE and SSL_CERT_DIR name others, so it is not
asked. Where none of them can be read nobody is trusted.
"""

import contextlib
import ssl
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine, Arch, the BSDs
)


def system_roots_context() -> ssl.SSLContext:
    """Return the context of a caller that trusts what this computer trusts; TLS 1.3 only."""
    if sys.platform in {"win32", "darwin"}:
        import truststore

        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        built_in = ssl.get_default_verify_paths()  # openssl_...: whatever the variables say
        context = context_of_files(
            [Path(place) for place in (built_in.openssl_cafile, *_BUNDLES)],
            Path(built_in.openssl_capath),
        )
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def context_of_files(bundles: Iterable[Path], folder: Path) -> ssl.SSLContext:
    """Return a context that trusts the first of these bundles there is, else OpenSSL's folder."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bundle = next((place for place in bundles if place.is_file()), None)
    with contextlib.suppress(OSError):  # unreadable, or ssl.SSLError: no certificates in it
        if bundle is not None:
            context.load_verify_locations(cafile=bundle)
        elif folder.is_dir():
            context.load_verify_locations(capath=folder)
    return context
