"""Getting back from a PACS what it holds: C-GET of one instance after the other (PS3.4 C.4.3).

The rule: one instance at a time and only the one that was asked for; what comes is a file in the
store's incoming folder that the caller removes. Nobody needs to reach us for that: C-GET comes on
our own association. For an archive without C-GET there is C-MOVE (moving.py).
"""

from pathlib import Path
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import evt

from passbox_viewer.errors import PacsAnswered, PacsFailed

STUDY_ROOT_GET: Final = UID("1.2.840.10008.5.1.4.1.2.2.3")
_PENDING: Final = frozenset({0xFF00, 0xFF01})
_SUCCESS: Final = 0x0000
_CANNOT_UNDERSTAND: Final = 0xC000


class Fetching:
    """An association on which the PACS is asked to send instances back."""

    def __init__(self) -> None:
        self.association: Any = None
        self._wanted = ""
        self._fetched: Path | None = None

    @property
    def handler(self) -> Any:
        """What takes the instances."""
        return (evt.EVT_C_STORE, self._on_store)

    def fetch(self, study: str, series: str, sop_instance_uid: str) -> Path | None:
        """Return the PACS's file of an instance, None when it sends none; raise PacsFailed."""
        query = Dataset()
        query.QueryRetrieveLevel = "IMAGE"
        query.StudyInstanceUID, query.SeriesInstanceUID = study, series
        query.SOPInstanceUID = sop_instance_uid
        self._wanted, self._fetched = sop_instance_uid, None
        try:
            for status, _ in self.association.send_c_get(query, STUDY_ROOT_GET):
                code = status.get("Status")
                if code is None:
                    raise PacsFailed("no answer to C-GET")
                if code not in _PENDING and code != _SUCCESS and self._fetched is None:
                    raise PacsAnswered(code)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise PacsFailed("C-GET was not answered") from error
        return self._fetched

    def _on_store(self, event: Any) -> int:
        event.request._dataset_file.close()  # noqa: SLF001  # pynetdicom closes it as a provider only
        path: Path = event.dataset_path
        if str(event.request.AffectedSOPInstanceUID) != self._wanted or self._fetched is not None:
            path.unlink(missing_ok=True)
            return _CANNOT_UNDERSTAND
        self._fetched = path
        return _SUCCESS
