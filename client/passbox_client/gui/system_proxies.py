"""What this computer says about proxies, asked of the operating system, PAC scripts included.

Windows (WinHTTP) and macOS (CFNetwork) are asked through Qt and evaluate a PAC script by their own
means. On Linux the desktop's portal knows what is set in GNOME or KDE, a PAC script included where
the distribution can evaluate one; without a portal nobody can be asked. Variables of the
environment win everywhere.

The rule: it answers or it says nothing; it raises nothing, and no script is evaluated here. Qt is
loaded only when it is asked, which may take seconds: not in the window's thread.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from urllib.request import getproxies_environment

from passbox_client.proxies import DIRECT, variables_say

if TYPE_CHECKING:
    from PySide6.QtNetwork import QNetworkProxy

_PATIENCE: Final = 5000
"""Milliseconds for the portal; a PAC script may have to be fetched."""
_PORTAL: Final = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop")
_RESOLVER: Final = "org.freedesktop.portal.ProxyResolver"


def system_says(url: str) -> list[str]:
    """Return proxies as URLs in the order to try them, DIRECT for none, empty for no answer."""
    variables = getproxies_environment()
    if variables.get("https") or variables.get("all"):
        return variables_say(url)
    try:
        return _qt_says(url) if sys.platform in {"win32", "darwin"} else _portal_says(url)
    except ImportError:  # the command line may be installed without the window
        return variables_say(url)


def _qt_says(url: str) -> list[str]:
    from PySide6.QtCore import QUrl
    from PySide6.QtNetwork import QNetworkProxyFactory, QNetworkProxyQuery

    return said_by_qt(QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery(QUrl(url))))


def said_by_qt(proxies: Iterable["QNetworkProxy"]) -> list[str]:
    """Return Qt's proxies as URLs; kinds that are not HTTP keep a scheme that says so."""
    from PySide6.QtNetwork import QNetworkProxy

    kinds = QNetworkProxy.ProxyType
    schemes = {
        kinds.HttpProxy: "http",
        kinds.HttpCachingProxy: "http",
        kinds.Socks5Proxy: "socks5",
    }
    said = []
    for proxy in proxies:
        if proxy.type() is kinds.NoProxy:
            said.append(DIRECT)
        elif (scheme := schemes.get(proxy.type())) is not None:
            said.append(f"{scheme}://{_login(proxy)}{_host(proxy)}:{proxy.port()}")
    return said


def _login(proxy: "QNetworkProxy") -> str:
    if not proxy.user():
        return ""
    return f"{quote(proxy.user(), safe='')}:{quote(proxy.password(), safe='')}@"


def _host(proxy: "QNetworkProxy") -> str:
    return f"[{proxy.hostName()}]" if ":" in proxy.hostName() else proxy.hostName()


def _portal_says(url: str) -> list[str]:
    """Ask the desktop (org.freedesktop.portal.ProxyResolver, version 1)."""
    if not has_session_bus():
        return []
    from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage

    bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, "passbox-proxies")
    call = QDBusMessage.createMethodCall(*_PORTAL, _RESOLVER, "Lookup")
    call.setArguments([url])
    answer = bus.call(call, QDBus.CallMode.Block, _PATIENCE)
    if answer.type() is not QDBusMessage.MessageType.ReplyMessage:
        return []
    untrusted = answer.arguments()
    return [str(each) for each in untrusted[0]] if untrusted else []


def has_session_bus() -> bool:
    """Tell whether a desktop's bus runs: asking for one that does not may start it."""
    where = os.environ.get("XDG_RUNTIME_DIR")
    return bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS")) or bool(
        where and (Path(where) / "bus").exists()
    )
