"""Getting back from a PACS what it holds, where it offers no C-GET: C-MOVE to ourselves.

PS3.4 C.4.2. The PACS opens an association to the port where it knows our title, the one that takes
its storage commitment reports. The rule: that port keeps nothing but the one instance that is being
asked for at that PACS, as a file in the incoming folder that the caller removes; everything else is
refused. It knows no transfer and no store, and the transfers' own provider (scp.py) does not take
our title: what a PACS sends back cannot be mixed with what strangers sent.
"""

import contextlib
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import evt

from passbox_viewer.errors import PacsAnswered, PacsFailed

STUDY_ROOT_MOVE: Final = UID("1.2.840.10008.5.1.4.1.2.2.2")
_PENDING: Final = frozenset({0xFF00, 0xFF01})
_SUCCESS: Final = 0x0000
_NOT_AUTHORIZED: Final = 0x0124
"""PS3.7 C.5.17: for what nobody asked for."""


@dataclass(slots=True, eq=False)
class _Asked:
    """What one C-MOVE waits for, and the file once it came."""

    pacs: str
    sop_instance_uid: str
    file: Path | None = None


class Returns:
    """What archives send back because we asked. May be shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: list[_Asked] = []

    @property
    def handler(self) -> Any:
        """What takes the instances."""
        return (evt.EVT_C_STORE, self._on_store)

    @contextlib.contextmanager
    def expecting(self, pacs: str, sop_instance_uid: str) -> Iterator[_Asked]:
        """Take this instance from the PACS of this title until the block ends."""
        asked = _Asked(pacs, sop_instance_uid)
        with self._lock:
            self._asked.append(asked)
        try:
            yield asked
        finally:
            with self._lock:
                self._asked.remove(asked)

    def _on_store(self, event: Any) -> int:
        caller = str(event.assoc.requestor.ae_title).strip()
        uid = str(event.request.AffectedSOPInstanceUID)
        with self._lock:
            for asked in self._asked:
                if (asked.pacs, asked.sop_instance_uid, asked.file) == (caller, uid, None):
                    asked.file = _kept(event)
                    return _SUCCESS
        return _NOT_AUTHORIZED


def _kept(event: Any) -> Path:
    """Return the file under another name: pynetdicom removes its own behind the handler."""
    event.request._dataset_file.flush()  # noqa: SLF001  # written through pynetdicom's buffer
    came: Path = event.dataset_path
    return came.rename(came.with_name(f"returned-{secrets.token_hex(8)}"))


class Moving:
    """An association on which the PACS is asked to send instances to our own title."""

    def __init__(self, association: Any, returns: Returns, pacs: str, ours: str) -> None:
        """``pacs`` and ``ours`` are AE titles."""
        self._association = association
        self._returns = returns
        self._pacs = pacs
        self._ours = ours

    def fetch(self, study: str, series: str, sop_instance_uid: str) -> Path | None:
        """Return the PACS's file of an instance, None when it sends none; raise PacsFailed."""
        query = Dataset()
        query.QueryRetrieveLevel = "IMAGE"
        query.StudyInstanceUID, query.SeriesInstanceUID = study, series
        query.SOPInstanceUID = sop_instance_uid
        with self._returns.expecting(self._pacs, sop_instance_uid) as asked:
            try:
                self._move(query)
            except PacsFailed:
                if asked.file is None:
                    raise
        return asked.file

    def _move(self, query: Dataset) -> None:
        try:
            for status, _ in self._association.send_c_move(query, self._ours, STUDY_ROOT_MOVE):
                code = status.get("Status")
                if code is None:
                    raise PacsFailed("no answer to C-MOVE")
                if code not in _PENDING and code != _SUCCESS:
                    raise PacsAnswered(code)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise PacsFailed("C-MOVE was not answered") from error
