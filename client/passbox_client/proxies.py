"""The ways to a hospital's server: through a proxy or without one, in the order to try them.

What the operating system says decides unless a person says otherwise. It may name several (a PAC
script does: "PROXY a; DIRECT"), and it is asked by a function that is handed in: the skin has the
system's own (gui/system_proxies.py), which evaluates PAC; without it there are the environment
variables, on Windows the registry, on macOS System Configuration, by the standard library.

The rule: a proxy is a detour of the same pinned connection, never a weaker one. Loopback takes no
detour. Only http:// proxies with CONNECT are spoken; others (SOCKS) are left out, and named when
nothing else leads there. No script is evaluated here: it is foreign code, and the system's work.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from passbox_client.errors import Trouble, UsageRefused
from passbox_dicom.text import showable

DIRECT: Final = "direct"
"""What a person says to go without any proxy; what a system says begins with it (direct://)."""
MOST_WAYS: Final = 8
"""Of a script that names more the rest is not tried: each dead one costs ten seconds."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_MOST_ADDRESS: Final = 200

AskSystem = Callable[[str], Sequence[str]]
"""Returns what the system says for a URL: proxies as URLs in order, direct:// for none; empty when
it says nothing."""


@dataclass(frozen=True, slots=True)
class Ways:
    """``in_order``: http://host:port of a proxy, None for no detour; at least one.

    ``unusable``: the first proxy of a kind that is not spoken here, as it may be shown.
    """

    in_order: tuple[str | None, ...]
    unusable: str = ""


def variables_say(url: str) -> list[str]:
    """Return the proxy of the environment, the registry or System Configuration; no PAC."""
    if proxy_bypass(urlsplit(url).hostname or ""):
        return [DIRECT]
    proxies = getproxies()
    found = proxies.get("https") or proxies.get("all")
    return [found] if found else []


@dataclass(frozen=True, slots=True)
class ProxyChoice:
    """``wanted``: what a person says, http://host:port or DIRECT; None leaves it to the system."""

    wanted: str | None = None
    ask_system: AskSystem = variables_say

    def ways_to(self, url: str) -> Ways:
        """Return how to reach ``url``. Raises UsageRefused for what is no proxy's address."""
        if self.wanted is not None:
            return Ways((None if self.wanted == DIRECT else parse_proxy(self.wanted),))
        if urlsplit(url).hostname in _LOOPBACK:
            return Ways((None,))
        return _ways(self.ask_system(url))


AS_THE_SYSTEM_SAYS: Final = ProxyChoice()


def parse_proxy(untrusted: str) -> str:
    """Return http://[user:password@]host[:port] for what somebody typed, with or without http://.

    Raises UsageRefused for anything else, also for other kinds of proxies.
    """
    typed = untrusted.strip()
    try:
        parts = urlsplit(typed if "://" in typed else f"http://{typed}")
        named = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise UsageRefused(Trouble.PROXY_ADDRESS) from error
    more = parts.path.strip("/") or parts.query or parts.fragment
    sayable = len(typed) <= _MOST_ADDRESS and typed.isprintable() and " " not in typed
    if parts.scheme != "http" or not named or more or not sayable:
        raise UsageRefused(Trouble.PROXY_ADDRESS)
    return f"http://{parts.netloc}"


def shown_proxy(proxy: str) -> str:
    """Return host:port of a proxy as it may be shown: no user, no password."""
    return showable(proxy.rpartition("://")[2].rpartition("@")[2].strip("/"), _MOST_ADDRESS)


def _ways(says: Iterable[str]) -> Ways:
    ways: list[str | None] = []
    unusable = ""
    for each in says:
        if each.startswith(DIRECT):
            ways.append(None)
            continue
        try:
            ways.append(parse_proxy(each))
        except UsageRefused:
            unusable = unusable or shown_proxy(each)
    return Ways(tuple(dict.fromkeys(ways))[:MOST_WAYS] or (None,), unusable)
