"""The C-STORE provider: a transfer's own AE title is a door to its own folder only.

The rule: who is not on the list of callers, or calls a title that was never registered, is rejected
at association. Success is answered only when the instance is durable. Every storage SOP class and
transfer syntax is taken, private ones too; data set bytes are kept as they came. C-ECHO is
answered.

It does not look into an instance: that is the workers' (describing.py).
"""

import contextlib
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity
from sqlalchemy.exc import SQLAlchemyError

from passbox_base.errors import CannotListen, StoreFailed
from passbox_base.logs import get_logger
from passbox_dicom.uids import is_uid
from passbox_viewer.archiving import Keeping
from passbox_viewer.associations import PDU_BYTES, configure, on_connection
from passbox_viewer.errors import ArchiveFailed, UnusableInstance
from passbox_viewer.index import Index
from passbox_viewer.settings import Scp as ScpSettings
from passbox_viewer.store import Claims, Store
from passbox_viewer.transfers import Transfers

if TYPE_CHECKING:
    from passbox_wire.ids import TransferId

VERIFICATION: Final = "1.2.840.10008.1.1"
# PS3.4 table B.2-1.
SUCCESS: Final = 0x0000
OUT_OF_RESOURCES: Final = 0xA700
CANNOT_UNDERSTAND: Final = 0xC000

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
        self._open: set[Any] = set()
        self._server: Any = None

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Listen, in threads of its own; raise CannotListen."""
        configure()
        # pynetdicom writes what arrives to the temporary folder; renaming into the store needs that
        # to be on the store's file system.
        tempfile.tempdir = str(self._store.incoming)
        entity = ApplicationEntity(_unguessable())
        entity.require_called_aet = True
        entity.require_calling_aet = list(self._settings.callers)
        entity.maximum_associations = self._settings.associations
        entity.maximum_pdu_size = PDU_BYTES
        entity.add_supported_context(VERIFICATION)
        handlers: list[Any] = [
            (evt.EVT_CONN_OPEN, on_connection),
            (evt.EVT_REQUESTED, self._on_request),
            (evt.EVT_C_STORE, self._on_store),
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
            self._server.shutdown()
            tempfile.tempdir = None
        self._index.flush()

    def _on_request(self, event: Any) -> None:
        """Let a transfer's title stand for our own; pynetdicom rejects what is not our own."""
        self._bury_dead()
        self._open.add(event.assoc)
        title = str(event.assoc.requestor.primitive.called_ae_title).strip()
        transfer = self._transfers.of_ae_title(title)
        if transfer is None:
            event.assoc.acceptor.ae_title = _unguessable()
        else:
            self._namespaces[title] = transfer
            event.assoc.acceptor.ae_title = title

    def _on_store(self, event: Any) -> int:
        transfer = self._namespaces[event.assoc.acceptor.ae_title]
        try:
            claims = _claims(event)
            self._store.check_room()
            kept = self._keeping.keep(transfer, Path(event.dataset_path), claims)
            self._index.add(kept)
            if kept.archived is not None:  # then no file proves it
                self._index.flush()
        except UnusableInstance:
            _LOG.warning("instance without usable UIDs refused", transfer_id=transfer)
            return CANNOT_UNDERSTAND
        except (ArchiveFailed, StoreFailed, OSError, SQLAlchemyError) as error:
            # Ours, so it is to be sent again; any other failure would read as a bad instance.
            _LOG.error("instance not stored", transfer_id=transfer, error=type(error).__name__)
            return OUT_OF_RESOURCES
        return SUCCESS

    def _on_end(self, event: Any) -> None:
        self._clean_up(event.assoc)
        self._index.flush()

    def _bury_dead(self) -> None:
        """Clean up behind associations of whose end nobody was told.

        That is how pynetdicom ends one whose instance the disk had no room for: without this every
        further try would leave its part of the instance, and the disk would never have room again.
        """
        for association in list(self._open):
            if not association.is_alive():
                self._clean_up(association)

    def _clean_up(self, association: Any) -> None:
        self._open.discard(association)
        message = association.dimse.message
        path = getattr(message, "_data_set_path", None)
        if path is not None:  # cut in the middle of an instance
            with contextlib.suppress(OSError):  # what it could not write nobody wants any more
                getattr(message, "_data_set_file").close()  # noqa: B009  # pynetdicom's, as its path
            with contextlib.suppress(OSError):
                Path(path).unlink()


def _unguessable() -> str:
    return secrets.token_hex(8)


def _claims(event: Any) -> Claims:
    uids = (
        str(event.request.AffectedSOPClassUID or ""),
        str(event.request.AffectedSOPInstanceUID or ""),
        str(event.context.transfer_syntax),
    )
    if not all(is_uid(uid) for uid in uids):
        raise UnusableInstance("a UID is missing or has no shape of one")
    return Claims(*uids)
