"""What is cut, killed and filled: one write-side act each, run as a process of its own.

When it is prepared it waits for a byte from the pipe FOLDER.go. The act lies between two marks in
the system calls. What came of it is in FOLDER.said: "ACK" is the promise that is held against the
folder afterwards, "REFUSED" is a typed error, nothing is a killed act; anything else is a fault of
ours. The naive acts are what the harness must catch.
"""

import contextlib
import hashlib
import importlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.audit import AuditChain
from passbox_base.clocks import SystemClock
from passbox_base.durable import commit_existing, move, write_exclusive, write_replacing
from passbox_base.errors import OurFault
from passbox_base.journal import DurableLog
from passbox_base.keys import save_signing_key
from passbox_base.pack_store import PackKey, PackStore
from passbox_wire.ids import TransferId

BEGIN: Final = 900_001
END: Final = 900_002
"""Asking for the group of a process that is not there is a system call nobody else makes."""

GO: Final = ".go"
SAID: Final = ".said"
PRINTED: Final = ".printed"
DATA: Final = bytes(range(256)) * 64
KEY: Final = PackKey(TransferId("ab" * 16), 7)
SIGNING_KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Refused(Exception):
    """The act was answered, with a no."""


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


def adopt_file(folder: Path) -> Callable[[], object]:
    """A file somebody else wrote, unsynced, under its final name."""
    (folder / "foreign").write_bytes(DATA)
    return lambda: commit_existing(folder / "foreign", folder / "file")


def move_file(folder: Path) -> Callable[[], object]:
    """A file into another folder of ours."""
    (folder / "from").mkdir()
    write_exclusive(folder / "from" / "file", [DATA])
    return lambda: move(folder / "from" / "file", folder / "file")


def save_key(folder: Path) -> Callable[[], object]:
    """A private key that was not there."""
    return lambda: save_signing_key(folder / "key.pem", SIGNING_KEY)


def append_audit(folder: Path) -> Callable[[], object]:
    """One more entry of an audit chain."""
    chain = AuditChain(folder / "audit", SystemClock())
    chain.append("first", author="a", reason="r")
    return lambda: chain.append("second", author="a", reason="r")


def unsynced_file(folder: Path) -> Callable[[], object]:
    """A file whose final name is not created exclusively, and which is never synced."""

    def act() -> None:
        (folder / "new").write_bytes(DATA)
        (folder / "new").replace(folder / "file")

    return act


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


ACTS: Final[Mapping[str, Callable[[Path], Callable[[], object]]]] = {
    act.__name__: act
    for act in (
        *(put_pack, write_file, replace_file, append_entry, adopt_file, move_file, save_key),
        *(append_audit, unsynced_file, naive_file, naive_append),
    )
}


def _mark(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.getpgid(process)


def mark_end() -> None:
    """Say that the act is over: what follows is no part of it."""
    _mark(END)


def _act(name: str) -> Callable[[Path], Callable[[], object]]:
    """Return an act; those of other modules are imported only when asked for."""
    if name in ACTS:
        return ACTS[name]
    module = "acknowledging"
    if name in {"enqueue_mail", "commit_row"}:
        module = "mails_and_rows"
    elif name.startswith("hasty_"):
        module = "hasty"
    acts: Mapping[str, Callable[[Path], Callable[[], object]]]
    acts = importlib.import_module(f"tests.faults.{module}").ACTS
    return acts[name]


def run(name: str, folder: Path) -> None:
    """Prepare, wait, mark, act, mark, say what came of it; the process ends with it."""
    printed = os.open(folder.with_suffix(PRINTED), os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    act = _act(name)(folder)
    answer = os.open(folder.with_suffix(SAID), os.O_WRONLY | os.O_CREAT, 0o600)
    os.read(os.open(folder.with_suffix(GO), os.O_RDONLY), 1)
    said = b"ACK"
    _mark(BEGIN)
    try:
        act()
    except (OurFault, Refused):
        said = b"REFUSED"
    mark_end()
    try:
        os.write(answer, said)
    except OSError:  # the fault was another thread's, and is over with this
        os.write(answer, said)
    os._exit(0)  # what a program leaves open is no part of the act
