"""One whole file: checked in a worker, then handed to the store, and what came of it.

The rule: a file that is refused costs nobody else anything; a store that is away costs time, never
a file: the step is repeated until it works or the program ends, and then nothing is written down,
so the file is made again from the spool. What is refused goes to the quarantine before that is
said; other clear bytes are removed whatever happens.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

from passbox_base.errors import StoreFailed
from passbox_base.logs import bind_transfer, get_logger
from passbox_poller.arrival import Arrival, ReadyFile
from passbox_poller.backoff import Backoff
from passbox_poller.checking import Attachment, Checker, Instance
from passbox_poller.errors import FileRefused, NotNow, PeerWrong, Problem, Refusal
from passbox_poller.quarantine import Quarantine
from passbox_poller.verdict import Result
from passbox_poller.viewer_link import ViewerLink
from passbox_wire.ids import TransferId
from passbox_wire.problems import Code
from passbox_wire.receipts import FileResult

_log = get_logger(__name__)
_QUEUED_A_THREAD: Final = 3
_NEVER_TAKEN: Final = frozenset({Code.MALFORMED, Code.TOO_LARGE, Code.PACK_CONFLICT})


class Store(Protocol):
    """Takes instances by C-STORE."""

    def store(self, ae_title: str, instance: Instance) -> None:
        """Durable on return; raise NotNow or FileRefused."""


class Filing:
    """Some threads that check and deliver files.

    ``settled`` is told of each transfer one is done with.
    """

    def __init__(
        self,
        *,
        checker: Checker,
        store: Store,
        quarantine: Quarantine,
        viewer: ViewerLink,
        threads: int,
        stop: threading.Event,
        chance: Callable[[], float],
        settled: Callable[[TransferId], None],
    ) -> None:
        self._checker = checker
        self._store = store
        self._quarantine = quarantine
        self._viewer = viewer
        self._stop = stop
        self._chance = chance
        self._settled = settled
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="filing")
        self._room = threading.BoundedSemaphore(_QUEUED_A_THREAD * threads)

    def submit(self, arrival: Arrival, file: ReadyFile) -> None:
        """Queue a file; blocks while the queue is full: opening is no faster than storing."""
        while not self._room.acquire(timeout=1.0):
            if self._stop.is_set():
                return
        arrival.begin(file.claim.index)
        self._threads.submit(self._run, arrival, file)

    def close(self) -> None:
        """Wait for the files being done; those still queued are dropped."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, arrival: Arrival, file: ReadyFile) -> None:
        index = file.claim.index
        result: Result | None = None
        with bind_transfer(arrival.transfer):
            try:
                result = self._file(arrival, file)
            except Exception:  # noqa: BLE001  # a thread's outermost: a fault of ours costs one file
                _log.exception("file failed", number=index)
                if self._kept(arrival.transfer, file, Refusal.CHECK_FAILED):
                    result = refused_result(file, Refusal.CHECK_FAILED)
            finally:
                file.path.unlink(missing_ok=True)
                arrival.finish(index, result)
                self._room.release()
                self._settled(arrival.transfer)

    def _file(self, arrival: Arrival, file: ReadyFile) -> Result | None:
        """Check and deliver until it worked or was refused; None when nobody wants it any more."""
        index = file.claim.index
        backoff = Backoff(self._chance)
        while not self._stop.is_set():
            try:
                with arrival.working():
                    accepted = self._checker.check(file.path, file.claim.kind, file.sha256)
                self._hand_over(arrival, index, accepted)
            except FileRefused as error:
                if self._kept(arrival.transfer, file, error.refusal):
                    if arrival.is_first(error.refusal):  # of 100,000 the verdict tells the count
                        _log.info("file refused", number=index, reason=error.refusal.value)
                    return refused_result(file, error.refusal)
                self._stop.wait(backoff.failed())
            except (NotNow, PeerWrong) as error:
                if arrival.deleted():
                    return None
                _log.warning("file waits", error=type(error).__name__, step=str(error))
                self._stop.wait(backoff.failed())
            else:
                return accepted_result(index, accepted)
        return None

    def _kept(self, transfer: TransferId, file: ReadyFile, refusal: Refusal) -> bool:
        """Put a refused file where people can look at it; without that it is not refused yet."""
        try:
            self._quarantine.keep(transfer, file.claim.index, file.path, refusal)
        except StoreFailed as error:
            _log.warning("quarantine failed", error=type(error).__name__)
            return False
        return True

    def _hand_over(self, arrival: Arrival, index: int, accepted: Instance | Attachment) -> None:
        if isinstance(accepted, Instance):
            self._store.store(arrival.ae_title, accepted)
            return
        attach(self._viewer, arrival.transfer, index, accepted)


def attach(viewer: ViewerLink, transfer: TransferId, index: int, accepted: Attachment) -> None:
    """Hand a file over as attachment, durable on return; raise FileRefused, NotNow, PeerWrong.

    A store that is full, or does not know the transfer, says nothing against the file.
    """
    with accepted.open() as file:
        try:
            viewer.attach(transfer, index, file, accepted.size, accepted.sent_sha256())
        except Problem as error:
            if error.code in _NEVER_TAKEN:
                raise FileRefused(Refusal.STORE_REFUSED) from error
            raise


def refused_result(file: ReadyFile, refusal: Refusal) -> Result:
    """Return the result of a file that lies in the quarantine."""
    index = file.claim.index
    return Result(index, FileResult.REFUSED, refusal, file_sha256=file.sha256)


def accepted_result(index: int, accepted: Instance | Attachment) -> Result:
    """Return the result of a file that was handed over."""
    remark = accepted.remark or ""
    if isinstance(accepted, Attachment):
        return Result(index, FileResult.KEPT, remark, file_sha256=accepted.file_sha256)
    return Result(
        index,
        FileResult.DELIVERED,
        remark,
        accepted.sop_instance_uid,
        accepted.file_sha256,
        accepted.data_set_sha256,
        accepted.identity,
    )
