"""What a desktop is told, and asked: progress in its dock, proxies from its settings."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace

import pytest
from PySide6.QtDBus import QDBusConnection
from PySide6.QtNetwork import QNetworkProxy

from passbox_client.gui.system_proxies import said_by_qt
from passbox_client.gui.taskbar import Launcher, Taskbar
from passbox_client.progress import SendPhase
from passbox_client.window.pulse import Pulse
from passbox_client.window.state import Activity
from passbox_client.window.steps import Page
from tests.parts.desktop import Bus
from tests.window.conftest import Opened

LAUNCHER = "com.canonical.Unity.LauncherEntry"
_ASK = """
import json, sys
from passbox_client.gui.system_proxies import system_says
print(json.dumps(system_says("https://klinik.example:8443")))
"""


class Shown(Taskbar):
    """Notes what a taskbar would show."""

    def __init__(self) -> None:
        self.said: list[tuple[int | None, bool]] = []

    def _show(self, percent: int | None, *, held: bool) -> None:
        self.said.append((percent, held))


def test_the_taskbar_shows_each_step_once(opened: Opened) -> None:
    """While it is sent the taskbar shows how far, held or not; before and after nothing."""
    client = opened()
    shown = client.window.taskbar = Shown()
    state = client.presenter.state

    def sending(arrived: int, activity: Activity = Activity.RUNNING) -> None:
        pulse = Pulse(SendPhase.SENDING, arrived, 1000)
        client.window.draw(replace(state, page=Page.SENDING, pulse=pulse, activity=activity))

    for arrived in (0, 4, 100, 105, 500):
        sending(arrived)
    sending(500, Activity.PAUSED)
    sending(990)
    client.window.draw(state)
    assert shown.said == [
        (0, False), (10, False), (50, False), (50, True), (99, False), (None, False),
    ]  # fmt: skip


def test_a_dock_hears_how_far_it_is(desktop_bus: Bus) -> None:
    """A listener on a real bus gets the launcher's signal with progress, and its end."""
    bus = QDBusConnection.connectToBus(desktop_bus.address, "test-of-the-dock")
    heard = desktop_bus.overheard(LAUNCHER)
    try:
        taskbar = Launcher(bus, "passbox")
        taskbar.show(42)
        taskbar.show(None)
        said = heard.until("boolean false")
    finally:
        heard.end()
        QDBusConnection.disconnectFromBus("test-of-the-dock")
    assert said.count("member=Update") == 2
    assert 'string "application://passbox.desktop"' in said
    assert said.index("double 0.42") < said.index("boolean true") < said.index("boolean false")


def test_without_a_desktop_nothing_is_shown() -> None:
    """Where there is no bus the window comes up all the same, and nobody is told."""
    said = _on(None, "from passbox_client.gui.taskbar import taskbar_of\n"
                     "print(type(taskbar_of(0, 'passbox')).__name__)")  # fmt: skip
    assert said.strip() == "Taskbar"


def test_the_desktop_s_proxies_are_asked_for(portal: Bus) -> None:
    """The portal's answer is passed on in its order, whatever it evaluated for this URL."""
    assert json.loads(_on(portal, _ASK)) == [
        "http://dead.example:1",
        "https://klinik.example:8443",
        "socks5://socks.example:1080",
        "direct://",
    ]


def test_a_variable_wins_over_the_desktop(portal: Bus) -> None:
    """Who sets https_proxy for a program means it."""
    said = json.loads(_on(portal, _ASK, https_proxy="http://proxy.example:3128"))
    assert said == ["http://proxy.example:3128"]


@pytest.mark.parametrize("with_bus", [True, False])
def test_a_desktop_without_a_portal_says_nothing(desktop_bus: Bus, *, with_bus: bool) -> None:
    """No portal and no bus are the same: nothing is known, and nothing fails."""
    assert json.loads(_on(desktop_bus if with_bus else None, _ASK)) == []


def test_what_qt_says_of_windows_and_macos_is_understood() -> None:
    """Every kind of proxy that Qt names becomes a URL, with its login, in its order."""
    kinds = QNetworkProxy.ProxyType
    said: Iterable[QNetworkProxy] = [
        QNetworkProxy(kinds.HttpProxy, "proxy.example", 3128, "an@a", "p:w"),
        QNetworkProxy(kinds.HttpCachingProxy, "2001:db8::1", 80),
        QNetworkProxy(kinds.Socks5Proxy, "socks.example", 1080),
        QNetworkProxy(kinds.FtpCachingProxy, "ftp.example", 21),
        QNetworkProxy(kinds.NoProxy),
    ]
    assert said_by_qt(said) == [
        "http://an%40a:p%3Aw@proxy.example:3128",
        "http://[2001:db8::1]:80",
        "socks5://socks.example:1080",
        "direct",
    ]


def _on(bus: Bus | None, program: str, **variables: str) -> str:
    """Return what a program prints that runs on a bus, or on none."""
    bare = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **variables}
    if bus is not None:
        bare["DBUS_SESSION_BUS_ADDRESS"] = bus.address
    run = [sys.executable, "-c", program]
    return subprocess.run(run, env=bare, capture_output=True, text=True, check=True).stdout
