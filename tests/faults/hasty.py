"""The acknowledgements as a naive build has them: it says it before it has looked whether it is so.

What the injection of faults must find. Each stands beside its namesake in acknowledging.py.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from passbox_base.pack_store import Incoming, PackKey, PackStore, Stored
from passbox_viewer.receiving import SUCCESS
from passbox_viewer.store import Store, _file_name, data_set_of
from tests.faults import acknowledging
from tests.faults.acknowledging import INSTANCE, TRANSFER, an_incoming_instance
from tests.faults.subjects import Refused


class _HastyPack:
    """Writes the final names at once, bytes after, and takes every error for good."""

    def __init__(self, store: "HastyStore", key: PackKey) -> None:
        self._store = store
        self._key = key
        self._came = b""

    def write(self, data: bytes | memoryview) -> None:
        self._came += bytes(data)

    def commit(self, sha256: bytes) -> Stored:
        return self._store.put(self._key, sha256, self._came)

    def abandon(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass


class HastyStore(PackStore):
    """A store as most programs have one."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._root = root

    def incoming(self, key: PackKey, length: int) -> Incoming:  # type: ignore[override]  # the bad build
        del length
        return _HastyPack(self, key)

    def put(self, key: PackKey, sha256: bytes, data: bytes) -> Stored:
        folder = self._root / "transfers" / key.transfer_id[:2] / key.transfer_id
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            commit = folder / f"{key.number:010d}.pack"
            (folder / f"{key.number:010d}.{sha256.hex()}").hardlink_to(_begun(commit))
            _write_in_pieces(commit, data)
        return Stored.NEW


def _begun(path: Path) -> Path:
    path.touch()
    return path


def _write_in_pieces(path: Path, data: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        for at in range(0, len(data), 4096):
            file.write(data[at : at + 4096])


def receiver_takes_pack(folder: Path) -> Callable[[], object]:
    """Answer a sender's pack whatever the disk says."""
    return acknowledging.receiver_takes_pack(folder, HastyStore(folder / "store" / "packs"))


def poller_takes_pack(folder: Path) -> Callable[[], object]:
    """Acknowledge what the spool may have."""
    return acknowledging.poller_takes_pack(folder, HastyStore(folder / "packs"))


def viewer_takes_instance(folder: Path) -> Callable[[], object]:
    """Say SUCCESS to a C-STORE while the disk is at it."""
    store = Store(folder)
    store.prepare(TRANSFER)
    incoming = an_incoming_instance(store)

    def act() -> int:
        with contextlib.suppress(OSError):
            sha256, _ = data_set_of(incoming)
            path = store.instance_path(TRANSFER, _file_name(sha256, INSTANCE))
            _write_in_pieces(path, incoming.read_bytes())
        return SUCCESS

    return act


def _whatever_comes(act: Callable[[], object]) -> Callable[[], object]:
    def hasty() -> None:
        with contextlib.suppress(Refused):
            act()

    return hasty


def receiver_closes(folder: Path) -> Callable[[], object]:
    """Say that it is closed whatever the ledger says."""
    return _whatever_comes(acknowledging.receiver_closes(folder))


def receiver_takes_receipt(folder: Path) -> Callable[[], object]:
    """Say that the receipt is kept whatever the ledger says."""
    return _whatever_comes(acknowledging.receiver_takes_receipt(folder))


def poller_signs_receipt(folder: Path) -> Callable[[], object]:
    """Show a receipt that the ledger may not have."""
    return _whatever_comes(acknowledging.poller_signs_receipt(folder))


ACTS: Final = {
    f"hasty_{act.__name__}": act
    for act in (
        *(receiver_takes_pack, receiver_closes, receiver_takes_receipt),
        *(poller_takes_pack, poller_signs_receipt, viewer_takes_instance),
    )
}
