"""A desktop's own bus (D-Bus) for a test, what is said on it, and a portal that knows proxies."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.parts.programs import require

PATIENCE = 60.0
_PORTAL = """
import sys
from PySide6.QtCore import ClassInfo, QCoreApplication, QObject, Slot
from PySide6.QtDBus import QDBusConnection

application = QCoreApplication([])

@ClassInfo({"D-Bus Interface": "org.freedesktop.portal.ProxyResolver"})
class Resolver(QObject):
    @Slot(str, result="QStringList")
    def Lookup(self, url):
        return [url if each == "URL" else each for each in sys.argv[1:]]

resolver = Resolver()
bus = QDBusConnection.sessionBus()
slots = QDBusConnection.RegisterOption.ExportAllSlots
assert bus.registerObject("/org/freedesktop/portal/desktop", resolver, slots)
assert bus.registerService("org.freedesktop.portal.Desktop")
print("ready", flush=True)
application.exec()
"""


@dataclass(frozen=True)
class Bus:
    """A bus of its own; ``address`` as DBUS_SESSION_BUS_ADDRESS takes it."""

    address: str
    folder: Path

    def overheard(self, interface: str) -> "Listener":
        """Return a listener to an interface's signals: dbus-monitor, which is not ours."""
        return Listener(self, interface)

    @property
    def environment(self) -> dict[str, str]:
        """What a program on this bus finds in its environment."""
        return {**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.address}


class Listener:
    """Writes down what is said; entered, it hears."""

    def __init__(self, bus: Bus, interface: str) -> None:
        self._said = bus.folder / "said"
        rule = f"type='signal',interface='{interface}'"
        monitor = str(require("dbus-monitor", package="dbus-bin"))
        with self._said.open("wb") as output:
            self._process = subprocess.Popen(
                [monitor, "--address", bus.address, rule], stdout=output
            )
        self.until("NameLost")  # from then on it is a monitor

    def until(self, words: str) -> str:
        """Return everything that was said once ``words`` are among it."""
        deadline = time.monotonic() + PATIENCE
        while words not in (said := self._said.read_text()):
            assert time.monotonic() < deadline, said
            time.sleep(0.01)
        return said

    def end(self) -> None:
        """Hear no more."""
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def desktop_bus(tmp_path: Path) -> Iterator[Bus]:
    """A session bus that nobody else is on."""
    daemon = str(require("dbus-daemon", package="dbus-daemon"))
    command = [daemon, "--session", "--nofork", "--nopidfile", "--print-address=1"]
    address = f"--address=unix:path={tmp_path}/bus"
    with (tmp_path / "bus.log").open("wb") as log:
        bus = subprocess.Popen([*command, address], stdout=subprocess.PIPE, stderr=log, text=True)
    assert bus.stdout is not None
    with bus.stdout:
        yield Bus(bus.stdout.readline().strip(), tmp_path)
    bus.terminate()
    bus.wait()


@pytest.fixture
def portal(desktop_bus: Bus) -> Iterator[Bus]:
    """A bus with a portal on it that answers with a dead proxy, the URL it was asked for, none."""
    says = ["http://dead.example:1", "URL", "socks5://socks.example:1080", "direct://"]
    with subprocess.Popen(
        [sys.executable, "-c", _PORTAL, *says],
        stdout=subprocess.PIPE,
        text=True,
        env=desktop_bus.environment,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        yield desktop_bus
        running.terminate()
