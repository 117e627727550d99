"""What is cut, killed and filled: one write-side act each, run as a process of its own.

    python -m tests.faults.subjects ACT FOLDER

The act lies between two marks in the system calls. "ACK" on stdout is the promise that is held
against the folder afterwards; "REFUSED" is a typed error; anything else is a fault of ours. The
naive acts are what the harness must catch.
"""

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from passbox_base.durable import write_exclusive, write_replacing
from passbox_base.errors import OurFault
from passbox_base.journal import DurableLog
from passbox_base.pack_store import PackKey, PackStore
from passbox_wire.ids import TransferId

BEGIN: Final = 900_001
END: Final = 900_002
"""Closing a descriptor that nobody has is a system call nobody else makes."""

DATA: Final = bytes(range(256)) * 64
KEY: Final = PackKey(TransferId("ab" * 16), 7)


def put_pack(folder: Path) -> Callable[[], object]:
    """A pack into the store."""
    store = PackStore(folder)
    return lambda: store.put(KEY, hashlib.sha256(DATA).digest(), DATA)


def write_file(folder: Path) -> Callable[[], object]:
    """A file that was not there."""
    return lambda: write_exclusive(folder / "file", [DATA])


def replace_file(folder: Path) -> Callable[[], object]:
    """A file in place of an older one."""
    write_exclusive(folder / "file", [b"old"])
    return lambda: write_replacing(folder / "file", DATA)


def append_entry(folder: Path) -> Callable[[], object]:
    """One more line of a journal."""
    log = DurableLog(folder / "journal")
    log.append({"n": 1})
    return lambda: log.append({"n": 2})


def naive_file(folder: Path) -> Callable[[], object]:
    """What most programs do: the final name first, bytes after, no sync."""

    def act() -> None:
        with contextlib.suppress(OSError), (folder / "file").open("wb", buffering=0) as file:
            for at in range(0, len(DATA), 4096):
                file.write(DATA[at : at + 4096])

    return act


def naive_append(folder: Path) -> Callable[[], object]:
    """A journal without a look at what came of the last line."""
    (folder / "journal").write_bytes(b'{"n":1}\n')

    def act() -> None:
        with contextlib.suppress(OSError), (folder / "journal").open("ab", buffering=0) as file:
            file.write(b'{"n":2}\n')

    return act


ACTS: Final = {
    act.__name__: act
    for act in (put_pack, write_file, replace_file, append_entry, naive_file, naive_append)
}


def _mark(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.close(descriptor)


def main() -> None:
    """Prepare, mark, act, mark, say what came of it."""
    act = ACTS[sys.argv[1]](Path(sys.argv[2]))
    said = b"ACK"
    _mark(BEGIN)
    try:
        act()
    except OurFault:
        said = b"REFUSED"
    _mark(END)
    os.write(1, said)


if __name__ == "__main__":
    main()
