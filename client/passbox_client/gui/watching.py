"""Discs and sticks as they come and go: asked every other second, away from the window's thread.

A network drive that does not answer blocks who asks, so the asking has a thread of its own.
"""

import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QStorageInfo

from passbox_client.window.volumes import Volume, VolumeKind
from passbox_dicom.drives import is_optical

SECONDS: Final = 2.0
_DISC_SYSTEMS: Final = {"iso9660", "udf", "cdfs", "cd9660"}
_REMOVABLE: Final = 2  # DRIVE_REMOVABLE of GetDriveTypeW
_LINUX_ROOTS: Final = ("/media/", "/run/media/")


def volumes() -> tuple[Volume, ...]:
    """Return the discs and sticks that are in this computer now."""
    found = []
    for mounted in QStorageInfo.mountedVolumes():
        root = Path(mounted.rootPath())
        if not (mounted.isValid() and mounted.isReady()):
            continue
        kind = _kind(root, mounted.fileSystemType().toStdString().lower())
        if kind is not None:
            label = mounted.displayName() or root.name or str(root)
            found.append(Volume(root, label, kind))
    return tuple(found)


def _kind(root: Path, file_system: str) -> VolumeKind | None:
    if file_system in _DISC_SYSTEMS or is_optical(root):
        return VolumeKind.DISC
    return VolumeKind.STICK if _is_removable(root) else None


def _is_removable(root: Path) -> bool:
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.GetDriveTypeW(str(root)) == _REMOVABLE)
    if sys.platform == "darwin":
        return root.parent == Path("/Volumes") and not root.is_symlink()
    return str(root).startswith(_LINUX_ROOTS)


class Watch:
    """Asks until stop(); ``tell`` is called in its thread whenever something changed."""

    def __init__(
        self,
        tell: Callable[[tuple[Volume, ...]], None],
        ask: Callable[[], Iterable[Volume]] = volumes,
        seconds: float = SECONDS,
    ) -> None:
        self._tell = tell
        self._ask = ask
        self._seconds = seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="media", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopped.set()

    def _run(self) -> None:
        before: tuple[Volume, ...] | None = None
        while not self._stopped.is_set():
            now = tuple(self._ask())
            if now != before:
                before = now
                self._tell(now)
            self._stopped.wait(self._seconds)
