"""The audit: who did what and why, in an order that cannot be changed afterwards unseen.

Why here: receiver, poller and viewer all have deeds to answer for (limits changed, packs deleted,
studies looked at, forwarded, released).

The rule: the entry is written, durable, before the deed; if it cannot be written the deed does
not happen. Each line carries the SHA-256 over the line before and its own canonical entry, so an
edit, deletion, insertion or swap shows at that line. A cut at the end shows only to who kept a
later head: the poller keeps the receiver's with every poll.

    {"entry": {"author": …, "event": …, "facts": {…}, "n": 1, "reason": …, "time": …,
               "transfer_id": …}, "head": "<hex SHA-256(previous head || canonical entry)>"}

Facts are ids, numbers, states. It does not hold patients, and it does not prove who wrote it: a
machine that is taken over can write a new chain, but not one with the head that somebody else
holds.
"""

import contextlib
import hashlib
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passbox_base.clocks import Clock
from passbox_base.errors import ChainBroken, DamagedLog
from passbox_base.journal import DurableLog, Entry, read_journal
from passbox_wire import canonical
from passbox_wire.ids import TransferId

GENESIS: Final = bytes(32)
"""What the first line follows."""

Fact = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain stands: lines so far and the SHA-256 (32 bytes) of the last one."""

    count: int
    sha256: bytes


class AuditChain:
    """An audit opened for appending. May be shared by threads of one process."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open or create ``path``, check all of it; raise ChainBroken, StoreFailed, StoreFull."""
        self._clock = clock
        self._lock = threading.Lock()
        with _damage_breaks_the_chain():
            self._log = DurableLog(path)
        try:
            self._head = verify(path)
        except BaseException:
            self._log.close()
            raise

    @property
    def path(self) -> Path:
        """Where the chain is, for entries()."""
        return self._log.path

    @property
    def head(self) -> Head:
        """Where the chain stands now."""
        return self._head

    def append(
        self,
        event: str,
        *,
        author: str,
        reason: str,
        transfer_id: TransferId | None = None,
        **facts: Fact,
    ) -> Head:
        """Write one entry, durable on return, before the deed it speaks of.

        ``author``: a person's account or a program's name. Raises StoreFailed, StoreFull.
        """
        with self._lock:
            entry: Entry = {
                "author": author,
                "event": event,
                "facts": facts,
                "n": self._head.count + 1,
                "reason": reason,
                "time": self._clock.now().isoformat(timespec="milliseconds"),
                "transfer_id": transfer_id,
            }
            head = _follow(self._head, entry)
            self._log.append({"entry": entry, "head": head.sha256.hex()})
            self._head = head
            return head

    def close(self) -> None:
        """Let go of the file."""
        self._log.close()


def verify(path: Path, *, must_contain: Head | None = None) -> Head:
    """Return the head of the chain in ``path``, which is read from its first line to its last.

    Raises ChainBroken at the first line that does not follow, and after the last one when
    ``must_contain``, a head that somebody kept, is not part of the chain: it was cut or rewritten.
    """
    head, missing = Head(0, GENESIS), must_contain
    with _damage_breaks_the_chain():
        for line in read_journal(path):
            head = _check(path, head, line)
            missing = None if head == missing else missing
    if missing is not None and missing != Head(0, GENESIS):
        raise ChainBroken(path, head.count + 1)
    return head


def verify_heads(path: Path, kept: Collection[bytes]) -> Head:
    """Return the head of the chain in ``path``, which must contain every head that was kept.

    ``kept``: their SHA-256 (32 bytes each), as the poller holds them. Raises ChainBroken at the
    first line that does not follow, or after the last when a kept head is nowhere.
    """
    head, missing = Head(0, GENESIS), set(kept) - {GENESIS}
    with _damage_breaks_the_chain():
        for line in read_journal(path):
            head = _check(path, head, line)
            missing.discard(head.sha256)
    if missing:
        raise ChainBroken(path, head.count + 1)
    return head


def entries(path: Path) -> Iterator[Entry]:
    """Yield the entries, oldest first, each checked before it is shown; raise ChainBroken."""
    head = Head(0, GENESIS)
    with _damage_breaks_the_chain():
        for line in read_journal(path):
            head = _check(path, head, line)
            yield line["entry"]


def _check(path: Path, head: Head, line: Entry) -> Head:
    entry = line.get("entry")
    if set(line) != {"entry", "head"} or not isinstance(entry, dict):
        raise ChainBroken(path, head.count + 1)
    following = _follow(head, entry)
    if line["head"] != following.sha256.hex() or entry.get("n") != following.count:
        raise ChainBroken(path, following.count)
    return following


def _follow(head: Head, entry: Entry) -> Head:
    return Head(head.count + 1, hashlib.sha256(head.sha256 + canonical.encode(entry)).digest())


@contextlib.contextmanager
def _damage_breaks_the_chain() -> Iterator[None]:
    try:
        yield
    except DamagedLog as error:
        raise ChainBroken(error.path, error.line) from error
