"""Refused files, kept as they came until a person decides: a bad file may still be a diagnosis.

    <transfer>/<index>             the file, mode 0400
    <transfer>/<index>.note        why and since when it is here, canonical JSON
    <transfer>/delivery            what the viewer was told of the transfer, with names
    decisions/<hash>               what a person wants done, until it is done

The rule: a refused file is durable here before its refusal is written down, under names of ours, in
folders nobody else may enter. Nothing opens it again by itself. A decision is durable before its
sender is told that it was taken, and names who and why.

It decides nothing and releases nothing: see deciding.py. How long files may lie here is people's
business.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passbox_base.clocks import Clock
from passbox_base.durable import (
    disk_errors,
    make_folder,
    move,
    remove,
    sync_descriptor,
    write_replacing,
)
from passbox_poller.errors import Refusal
from passbox_wire import canonical
from passbox_wire.digests import sha256
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId, parse_transfer_id
from passbox_wire.inner.quarantine import (
    MAX_QUARANTINED,
    Action,
    Decision,
    Quarantined,
    QuarantinedFile,
    parse_decision,
)
from passbox_wire.inner.viewer import MAX_MESSAGE_BYTES, Delivery, parse_delivery
from passbox_wire.parsing import Fields

READ_ONLY: Final = 0o400
_NAME: Final = re.compile(r"[0-9]{7}\Z")
_NOTE: Final = ".note"
_DELIVERY: Final = "delivery"
_DECISIONS: Final = "decisions"
_MAX_NOTE: Final = 4096
_DELETER: Final = ("viewer", "the transfer was deleted")


@dataclass(frozen=True, slots=True)
class _Note:
    reason: str
    since: int


class Quarantine:
    """A folder of folders, one for each transfer that had a file refused."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Create the folder."""
        self._folder = folder
        self._clock = clock
        self._decisions = folder / _DECISIONS
        make_folder(self._decisions)
        self.changes = 0
        """Rises with every file that comes or goes; only of this process."""

    def keep(self, transfer: TransferId, index: int, file: Path, refusal: Refusal) -> None:
        """Move ``file`` here, durable on return; again after a restart is fine.

        Raises StoreFull, StoreFailed; then the file is still where it was.
        """
        folder = self._folder / parse_transfer_id(transfer)
        make_folder(folder)
        with disk_errors("syncing a refused file"):
            descriptor = os.open(file, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                os.fchmod(descriptor, READ_ONLY)
                sync_descriptor(descriptor)
            finally:
                os.close(descriptor)
        self.say_why(transfer, index, refusal)
        move(file, folder / f"{index:07d}")
        self.changes += 1

    def say_why(self, transfer: TransferId, index: int, refusal: Refusal) -> None:
        """Write down why a file is here. Raises StoreFull, StoreFailed."""
        path = self._path(transfer, index).with_suffix(_NOTE)
        note = {"reason": refusal, "since": int(self._clock.now().timestamp())}
        write_replacing(path, canonical.encode(note))
        self.changes += 1

    def path(self, transfer: TransferId, index: int) -> Path | None:
        """Return where a file lies, None when it does not."""
        path = self._path(transfer, index)
        return path if path.is_file() else None

    def remove(self, transfer: TransferId, index: int) -> None:
        """Delete a file for good, and what is left of its transfer when it was the last."""
        path = self._path(transfer, index)
        remove(path)
        remove(path.with_suffix(_NOTE))
        if not any(_NAME.match(other.name) for other in path.parent.iterdir()):
            remove(path.parent / _DELIVERY)
            with contextlib.suppress(OSError):  # something else of ours lies there: no harm
                path.parent.rmdir()
        self.changes += 1

    def of(self, transfer: TransferId) -> list[int]:
        """Return the indexes of a transfer's files that are here."""
        folder = self._folder / parse_transfer_id(transfer)
        names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
        return sorted(int(name) for name in names if _NAME.match(name))

    def listed(self) -> Quarantined:
        """Return what is here, oldest first."""
        files = sorted(self._files(), key=lambda file: (file.since, file.transfer, file.index))
        return Quarantined(tuple(files[:MAX_QUARANTINED]), len(files))

    def keep_delivery(self, transfer: TransferId, delivery: Delivery) -> None:
        """Keep what the viewer is told of a transfer that has files here; of others nothing.

        Raises StoreFull, StoreFailed.
        """
        folder = self._folder / parse_transfer_id(transfer)
        if folder.is_dir():
            write_replacing(folder / _DELIVERY, delivery.encode())

    def delivery(self, transfer: TransferId) -> Delivery | None:
        """Return what the viewer was told last, None when nothing was."""
        try:
            body = (self._folder / parse_transfer_id(transfer) / _DELIVERY).read_bytes()
            return parse_delivery(body)
        except (FileNotFoundError, Malformed):
            return None

    def take(self, decision: Decision) -> None:
        """Keep a decision until it is carried out, durable on return; the same twice is one."""
        body = canonical.encode(decision.to_json())
        path = self._decisions / sha256(body).hex()[:32]
        write_replacing(path, body)
        _give(path, self._decisions)

    def delete_all(self, transfer: TransferId, sequence: int, time: int) -> None:
        """Have every file of a transfer that the viewer deleted go with it: its clock is theirs.

        Raises StoreFull, StoreFailed.
        """
        for index in self.of(transfer):
            self.take(Decision(sequence, transfer, index, Action.DELETE, *_DELETER, time))

    def decisions(self) -> Iterator[tuple[Path, Decision]]:
        """Yield what people want done, oldest first, each with what done() takes."""
        found = [(path, _read_decision(path)) for path in sorted(self._decisions.glob("?" * 32))]
        known = [(path, decision) for path, decision in found if decision is not None]
        yield from sorted(known, key=lambda pair: (pair[1].time, pair[1].sequence))

    def done(self, path: Path) -> None:
        """Forget a decision that was carried out."""
        remove(path)

    def _path(self, transfer: TransferId, index: int) -> Path:
        return self._folder / parse_transfer_id(transfer) / f"{index:07d}"

    def _files(self) -> Iterator[QuarantinedFile]:
        for folder in self._folder.iterdir():
            if folder.name == _DECISIONS:
                continue
            for path in folder.iterdir():
                if _NAME.match(path.name):
                    with contextlib.suppress(FileNotFoundError):  # another process let it go
                        yield _listed(path)


def _give(path: Path, like: Path) -> None:
    """Let whose folder it is have the file: root may decide beside a poller that is not root."""
    owner = like.stat()
    if hasattr(os, "chown") and path.stat().st_uid != owner.st_uid:
        with disk_errors("giving a decision to the poller"):
            os.chown(path, owner.st_uid, owner.st_gid)


def _listed(path: Path) -> QuarantinedFile:
    state = path.stat()
    note = _read_note(path.with_suffix(_NOTE)) or _Note("", int(state.st_mtime))
    transfer = parse_transfer_id(path.parent.name)
    return QuarantinedFile(transfer, int(path.name), note.reason, state.st_size, note.since)


def _read_note(path: Path) -> _Note | None:
    try:
        fields = Fields(canonical.decode(path.read_bytes(), max_bytes=_MAX_NOTE), "note")
        note = _Note(fields.line("reason", most=64), fields.integer("since"))
    except (OSError, Malformed):
        return None
    return note


def _read_decision(path: Path) -> Decision | None:
    try:
        body = path.read_bytes()
        return parse_decision(canonical.decode(body, max_bytes=MAX_MESSAGE_BYTES))
    except (OSError, Malformed):
        return None
