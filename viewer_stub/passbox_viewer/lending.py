"""The one place through which an instance's bytes are read: from the store, or from the archive.

The rule: what the house's archive gives is lent only when it hashes to what the archive gave when
it took the image (archiving.py compared that with what was sent). An archive can be changed, tidied
and merged by others; other bytes are never shown, sent or handed out as this transfer's. What was
fetched is kept in a bounded cache beside the transfer, goes with it, and is gone after a restart.
"""

import contextlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from passbox_base.durable import READ_ONLY, remove
from passbox_base.errors import StoreFailed, StoreFull
from passbox_base.logs import get_logger
from passbox_viewer.archive_web import ArchiveWeb, Place
from passbox_viewer.errors import (
    AWAY,
    CHANGED,
    ArchiveChanged,
    ArchiveFailed,
    NoPicture,
)
from passbox_viewer.instances import Instance
from passbox_viewer.store import Archived, Store

_TURNS: Final = 64
_HEAD_BYTES: Final = 64 * 1024
"""Of an answer beyond the data set: file meta, boundaries and headers."""

_LOG = get_logger(__name__)


class Lending(Protocol):
    """Who lends instances."""

    def lend(self, instance: Instance) -> contextlib.AbstractContextManager[Path]:
        """Lend the file of an instance; raise ArchiveChanged, ArchiveFailed."""


@contextlib.contextmanager
def lent_to_see(lender: Lending, instance: Instance) -> Iterator[Path]:
    """Lend the file of an instance to draw it; raise NoPicture."""
    with contextlib.ExitStack() as stack:
        try:
            path = stack.enter_context(lender.lend(instance))
        except ArchiveChanged as error:
            raise NoPicture(CHANGED) from error
        except ArchiveFailed as error:
            raise NoPicture(AWAY) from error
        yield path


@dataclass(slots=True)
class _Lent:
    size: int
    readers: int = 0


class Lender:
    """Lends instances. May be shared by threads."""

    def __init__(
        self, store: Store, archive: ArchiveWeb | None = None, cache_bytes: int = 0
    ) -> None:
        """Lend from ``archive`` what is there, and keep about ``cache_bytes`` of it."""
        self._store = store
        self._archive = archive
        self._cache_bytes = cache_bytes
        self._lent: OrderedDict[Path, _Lent] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = [threading.Lock() for _ in range(_TURNS)]

    @contextlib.contextmanager
    def lend(self, instance: Instance) -> Iterator[Path]:
        """Lend the file of an instance; raise ArchiveChanged, ArchiveFailed.

        A file that should lie here and does not is for its reader to find out.
        """
        if instance.archived is None:
            yield self._store.instance_path(instance.transfer, instance.file_name)
            return
        lent = self._store.lent_path(instance.transfer, instance.file_name)
        self._take(instance, instance.archived, lent)
        try:
            yield lent
        finally:
            with self._lock:
                self._lent[lent].readers -= 1
            self._make_room(0)

    def _take(self, instance: Instance, expected: Archived, path: Path) -> None:
        """Have the file there, with one reader more."""
        with self._turns[hash(path) % _TURNS]:
            with self._lock:
                known = self._lent.get(path)
                if known is not None and path.exists():
                    known.readers += 1
                    self._lent.move_to_end(path)
                    return
            self._make_room(expected.data_set_bytes)
            self._fetch(instance, expected, path)
            with self._lock:
                self._lent[path] = _Lent(expected.data_set_bytes, readers=1)

    def _fetch(self, instance: Instance, expected: Archived, path: Path) -> None:
        if self._archive is None or instance.facts is None:
            raise ArchiveFailed("no archive is configured")
        facts = instance.facts
        place = Place(
            facts.study_instance_uid, facts.series_instance_uid, instance.claims.sop_instance_uid
        )
        try:
            self._store.check_room()
            path.parent.mkdir(exist_ok=True)
            with _file(path) as file:
                most = expected.data_set_bytes + _HEAD_BYTES
                _require(self._archive.fetch(place, instance.claims, file, most), expected)
        except ArchiveChanged as error:
            _LOG.error(
                "the archive changed an instance",
                transfer_id=instance.transfer, number=instance.number, why=str(error),
            )  # fmt: skip
            raise
        except (OSError, StoreFailed, StoreFull) as error:
            raise ArchiveFailed("no room for an image of the archive") from error

    def _make_room(self, size: int) -> None:
        """Forget what was lent longest ago and has no reader, until ``size`` bytes fit."""
        with self._lock:
            total = size + sum(one.size for one in self._lent.values())
            for path, one in list(self._lent.items()):
                if total <= self._cache_bytes:
                    return
                if not one.readers:
                    del self._lent[path]
                    remove(path)
                    total -= one.size


def _require(there: Archived | None, expected: Archived) -> None:
    if there is None:
        raise ArchiveChanged("no longer there")
    if there != expected:
        raise ArchiveChanged("other bytes")


@contextlib.contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    """Lend a file that gets its name when the block ends well, and goes otherwise."""
    unfinished = path.with_name(secrets.token_hex(8))
    try:
        with unfinished.open("xb") as file:
            yield file
        unfinished.chmod(READ_ONLY)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
