"""Clear bytes while they are looked at.

One file a piece of the inventory, of the manifest, or a file being put together.

The rule: these are the only clear bytes the poller writes. They lie in one folder of the spool,
mode 0600 (folder 0700), under names of ours, are gone once delivered or in the quarantine, and the
whole folder is emptied at start: what counts is the sealed pack in the spool, from which they can
be made again. Nothing here is fsynced for that reason.
"""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

from passbox_base.durable import PRIVATE, disk_errors, make_folder
from passbox_poller.assembly import Coverage, Span
from passbox_poller.errors import Contradiction, Refusal
from passbox_wire.ids import TransferId, parse_transfer_id

_HASH_PIECE: Final = 1024 * 1024


class WorkFolder:
    """The folder of all work files; one poller owns it."""

    def __init__(self, path: Path) -> None:
        """Create the folder, and empty it: nothing in it is needed after a restart."""
        self.path = path
        self.empty()
        make_folder(path)

    def empty(self) -> None:
        """Remove everything. Also when the program ends: no clear bytes are left behind."""
        shutil.rmtree(self.path, ignore_errors=True)

    def of(self, transfer: TransferId) -> Path:
        """Return the folder of one transfer, created."""
        folder = self.path / parse_transfer_id(transfer)
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def remove(self, transfer: TransferId) -> None:
        """Remove everything of a transfer."""
        shutil.rmtree(self.path / parse_transfer_id(transfer), ignore_errors=True)


class WorkFile:
    """One item being put together from pieces. Not thread-safe."""

    def __init__(self, path: Path, most: int) -> None:
        """``most``: bytes the item may have."""
        self.path = path
        self._coverage = Coverage(most)

    @property
    def sha256(self) -> bytes | None:
        """The digest its sender promised, once the last piece came."""
        return self._coverage.sha256

    @property
    def complete(self) -> bool:
        """Whether no byte is missing."""
        return self._coverage.complete

    def add(self, offset: int, data: bytes, final_sha256: bytes | None) -> None:
        """Put a piece in its place. Raises Contradiction, StoreFull, StoreFailed."""
        placement = self._coverage.place(offset, len(data), final_sha256)
        view = memoryview(data)
        with disk_errors("writing a work file"):
            descriptor = os.open(
                self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE
            )
            try:
                for span in placement.held:
                    _compare(descriptor, span, view[span.start - offset : span.end - offset])
                for span in placement.fresh:
                    _write(descriptor, span.start, view[span.start - offset : span.end - offset])
            finally:
                os.close(descriptor)
        self._coverage.add(offset, len(data), final_sha256)

    def read_proved(self) -> bytes:
        """Return all bytes of a complete item.

        Raise Contradiction when they are not what was promised.
        """
        with disk_errors("reading a work file"):
            data = self.path.read_bytes()
        if hashlib.sha256(data).digest() != self.sha256:
            raise Contradiction(Refusal.DIGEST_WRONG)
        return data

    def remove(self) -> None:
        """Remove the bytes."""
        self.path.unlink(missing_ok=True)


def _compare(descriptor: int, span: Span, data: memoryview) -> None:
    at = 0
    while at < span.length:
        held = os.pread(descriptor, min(_HASH_PIECE, span.length - at), span.start + at)
        if not held or held != data[at : at + len(held)]:
            raise Contradiction(Refusal.CONTRADICTORY)
        at += len(held)


def _write(descriptor: int, offset: int, data: memoryview) -> None:
    while data:
        written = os.pwrite(descriptor, data, offset)
        data, offset = data[written:], offset + written
