"""Has every stored instance read by the killable worker, at latest when a page waits.

Storing comes first: in the background it waits for a pause there, though not for long. A file that
kills its worker is marked unreadable and costs nobody else anything. The worker's answer is parsed
like anything from outside; an instance whose own UIDs are not those it was sent under is unreadable
too, because no PACS query could prove it.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from passbox_base.logs import get_logger
from passbox_dicom.errors import WorkerFailed
from passbox_dicom.preview import Runner
from passbox_dicom.uids import is_uid
from passbox_viewer.errors import UnreadableInstance
from passbox_viewer.index import Index
from passbox_viewer.instances import Instance, InstanceFacts
from passbox_viewer.store import Claims, Store
from passbox_wire import canonical
from passbox_wire.canonical import Json
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId

TARGET: Final = "passbox_viewer.reading_target:read_facts"
_BATCH: Final = 32
_PAUSE_SECONDS: Final = 0.25
_MOST_PAUSES: Final = 8

_LOG = get_logger(__name__)


class Describer:
    """Reads what waits. May be shared by threads; one reads at a time."""

    def __init__(self, index: Index, store: Store, workers: Runner) -> None:
        self._index = index
        self._store = store
        self._workers = workers
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="describer", daemon=True)

    def start(self) -> None:
        """Read in the background from now on, beginning with what an earlier run left."""
        self._index.arrived.set()
        self._thread.start()

    def stop(self) -> None:
        """End after the instance at hand."""
        self._ending.set()
        self._index.arrived.set()
        if self._thread.is_alive():
            self._thread.join()

    def complete(self, transfer: TransferId) -> None:
        """Return when nothing of this transfer waits to be read."""
        self._index.flush()
        while not self._ending.is_set() and self._read_batch(transfer):
            pass

    def _run(self) -> None:
        while not self._ending.is_set():
            self._index.arrived.wait()
            for _ in range(_MOST_PAUSES):
                self._index.arrived.clear()
                if self._ending.wait(_PAUSE_SECONDS) or not self._index.arrived.is_set():
                    break
            self._index.arrived.clear()
            try:
                while not self._ending.is_set() and self._read_batch(None):
                    pass
            except SQLAlchemyError as error:  # a disk that is full for a while
                _LOG.error("index not read", error=type(error).__name__)
                self._index.arrived.set()

    def _read_batch(self, transfer: TransferId | None) -> bool:
        with self._lock:
            batch = self._index.unread(transfer, _BATCH)
            self._index.note_facts({instance.number: self._read(instance) for instance in batch})
            return bool(batch)

    def _read(self, instance: Instance) -> InstanceFacts | None:
        path = self._store.instance_path(instance.transfer, instance.file_name)
        try:
            return read_facts(self._workers, path, instance.claims)
        except (WorkerFailed, Malformed, UnreadableInstance, OSError) as error:
            _LOG.warning(
                "instance not readable",
                transfer_id=instance.transfer, number=instance.number, error=type(error).__name__,
            )  # fmt: skip
            return None


def read_facts(workers: Runner, path: Path, claims: Claims) -> InstanceFacts:
    """Have a file of the store read; raise WorkerFailed, Malformed, UnreadableInstance, OSError."""
    return _parse(workers.run({"path": str(path)}), claims)


def _parse(untrusted: Mapping[str, Json], claims: Claims) -> InstanceFacts:
    if "facts" not in untrusted:
        raise UnreadableInstance("the worker read no facts")
    if untrusted.get("sop_instance_uid") != claims.sop_instance_uid:
        raise UnreadableInstance("sent under another UID than its own")
    try:
        facts = InstanceFacts.parse(canonical.encode(untrusted["facts"]))
    except (ValueError, TypeError) as error:  # what canonical JSON cannot hold
        raise UnreadableInstance("no facts") from error
    if not is_uid(facts.study_instance_uid) or not is_uid(facts.series_instance_uid):
        raise UnreadableInstance("no study or series it belongs to")
    return facts
