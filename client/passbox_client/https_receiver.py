"""The line itself: each request of the contract as one exchange over a pinned session.

Apart from line.py, so that nothing of HTTP is loaded before there is something to say: the window
is up sooner. The rule: an answer is bounded, parsed into a value of the contract, or turned into
one of two errors: the receiver refused (with its problem), or the line failed. Nothing here
retries.
"""

import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Final, TypeVar

import requests

from passbox_base.errors import CertificateUnusable, TooFewPins
from passbox_base.tls import pinned_session, read_answer
from passbox_client.errors import (
    ClientError,
    LineFailed,
    ProfileUnusable,
    ReceiverRefused,
    Trouble,
)
from passbox_client.inspection import Inspector
from passbox_client.line import client_name
from passbox_client.proxies import Ways
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

CONNECT_SECONDS: Final = 10.0
SILENCE_SECONDS: Final = 60.0
_MAX_HELD_BYTES: Final = 4 * MAX_MESSAGE_BYTES


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
        if status == HTTPStatus.NO_CONTENT:
            return None
        if status in {HTTPStatus.OK, HTTPStatus.CREATED}:
            return content
        raise _refusal(content)


def reach(profile: Profile, ways: Ways, trust: Callable[[], ssl.SSLContext]) -> Reach:
    """Return the ways to the profile's receiver; raises ProfileUnusable."""
    return Reach([_way(profile, each, trust) for each in ways.in_order], ways.unusable)


def _way(profile: Profile, proxy: str | None, trust: Callable[[], ssl.SSLContext]) -> Way:
    roots = None if profile.roots is None else [profile.roots]
    try:
        session = pinned_session(profile.url, profile.pins, roots, proxy=proxy)
    except TooFewPins as error:
        raise ProfileUnusable.because(ProfileRefusal.TOO_FEW_PINS) from error
    except CertificateUnusable as error:
        raise ProfileUnusable(Trouble.PROFILE_DAMAGED) from error
    session.headers[routes.VERSION_HEADER] = str(routes.VERSION)
    session.headers[routes.CLIENT_HEADER] = client_name()
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
