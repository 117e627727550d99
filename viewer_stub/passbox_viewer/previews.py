"""Pictures for the pages: drawn in a killable worker, kept in a small cache beside the transfer.

A cache file holds the window that was used (two doubles) and the PNG. It is named by a hash of what
was asked for, may be deleted at any time, and goes with its transfer.
"""

import hashlib
import math
import os
import secrets
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passbox_dicom.errors import (
    UndecodablePixels,
    WorkerFailed,
    WorkerOutOfMemory,
    WorkerTimedOut,
)
from passbox_dicom.preview import Look, Runner, preview
from passbox_viewer.errors import NoPicture
from passbox_viewer.instances import Instance
from passbox_viewer.lending import Lending, lent_to_see
from passbox_viewer.store import Store

SUFFIX: Final = ".picture"
MOST_CACHED: Final = 4000
"""Files of one transfer; the oldest go first."""

_WINDOW: Final = struct.Struct(">dd")
_EXTREME: Final = 1e9


@dataclass(frozen=True, slots=True)
class Window:
    """Grey levels (PS3.3 C.11.2): ``width`` above 0, both in the units of the image."""

    center: float
    width: float

    @property
    def usable(self) -> bool:
        """Whether a picture can be drawn with it."""
        return abs(self.center) <= _EXTREME and 0 < self.width <= _EXTREME


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw. ``window`` None: the image's own. ``size``: longest side in pixels at most."""

    frame: int
    window: Window | None
    size: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture. ``window`` is the one that was used, None for colour."""

    png: bytes
    window: Window | None


class Previews:
    """Draws. May be shared by threads."""

    def __init__(self, store: Store, lender: Lending, workers: Runner) -> None:
        self._store = store
        self._lender = lender
        self._workers = workers

    def draw(self, instance: Instance, drawing: Drawing) -> Drawn:
        """Return a picture, from the cache if it is there; raise NoPicture."""
        folder = self._store.preview_folder(instance.transfer)
        cached = folder / f"{_name(instance, drawing)}{SUFFIX}"
        try:
            return _decode(cached.read_bytes())
        except (OSError, struct.error):
            pass
        with lent_to_see(self._lender, instance) as path:
            drawn = self._ask(path, drawing)
        _keep(cached, drawn)
        return drawn

    def _ask(self, path: Path, drawing: Drawing) -> Drawn:
        window = drawing.window
        look = Look(
            drawing.frame,
            window.center if window else None,
            window.width if window else None,
            drawing.size,
        )
        try:
            picture = preview(self._workers, path, look)
        except OSError as error:
            raise NoPicture("gone") from error
        except UndecodablePixels as error:
            raise NoPicture("no pixels we can decode") from error
        except (WorkerTimedOut, WorkerOutOfMemory) as error:
            raise NoPicture("too costly") from error
        except WorkerFailed as error:
            raise NoPicture("cost its worker the life") from error
        return Drawn(picture.png, _window(picture.center, picture.width))


def _window(center: float | None, width: float | None) -> Window | None:
    if center is None or width is None:
        return None
    window = Window(center, width)
    return window if window.usable else None


def _name(instance: Instance, drawing: Drawing) -> str:
    asked = repr((instance.file_name, drawing.frame, drawing.window, drawing.size))
    return hashlib.sha256(asked.encode()).hexdigest()


def _decode(record: bytes) -> Drawn:
    center, width = _WINDOW.unpack_from(record)
    window = None if math.isnan(center) else Window(center, width)
    return Drawn(record[_WINDOW.size :], window)


def _keep(path: Path, drawn: Drawn) -> None:
    """Put a picture into the cache; a full disk only means that it is drawn again."""
    window = drawn.window or Window(math.nan, math.nan)
    temporary = path.with_name(secrets.token_hex(8))
    try:
        _make_room(path.parent)
        temporary.write_bytes(_WINDOW.pack(window.center, window.width) + drawn.png)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)


def _make_room(folder: Path) -> None:
    with os.scandir(folder) as entries:
        pictures = [entry for entry in entries if entry.name.endswith(SUFFIX)]
    if len(pictures) < MOST_CACHED:
        return
    pictures.sort(key=lambda entry: entry.stat().st_mtime)
    for entry in pictures[: MOST_CACHED // 4]:
        Path(entry.path).unlink(missing_ok=True)
