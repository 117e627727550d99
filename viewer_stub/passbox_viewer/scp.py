"""The C-STORE provider: a transfer's own AE title is a door to its own folder only.

The rule: who is not on the list of callers, or calls a title that was never registered, is rejected
at association. Success is answered only when the instance is durable. Every storage SOP class and
transfer syntax is taken, private ones too; data set bytes are kept as they came. C-ECHO is
answered.

It does not look into an instance: that is the workers' (describing.py).
"""

import functools
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity
from sqlalchemy.exc import SQLAlchemyError

from passbox_base.errors import CannotListen, StoreFailed
from passbox_base.logs import get_logger
from passbox_viewer.archiving import Keeping
from passbox_viewer.associations import PDU_BYTES, configure, on_connection, stop_listening
from passbox_viewer.errors import ArchiveFailed
from passbox_viewer.index import Index
from passbox_viewer.receiving import OUT_OF_RESOURCES, SUCCESS, Reception
from passbox_viewer.settings import Scp as ScpSettings
from passbox_viewer.store import Claims, DataSet, Store
from passbox_viewer.transfers import Transfers

if TYPE_CHECKING:
    from passbox_wire.ids import TransferId

VERIFICATION: Final = "1.2.840.10008.1.1"

_LOG = get_logger(__name__)


class Scp:
    """The running provider."""

    def __init__(
        self,
        settings: ScpSettings,
        *,
        store: Store,
        keeping: Keeping,
        index: Index,
        transfers: Transfers,
    ) -> None:
        self._settings = settings
        self._store = store
        self._keeping = keeping
        self._index = index
        self._transfers = transfers
        self._namespaces: dict[str, TransferId] = {}
        self._receptions: dict[Any, Reception] = {}
        self._server: Any = None

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Listen, in threads of its own; raise CannotListen."""
        configure()
        # Where pynetdicom writes the images that we fetch.
        tempfile.tempdir = str(self._store.incoming)
        entity = ApplicationEntity(_unguessable())
        entity.require_called_aet = True
        entity.require_calling_aet = list(self._settings.callers)
        entity.maximum_associations = self._settings.associations
        entity.maximum_pdu_size = PDU_BYTES
        entity.add_supported_context(VERIFICATION)
        handlers: list[Any] = [
            (evt.EVT_CONN_OPEN, self._on_connection),
            (evt.EVT_REQUESTED, self._on_request),
            (evt.EVT_RELEASED, self._on_end),
            (evt.EVT_CONN_CLOSE, self._on_end),
        ]
        try:
            self._server = entity.start_server(
                (self._settings.host, self._settings.port), block=False, evt_handlers=handlers
            )
        except OSError as error:
            raise CannotListen(f"cannot listen on port {self._settings.port}") from error

    def stop(self) -> None:
        """Stop listening and write what is left to write."""
        if self._server is not None:
            for association in self._server.active_associations:
                association.abort()
            stop_listening(self._server)
            tempfile.tempdir = None
        self._index.flush()

    def _on_connection(self, event: Any) -> None:
        on_connection(event)
        # pynetdicom does not tell of every end.
        for gone in [one for one in list(self._receptions) if one.ident and not one.is_alive()]:
            self._forget(gone)
        keep = functools.partial(self._keep, event.assoc)
        self._receptions[event.assoc] = Reception(event.assoc, self._store.incoming, keep)

    def _on_request(self, event: Any) -> None:
        """Let a transfer's title stand for our own; pynetdicom rejects what is not our own."""
        title = str(event.assoc.requestor.primitive.called_ae_title).strip()
        transfer = self._transfers.of_ae_title(title)
        if transfer is None:
            event.assoc.acceptor.ae_title = _unguessable()
        else:
            self._namespaces[title] = transfer
            event.assoc.acceptor.ae_title = title

    def _keep(
        self, association: Any, claims: Claims, untrusted_file: Path, data_set: DataSet
    ) -> int:
        transfer = self._namespaces[association.acceptor.ae_title]
        try:
            self._store.check_room()
            kept = self._keeping.keep(transfer, untrusted_file, claims, data_set)
            self._index.add(kept)
            if kept.archived is not None:  # then no file proves it
                self._index.flush()
                untrusted_file.unlink()
        except (ArchiveFailed, StoreFailed, OSError, SQLAlchemyError) as error:
            # Ours, so it is to be sent again; any other failure would read as a bad instance.
            _LOG.error("instance not stored", transfer_id=transfer, error=type(error).__name__)
            return OUT_OF_RESOURCES
        return SUCCESS

    def _on_end(self, event: Any) -> None:
        self._forget(event.assoc)
        self._index.flush()

    def _forget(self, association: Any) -> None:
        reception = self._receptions.pop(association, None)
        if reception is not None:
            reception.abandon()


def _unguessable() -> str:
    return secrets.token_hex(8)
