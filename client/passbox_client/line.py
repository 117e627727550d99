"""The line to the receiver: each request of the contract as one call.

``Receiver`` is the seam at which tests put a receiver of their own; ``connect`` makes the real one
(https_receiver.py).
"""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from passbox_client.proxies import AS_THE_SYSTEM_SAYS, ProxyChoice
from passbox_client.rate import RateCap
from passbox_wire.ids import TransferId
from passbox_wire.messages import HeldPacks, ServiceStatus, TransferStatus
from passbox_wire.profile import Profile

if TYPE_CHECKING:
    import ssl

    from passbox_client.https_receiver import HttpsReceiver


class Receiver(Protocol):
    """What a client asks of a receiver. Every call raises ReceiverRefused or LineFailed."""

    def status(self) -> ServiceStatus:
        """Ask whether the door is open."""

    def make_ready(self, connections: int) -> None:
        """Begin to make connections for requests to come; returns at once, raises nothing."""

    def open(self, transfer: TransferId, body: bytes, signature: bytes) -> TransferStatus:
        """Open a transfer; the same again returns what it became."""

    def put(
        self, transfer: TransferId, number: int, pack: bytes, sha256: bytes, signature: bytes
    ) -> None:
        """Hand over a sealed pack; on return the receiver holds it."""

    def held(self, transfer: TransferId, following: int | None, signature: bytes) -> HeldPacks:
        """Return a page of held packs: the first, or the one a page named as ``following``."""

    def close(self, transfer: TransferId, body: bytes, signature: bytes) -> TransferStatus:
        """Say that there is no more."""

    def cancel(self, transfer: TransferId, signature: bytes) -> TransferStatus:
        """Withdraw the transfer."""

    def receipt(self, handle: bytes, after: int, wait: int) -> bytes | None:
        """Return a receipt with a sequence above ``after``, None if none came in ``wait`` s."""


def connect(
    profile: Profile,
    *,
    proxy: ProxyChoice = AS_THE_SYSTEM_SAYS,
    cap: RateCap | None = None,
    trust: "Callable[[], ssl.SSLContext] | None" = None,
) -> "HttpsReceiver":
    """Return the profile's receiver; ``cap`` limits how fast packs leave.

    The system is asked for its proxies here, which may take seconds. ``trust`` returns what this
    computer trusts, used only to explain a refusal; a test hands in its own.
    Raises ProfileUnusable for unusable pins or roots, UsageRefused for a proxy that is none.
    """
    from passbox_base.tls import system_context
    from passbox_client.https_receiver import HttpsReceiver, reach

    ways = reach(profile, proxy.ways_to(profile.url), trust or system_context)
    return HttpsReceiver(ways, profile.url, cap)


@functools.cache
def client_name() -> str:
    """Return what this program calls itself to a receiver: name and version."""
    import importlib.metadata  # reads files, and half of the standard library with them

    return f"passbox/{importlib.metadata.version('passbox')}"
