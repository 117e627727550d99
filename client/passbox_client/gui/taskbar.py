"""How far a sending is, where the system's taskbar, dock or launcher can show it.

    Taskbar ── Launcher   Linux: a signal on the desktop's bus, heard by KDE's and GNOME's docks
            ── Buttons    Windows: the window's own button, ITaskbarList3
            ── Dock       macOS: a number on the picture in the Dock
            ── Taskbar    elsewhere: nothing

The rule: it shows and asks nothing, and no failure of it reaches anybody. The window's title says
the same everywhere.
"""

import contextlib
import sys
from typing import TYPE_CHECKING, Any, Final

from passbox_client.gui.system_proxies import has_session_bus

if TYPE_CHECKING:
    from PySide6.QtDBus import QDBusConnection

_LAUNCHER: Final = "com.canonical.Unity.LauncherEntry"
_WHOLE: Final = 100
# ITaskbarList3 of shobjidl_core.h: the class, the interface, and where its methods stand.
_TASKBAR_LIST: Final = "{56FDF344-FD6D-11d0-958A-006097C9A090}"
_TASKBAR_LIST_3: Final = "{EA1AFB91-9E28-4B86-90E9-9E9F8A5EEFAF}"
_INITIALISE, _SET_VALUE, _SET_STATE = 3, 9, 10
_STATE_NONE, _STATE_NORMAL, _STATE_PAUSED = 0, 2, 8
_IN_PROCESS: Final = 1


class Taskbar:
    """Shows nothing; what the systems' own are derived from."""

    _shown: tuple[int | None, bool] = (None, False)

    def show(self, percent: int | None, *, held: bool = False) -> None:
        """Show ``percent`` (0 to 100), None for nothing; ``held`` while it is paused."""
        if (percent, held) != self._shown:
            self._shown = (percent, held)
            self._show(percent, held=held)

    def _show(self, percent: int | None, *, held: bool) -> None:
        """Do it: called only when something changed."""


class Launcher(Taskbar):
    """The Launcher API that began with Unity; Plasma's task manager and Dash to Dock know it."""

    def __init__(self, bus: "QDBusConnection", desktop_file: str) -> None:
        """``desktop_file`` without its ending is what the dock knows the program by."""
        self._bus = bus
        self._application = f"application://{desktop_file}.desktop"

    def _show(self, percent: int | None, *, held: bool) -> None:  # noqa: ARG002 - it knows no pause
        from PySide6.QtDBus import QDBusMessage

        signal = QDBusMessage.createSignal("/org/passbox/launcher", _LAUNCHER, "Update")
        shown = {"progress": (percent or 0) / _WHOLE, "progress-visible": percent is not None}
        signal.setArguments([self._application, shown])
        self._bus.send(signal)


class Dock(Taskbar):
    """A number on the program's picture; 0 takes it away."""

    def _show(self, percent: int | None, *, held: bool) -> None:  # noqa: ARG002 - a number only
        from PySide6.QtGui import QGuiApplication

        application: Any = QGuiApplication.instance()
        if hasattr(application, "setBadgeNumber"):  # since Qt 6.5
            application.setBadgeNumber(percent or 0)


class Buttons(Taskbar):
    """ITaskbarList3 by ctypes: three calls are less than a COM library with a code generator."""

    def __init__(self, window: int) -> None:
        """Take the window's handle. Raises OSError where there is no taskbar."""
        import ctypes

        self._ctypes: Any = ctypes
        self._window = window
        self._list = self._create()
        self._call(_INITIALISE)

    def _create(self) -> Any:
        ctypes = self._ctypes
        ole = ctypes.OleDLL("ole32")  # an HRESULT that failed raises OSError
        identifiers = [(ctypes.c_byte * 16)() for _ in range(2)]
        for text, place in zip((_TASKBAR_LIST, _TASKBAR_LIST_3), identifiers, strict=True):
            ole.CLSIDFromString(ctypes.c_wchar_p(text), place)
        created = ctypes.c_void_p()
        of_class, as_interface = identifiers
        ole.CoCreateInstance(of_class, None, _IN_PROCESS, as_interface, ctypes.byref(created))
        return created

    def _call(self, method: int, *arguments: Any) -> None:
        ctypes = self._ctypes
        table = ctypes.cast(
            ctypes.cast(self._list, ctypes.POINTER(ctypes.c_void_p))[0],
            ctypes.POINTER(ctypes.c_void_p),
        )
        kinds = [type(each) for each in arguments]
        ctypes.WINFUNCTYPE(ctypes.HRESULT, ctypes.c_void_p, *kinds)(table[method])(
            self._list, *arguments
        )

    def _show(self, percent: int | None, *, held: bool) -> None:
        with contextlib.suppress(OSError):  # the taskbar may be gone, or begin anew
            self._say(percent, held=held)

    def _say(self, percent: int | None, *, held: bool) -> None:
        ctypes = self._ctypes
        window = ctypes.c_void_p(self._window)
        if percent is None:
            self._call(_SET_STATE, window, ctypes.c_int(_STATE_NONE))
            return
        long = ctypes.c_ulonglong
        self._call(_SET_VALUE, window, long(percent), long(_WHOLE))
        self._call(_SET_STATE, window, ctypes.c_int(_STATE_PAUSED if held else _STATE_NORMAL))


def taskbar_of(window: int, desktop_file: str) -> Taskbar:
    """Return what this system has; ``window`` is the window's handle (Windows)."""
    if sys.platform == "win32":
        try:
            return Buttons(window)
        except OSError:
            return Taskbar()
    if sys.platform == "darwin":
        return Dock()
    if not has_session_bus():
        return Taskbar()
    from PySide6.QtDBus import QDBusConnection

    return Launcher(QDBusConnection.sessionBus(), desktop_file)
