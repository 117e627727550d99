"""The line to the receiver: each request of the contract as one call, over a pinned session.

The rule: an answer is bounded, parsed into a value of the contract, or turned into one of two
errors: the receiver refused (with its problem), or the line failed. Nothing here retries. The
protocol ``Receiver`` is the seam at which tests put a receiver of their own.
"""

import importlib.metadata
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final, Protocol, TypeVar

import requests

from passbox_base.errors import CertificateUnusable, TooFewPins
from passbox_base.tls import pinned_session, read_answer, system_context
from passbox_client.errors import (
    ClientError,
    LineFailed,
    ProfileUnusable,
    ReceiverRefused,
    Trouble,
)
from passbox_client.inspection import Inspector
from passbox_client.proxies import AS_THE_SYSTEM_SAYS, ProxyChoice
from passbox_client.rate import CappedBody, RateCap
from passbox_client.reach import Reach, Way
from passbox_wire import routes
from passbox_wire.errors import Malformed, ProfileRefusal
from passbox_wire.ids import TransferId
from passbox_wire.messages import (
    MAX_MESSAGE_BYTES,
    HeldPacks,
    ServiceStatus,
    TransferStatus,
    parse_held_packs,
    parse_service_status,
    parse_transfer_status,
)
from passbox_wire.problems import parse_problem
from passbox_wire.profile import Profile
from passbox_wire.receipts import MAX_RECEIPT_BYTES

ValueT = TypeVar("ValueT")

CLIENT: Final = f"passbox/{importlib.metadata.version('passbox')}"
CONNECT_SECONDS: Final = 10.0
SILENCE_SECONDS: Final = 60.0
_MAX_HELD_BYTES: Final = 4 * MAX_MESSAGE_BYTES
_NO_CONTENT: Final = 204


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


class HttpsReceiver:
    """A receiver behind a pinned session. May be shared by threads."""

    def __init__(self, reach: Reach, origin: str, cap: RateCap | None = None) -> None:
        """Take ways that lead to ``origin`` (https://host[:port]) only."""
        self._reach = reach
        self._cap = cap
        self._origin = origin.rstrip("/")

    def status(self) -> ServiceStatus:
        return _parsed(parse_service_status, self._ask("GET", routes.STATUS))

    def make_ready(self, connections: int) -> None:
        for _ in range(connections):
            threading.Thread(target=self._try_status, name="connecting", daemon=True).start()

    def _try_status(self) -> None:
        with suppress(ClientError):  # whoever sends learns it for himself
            self.status()

    def open(self, transfer: TransferId, body: bytes, signature: bytes) -> TransferStatus:
        path = routes.TRANSFER.format(transfer=transfer)
        return _parsed(parse_transfer_status, self._ask("PUT", path, body, _signed(signature)))

    def put(
        self, transfer: TransferId, number: int, pack: bytes, sha256: bytes, signature: bytes
    ) -> None:
        path = routes.PACK.format(transfer=transfer, number=number)
        headers = _signed(signature) | {routes.DIGEST_HEADER: sha256.hex()}
        self._ask(
            "PUT", path, pack if self._cap is None else partial(self._cap.body, pack), headers
        )

    def held(self, transfer: TransferId, following: int | None, signature: bytes) -> HeldPacks:
        path = routes.PACKS.format(transfer=transfer)
        if following is not None:
            path += f"?after={following}"
        answer = self._ask("GET", path, None, _signed(signature), most=_MAX_HELD_BYTES)
        return _parsed(parse_held_packs, answer)

    def close(self, transfer: TransferId, body: bytes, signature: bytes) -> TransferStatus:
        path = routes.CLOSE.format(transfer=transfer)
        return _parsed(parse_transfer_status, self._ask("POST", path, body, _signed(signature)))

    def cancel(self, transfer: TransferId, signature: bytes) -> TransferStatus:
        path = routes.CANCEL.format(transfer=transfer)
        return _parsed(parse_transfer_status, self._ask("POST", path, b"", _signed(signature)))

    def receipt(self, handle: bytes, after: int, wait: int) -> bytes | None:
        path = f"{routes.RECEIPT}?after={after}&wait={wait}"
        headers = {routes.HANDLE_HEADER: handle.hex()}
        silence = SILENCE_SECONDS + wait
        return self._ask("GET", path, None, headers, most=MAX_RECEIPT_BYTES, silence=silence)

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | Callable[[], CappedBody] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        most: int = MAX_MESSAGE_BYTES,
        silence: float = SILENCE_SECONDS,
    ) -> bytes | None:
        """Return the body of a success, None for 204."""

        def exchange(session: requests.Session) -> tuple[int, bytes]:
            with session.request(
                method,
                self._origin + path,
                data=body() if callable(body) else body,
                headers=dict(headers or {}),
                timeout=(CONNECT_SECONDS, silence),
                allow_redirects=False,
            ) as answer:
                return answer.status_code, read_answer(answer, most=most)

        status, content = self._reach.ask(exchange)
        if status == _NO_CONTENT:
            return None
        if status in {requests.codes.ok, requests.codes.created}:
            return content
        raise _refusal(content)


def connect(
    profile: Profile,
    *,
    proxy: ProxyChoice = AS_THE_SYSTEM_SAYS,
    cap: RateCap | None = None,
    trust: Callable[[], ssl.SSLContext] = system_context,
) -> HttpsReceiver:
    """Return the profile's receiver; ``cap`` limits how fast packs leave.

    The system is asked for its proxies here, which may take seconds. ``trust`` is what this
    computer trusts, used only to explain a refusal. Raises ProfileUnusable for unusable pins or
    roots, UsageRefused for a proxy that is none.
    """
    ways = proxy.ways_to(profile.url)
    reach = Reach([_way(profile, each, trust) for each in ways.in_order], ways.unusable)
    return HttpsReceiver(reach, profile.url, cap)


def _way(profile: Profile, proxy: str | None, trust: Callable[[], ssl.SSLContext]) -> Way:
    roots = None if profile.roots is None else [profile.roots]
    try:
        session = pinned_session(profile.url, profile.pins, roots, proxy=proxy)
    except TooFewPins as error:
        raise ProfileUnusable.because(ProfileRefusal.TOO_FEW_PINS) from error
    except CertificateUnusable as error:
        raise ProfileUnusable(Trouble.PROFILE_DAMAGED) from error
    session.headers[routes.VERSION_HEADER] = str(routes.VERSION)
    session.headers[routes.CLIENT_HEADER] = CLIENT
    return Way(session, Inspector(profile.url, profile.pins, proxy=proxy, trust=trust), proxy)


def _signed(signature: bytes) -> dict[str, str]:
    return {routes.SIGNATURE_HEADER: signature.hex()}


def _parsed(parse: Callable[[bytes], ValueT], content: bytes | None) -> ValueT:
    try:
        return parse(content or b"")
    except Malformed as error:
        raise LineFailed(Trouble.ODD_ANSWER) from error


def _refusal(content: bytes) -> ReceiverRefused | LineFailed:
    """Return what an error answer means; one not of the contract came from a box in between."""
    try:
        return ReceiverRefused(parse_problem(content))
    except Malformed:
        return LineFailed(Trouble.ODD_ANSWER)
