"""The proxy this computer is set to use: a detour for the same pinned connection, never a weak one.

Environment variables on Linux, the registry on Windows, System Configuration on macOS, all by the
standard library. A script that computes the proxy (PAC) is not run: it is foreign code; its answer
can be given by hand. Loopback never takes a detour, and only http:// proxies with CONNECT are used.
"""

from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

DIRECT: Final = "direct"
"""What a person says to go without any proxy."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def proxy_for(url: str, wanted: str | None) -> str | None:
    """Return the proxy to go through: the wanted one, else the system's; None for no detour."""
    if wanted is not None:
        return None if wanted == DIRECT else wanted
    return _system_proxy(url)


def _system_proxy(url: str) -> str | None:
    host = urlsplit(url).hostname or ""
    if host in _LOOPBACK or proxy_bypass(host):
        return None
    proxies = getproxies()
    found = proxies.get("https") or proxies.get("all")
    if not found:
        return None
    proxy = found if "://" in found else f"http://{found}"
    return proxy if urlsplit(proxy).scheme == "http" else None
