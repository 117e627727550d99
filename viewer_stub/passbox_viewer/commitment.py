"""Storage commitment (PS3.4 annex J): the PACS takes over the duty to keep what we sent.

The rule: only what the PACS's own report lists as committed counts, and only of what was asked in
that transaction. The report may come on the association of the request or on one that the PACS
opens to us; a transaction is known by a random UID. At the same port it sends back what we asked
for by C-MOVE (moving.py). Where a PACS does not offer it, or does not
answer in time, nothing is known: the caller proves otherwise.
"""

import contextlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity

from passbox_base.errors import CannotListen
from passbox_base.logs import get_logger
from passbox_viewer.associations import PDU_BYTES, configure, on_connection, stop_listening
from passbox_viewer.errors import PacsFailed
from passbox_viewer.links import Entropy
from passbox_viewer.moving import Returns
from passbox_viewer.pacs import STORAGE_COMMITMENT, PacsLink
from passbox_viewer.settings import Forward
from passbox_viewer.store import Claims

MOST_REFERENCES: Final = 1000
"""Instances of one transaction."""
_VERIFICATION: Final = "1.2.840.10008.1.1"
_SUCCESS: Final = 0x0000
_INVALID_ARGUMENT: Final = 0x0115
_UID_BYTES: Final = 16
_ASSOCIATIONS: Final = 8

_LOG = get_logger(__name__)


@dataclass(slots=True)
class _Transaction:
    """What was asked, and what the report committed of it once ``done``; None: no report."""

    asked: frozenset[tuple[str, str]]
    done: threading.Event = field(default_factory=threading.Event)
    committed: frozenset[str] | None = None


class Commitments:
    """Asks for commitment and takes the reports. May be shared by threads."""

    def __init__(self, forward: Forward, callers: Iterable[str], entropy: Entropy) -> None:
        """``callers`` are the AE titles of the configured archives."""
        self._forward = forward
        self._callers = list(callers)
        self._entropy = entropy
        self._lock = threading.Lock()
        self._transactions: dict[str, _Transaction] = {}
        self._server: Any = None
        self._ended = False
        self._returns = Returns()

    @property
    def returns(self) -> Returns | None:
        """What takes the images that a PACS sends here because we asked; None: it cannot."""
        return self._returns if self.listening else None

    @property
    def listening(self) -> bool:
        """Whether a PACS could reach us with its report."""
        return self._server is not None

    def start(self) -> None:
        """Listen if a port is configured and there is a PACS; raise CannotListen."""
        if self._forward.commitment_port is None or not self._callers:
            return
        configure()
        entity = ApplicationEntity(self._forward.ae_title)
        entity.require_called_aet = True
        entity.require_calling_aet = self._callers
        entity.maximum_associations = _ASSOCIATIONS
        entity.maximum_pdu_size = PDU_BYTES
        # The PACS comes as the provider: it says so, or leaves the roles as they are.
        entity.add_supported_context(STORAGE_COMMITMENT, scu_role=False, scp_role=True)
        entity.add_supported_context(_VERIFICATION)
        handlers: list[Any] = [
            (evt.EVT_CONN_OPEN, on_connection), self._handler, self._returns.handler,
        ]  # fmt: skip
        address = (self._forward.commitment_host, self._forward.commitment_port)
        try:
            self._server = entity.start_server(address, block=False, evt_handlers=handlers)
        except OSError as error:
            raise CannotListen(f"cannot listen on port {address[1]}") from error

    def release(self) -> None:
        """Let everybody go who waits for a report, now and from now on."""
        with self._lock:
            self._ended = True
            for transaction in self._transactions.values():
                transaction.done.set()

    def stop(self) -> None:
        """Stop listening, and end what a PACS still keeps open."""
        self.release()
        if self._server is not None:
            stop_listening(self._server)
            for association in self._server.active_associations:
                association.abort()

    def ask(self, link: PacsLink, claims: Sequence[Claims]) -> frozenset[str] | None:
        """Return the SOP Instance UIDs of ``claims`` that the PACS commits to keeping.

        None when it does not offer commitment or some report did not come in time.
        """
        committed: frozenset[str] = frozenset()
        for start in range(0, len(claims), MOST_REFERENCES):
            part = self._ask_for(link, claims[start : start + MOST_REFERENCES])
            if part is None:
                return None
            committed |= part
        return committed

    def _ask_for(self, link: PacsLink, claims: Sequence[Claims]) -> frozenset[str] | None:
        uid = f"2.25.{int.from_bytes(self._entropy(_UID_BYTES), 'big')}"  # PS3.5 B.2
        transaction = _Transaction(
            frozenset((one.sop_class_uid, one.sop_instance_uid) for one in claims)
        )
        with self._lock:
            if self._ended:
                return None
            self._transactions[uid] = transaction
        try:
            with link.committing(self._handler) as request:
                request.send(uid, claims)
                transaction.done.wait(self._forward.commitment_seconds)
        except PacsFailed as error:
            _LOG.info("no storage commitment", error=type(error).__name__)
        finally:
            with self._lock:
                del self._transactions[uid]
        return transaction.committed

    @property
    def _handler(self) -> Any:
        return (evt.EVT_N_EVENT_REPORT, self._on_report)

    def _on_report(self, event: Any) -> tuple[int, None]:
        untrusted: Dataset = event.event_information
        uid = str(untrusted.get("TransactionUID", ""))
        with self._lock, contextlib.suppress(KeyError):
            transaction = self._transactions[uid]
            if not transaction.done.is_set():
                told = _references(untrusted)
                transaction.committed = frozenset(one for _, one in told & transaction.asked)
                transaction.done.set()
            return _SUCCESS, None
        return _INVALID_ARGUMENT, None


def _references(untrusted: Dataset) -> frozenset[tuple[str, str]]:
    """Return what a report lists as committed; failures stand in another sequence."""
    return frozenset(
        (str(item.get("ReferencedSOPClassUID", "")), str(item.get("ReferencedSOPInstanceUID", "")))
        for item in untrusted.get("ReferencedSOPSequence", ())
    )
