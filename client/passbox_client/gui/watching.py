"""Discs and sticks as they come and go: asked every other second, away from the window's thread.

A network drive that does not answer blocks who asks, so the asking has a thread of its own.
"""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QStorageInfo

from passbox_client.window.volumes import Mounted, Volume, volume_of
from passbox_dicom.drives import is_optical, is_removable

SECONDS: Final = 2.0


def volumes() -> tuple[Volume, ...]:
    """Return the discs and sticks that are in this computer now."""
    ready = (each for each in QStorageInfo.mountedVolumes() if each.isValid() and each.isReady())
    return tuple(volume for each in ready if (volume := volume_of(_mounted(each))))


def _mounted(info: QStorageInfo) -> Mounted:
    root = Path(info.rootPath())
    return Mounted(
        root,
        info.name(),
        info.fileSystemType().toStdString(),
        read_only=info.isReadOnly(),
        optical=is_optical(root),
        removable=is_removable(root),
    )


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
