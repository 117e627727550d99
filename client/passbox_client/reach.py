"""Reaching one server by several ways: the first that leads there is kept.

A system may name several proxies in order, or a proxy and then none. The rule: a way is given up
for the next one only while nothing was ever answered; from then on what fails is the line. A server
that was refused (pin, chain, name) is refused: no other way is tried.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import requests

from passbox_base.errors import PeerRefused, ServerKeyNotPinned, ServerNotTrusted
from passbox_base.tls import tunnel_refusal
from passbox_client.errors import LineFailed, Trouble
from passbox_client.inspection import Inspector
from passbox_client.proxies import shown_proxy

ValueT = TypeVar("ValueT")
_PROXY_WANTS_LOGIN: Final = 407
_SERVER_ERRORS: Final = 500
"""From here on a proxy says that the server behind it cannot be reached now."""


@dataclass(frozen=True, slots=True)
class Way:
    """A pinned session, and who looks into its refusals; ``proxy`` is None for no detour."""

    session: requests.Session
    inspector: Inspector
    proxy: str | None


class Reach:
    """All ways to one server. May be shared by threads."""

    def __init__(self, ways: Sequence[Way], unusable: str = "") -> None:
        """Take at least one way, and a proxy that this program cannot go through, if any."""
        self._ways = ways
        self._unusable = unusable
        self._at = 0
        self._answered = False
        self._lock = threading.Lock()

    def ask(self, exchange: Callable[[requests.Session], ValueT]) -> ValueT:
        """Return what ``exchange`` makes of a session; it may be called once for each way.

        Raises LineFailed: of several ways that lead nowhere the first says why.
        """
        failures: list[LineFailed] = []
        while True:
            at = self._at
            try:
                value = exchange(self._ways[at].session)
            except ServerKeyNotPinned as error:
                raise self._refused(self._ways[at], Trouble.WRONG_PIN) from error
            except ServerNotTrusted as error:
                raise self._refused(self._ways[at], Trouble.NOT_TRUSTED) from error
            except PeerRefused as error:
                raise LineFailed(Trouble.ODD_ANSWER) from error
            except requests.RequestException as error:
                failures.append(self._failure(self._ways[at], error))
                if not self._goes_on(at) or len(failures) == len(self._ways):
                    raise failures[0] from error
            else:
                self._answered = True
                return value

    def _goes_on(self, failed: int) -> bool:
        """Turn to the next way, after the last one to the first again; tell whether to try it."""
        with self._lock:
            if self._answered:
                return False
            if self._at == failed:
                self._at = (failed + 1) % len(self._ways)
            return True

    def _failure(self, way: Way, error: requests.RequestException) -> LineFailed:
        if way.proxy is None:
            trouble = Trouble.PROXY_KIND if self._unusable else Trouble.NO_CONNECTION
            return LineFailed(trouble, proxy=self._unusable)
        return LineFailed(_of_proxy(error), proxy=shown_proxy(way.proxy))

    @staticmethod
    def _refused(way: Way, trouble: Trouble) -> LineFailed:
        """Return why nothing is said to who answers there; a box in between is called one."""
        issuer = way.inspector.inspected_by()
        return LineFailed(trouble) if issuer is None else LineFailed(Trouble.INSPECTED, issuer)


def _of_proxy(error: requests.RequestException) -> Trouble:
    status = tunnel_refusal(error)
    if status is None:
        dead = isinstance(error, requests.exceptions.ProxyError)
        return Trouble.PROXY_DEAD if dead else Trouble.NO_CONNECTION
    if status >= _SERVER_ERRORS:
        return Trouble.NO_CONNECTION
    return Trouble.PROXY_LOGIN if status == _PROXY_WANTS_LOGIN else Trouble.PROXY_REFUSED
