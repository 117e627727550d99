"""TLS inspection: telling a box that opens connections from a server that is simply the wrong one.

Asked only after a server was refused. The rule: it explains and never lets through; what it does is
one handshake by this computer's own trust, and no request byte leaves. A certificate that this
computer trusts for the hospital's name, with a key the hospital does not have, was made by somebody
in between whom this computer was told to trust: a firewall or a virus scanner.
"""

import ssl
from collections.abc import Callable, Collection
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from passbox_base.certificates import spki_sha256
from passbox_base.tls import shown_certificate, system_context
from passbox_dicom.text import showable

_MOST_NAME: Final = 80
_UNNAMED: Final = "?"


class Inspector:
    """Looks once who answers at ``origin``."""

    def __init__(
        self,
        origin: str,
        pins: Collection[bytes],
        *,
        proxy: str | None,
        trust: Callable[[], ssl.SSLContext] = system_context,
    ) -> None:
        """``trust`` is what this computer trusts; a test hands in its own."""
        self._origin = origin
        self._pins = frozenset(pins)
        self._proxy = proxy
        self._trust = trust

    def inspected_by(self) -> str | None:
        """Return who issued the certificate of a box in between, None when there seems none."""
        shown = shown_certificate(self._origin, self._trust(), proxy=self._proxy)
        if shown is None or spki_sha256(shown) in self._pins:
            return None
        return _name(shown.issuer)


def _name(issuer: x509.Name) -> str:
    """Return how a foreign certificate calls its issuer, fit to be shown."""
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in issuer.get_attributes_for_oid(kind):
            if name := showable(str(attribute.value), _MOST_NAME).strip():
                return name
    return _UNNAMED
