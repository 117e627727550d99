"""Keeping what arrives in the house's own archive: given by C-STORE, believed by its bytes.

The rule: "stored" is said only of what the archive gave back and what says and shows the same as
what was sent, or of what lies in the store here. The archive merges and may overwrite: nothing is
given to it under a UID that it lists already, and whatever it does not take, changes, or holds
under the same UID with other content is kept in the store's own files as without an archive. An
archive that is away is a failure that the poller tries again.

It deletes nothing there, and does not judge images: same means equal data set bytes, or equal
elements and decoded pixels (an archive may write lengths anew).
"""

import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from passbox_base.logs import get_logger
from passbox_dicom.errors import WorkerFailed
from passbox_dicom.preview import Runner
from passbox_viewer.archive_web import ArchiveWeb, Place
from passbox_viewer.copying import Copier
from passbox_viewer.describing import read_facts
from passbox_viewer.errors import (
    ArchiveChanged,
    ArchiveFailed,
    CannotCopy,
    PacsFailed,
    UnreadableInstance,
)
from passbox_viewer.pacs import PacsLink, is_taken
from passbox_viewer.settings import Archive, Forward
from passbox_viewer.store import Archived, Claims, DataSet, Kept, Store
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId

LOOKS: Final = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each look for what was given: some archives answer before it can be fetched."""
_TURNS: Final = 64
_OUT_OF_RESOURCES: Final = 0xA700
_SUBCLASS: Final = 0xFF00
_SPARE: Final = 1024 * 1024
"""Bytes by which an archive's way to write an image may be longer."""

_LOG = get_logger(__name__)


class Keeping(Protocol):
    """Where an instance that arrived is kept."""

    def keep(
        self, transfer: TransferId, untrusted_file: Path, claims: Claims, data_set: DataSet
    ) -> Kept:
        """Keep a Part 10 file from ``incoming``; see Store.keep()."""


def archive_link(archive: Archive, forward: Forward) -> PacsLink:
    """Return a connection to the archive's C-STORE; it knows us as the PACS does."""
    return PacsLink(archive, forward.model_copy(update={"answer_seconds": archive.answer_seconds}))


class Archiver:
    """Stands before the store where the house has an archive. May be shared by threads."""

    def __init__(  # the parts of a viewer
        self,
        store: Store,
        web: ArchiveWeb,
        link: Callable[[], PacsLink],
        *,
        readers: Runner,
        copier: Copier,
        pause: Callable[[float], None],
    ) -> None:
        self._store = store
        self._web = web
        self._link = link
        self._readers = readers
        self._copier = copier
        self._pause = pause
        self._turns = [threading.Lock() for _ in range(_TURNS)]

    def keep(
        self, transfer: TransferId, untrusted_file: Path, claims: Claims, data_set: DataSet
    ) -> Kept:
        """Have the archive keep an instance, or else the store; durable on return.

        But for the row: without a file that is all the evidence, so write it before you say so.
        Raises ArchiveFailed, and what Store.keep() raises.
        """
        try:
            facts = read_facts(self._readers, untrusted_file, claims)
        except (WorkerFailed, Malformed, UnreadableInstance):
            return self._store.keep(transfer, untrusted_file, claims, data_set)
        place = Place(facts.study_instance_uid, facts.series_instance_uid, claims.sop_instance_uid)
        # One after the other under one UID: between asking and giving nobody else gives.
        with self._turns[hash(claims.sop_instance_uid) % _TURNS]:
            try:
                there = self._archived(untrusted_file, claims, data_set, place)
            except ArchiveChanged as error:
                _LOG.warning("kept here, not in the archive", transfer_id=transfer, why=str(error))
                return self._store.keep(transfer, untrusted_file, claims, data_set)
        return self._store.archived(transfer, claims, data_set, there=there, facts=facts.encode())

    def _archived(self, file: Path, claims: Claims, data_set: DataSet, place: Place) -> Archived:
        """Return what the archive has of it; raise ArchiveChanged when it has not the same."""
        places = self._web.places(claims.sop_instance_uid)
        if places - {place}:
            raise ArchiveChanged("in another study or series there")
        if not places:
            self._give(file, claims)
        for seconds in LOOKS if not places else LOOKS[:1]:
            self._pause(seconds)
            there = self._compared(file, claims, data_set, place)
            if there is not None:
                return there
        raise ArchiveChanged("listed or taken, and not there")

    def _give(self, file: Path, claims: Claims) -> None:
        pair = (claims.sop_class_uid, claims.transfer_syntax_uid)
        try:
            with self._link().sending([pair]) as sending:
                status = sending.send(file, claims)
        except PacsFailed as error:
            raise ArchiveFailed("the archive does not take images") from error
        if status & _SUBCLASS == _OUT_OF_RESOURCES:
            raise ArchiveFailed("the archive is out of resources")
        if not is_taken(status):
            raise ArchiveChanged(f"not taken, status 0x{status:04X}")

    def _compared(
        self, file: Path, claims: Claims, data_set: DataSet, place: Place
    ) -> Archived | None:
        """Return what the archive gives, None for nothing; raise ArchiveChanged when not alike."""
        sha256, size = data_set
        theirs = self._store.incoming / f"archived-{secrets.token_hex(8)}"
        try:
            with theirs.open("xb") as into:
                there = self._web.fetch(place, claims, into, size + size // 4 + _SPARE)
            if there is None or there.data_set_sha256 == sha256 or self._alike(file, theirs):
                return there
        finally:
            theirs.unlink(missing_ok=True)
        raise ArchiveChanged("other content under its UID")

    def _alike(self, file: Path, theirs: Path) -> bool:
        try:
            ours, there = self._copier.outline(file), self._copier.outline(theirs)
            if ours == there or ours.elements != there.elements:
                return ours == there
            return self._copier.fingerprint(file) == self._copier.fingerprint(theirs)
        except CannotCopy:
            return False
