"""The demo's embedded PACS: a C-STORE and C-FIND SCP that keeps the data set bytes it was sent.

Run as its own process: ``python -m passbox.demo.pacs FOLDER PORT READY_FILE``. A stand-in for a
demonstration, with no door beyond loopback; ``--pacs`` puts a real one in its place.
"""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.uid import UID, AllTransferSyntaxes
from pynetdicom import AE, _config, build_context, evt
from pynetdicom.presentation import AllStoragePresentationContexts

from passbox.demo.programs import LOOPBACK
from passbox.demo.readback import STUDY_ROOT_FIND
from passbox_base.durable import write_replacing

AE_TITLE: Final = "DEMO_PACS"
_VERIFICATION: Final = "1.2.840.10008.1.1"  # PS3.4 A.4
_SUCCESS: Final = 0x0000
_PENDING: Final = 0xFF00
_UNIQUE_KEY: Final = {
    "STUDY": "StudyInstanceUID",
    "SERIES": "SeriesInstanceUID",
    "IMAGE": "SOPInstanceUID",
}
_INDEXED: Final = (
    "PatientID",
    "PatientName",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "SOPClassUID",
    "Modality",
)


class DemoPacs:
    """Instances in a folder, named by number; an index in memory is enough for a demo."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._index: dict[str, Dataset] = {}

    def store(self, event: evt.Event) -> int:
        """C-STORE: keep the bytes as they came. An instance that is there already stays."""
        request: Any = event.request
        data = request.DataSet.getvalue()
        uid = str(request.AffectedSOPInstanceUID)
        syntax = event.context.transfer_syntax
        entry = _index_entry(data, syntax)
        with self._lock:
            if uid not in self._index:
                number = len(self._index)
                (self._folder / f"{number:06d}.dataset").write_bytes(data)
                (self._folder / f"{number:06d}.json").write_text(json.dumps({"uid": uid}))
                self._index[uid] = entry
        return _SUCCESS

    def find(self, event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        """C-FIND at study, series or image level, single values matched (PS3.4 C.2.2.2.1)."""
        query = event.identifier
        level = str(query.get("QueryRetrieveLevel", ""))
        key = _UNIQUE_KEY.get(level)
        if key is None:
            yield 0xA900, None
            return
        with self._lock:
            entries = list(self._index.values())
        seen = set()
        for entry in entries:
            unique = entry.get(key)
            if unique not in seen and _matches(entry, query):
                seen.add(unique)
                yield _PENDING, _answer(entry, query, level)


def _index_entry(data: bytes, syntax: UID) -> Dataset:
    whole = read_dataset(
        cast("BinaryIO", DicomBytesIO(data)),
        is_implicit_VR=syntax.is_implicit_VR,
        is_little_endian=syntax.is_little_endian,
        stop_when=lambda tag, _vr, _length: tag >= 0x7FE00000,  # noqa: PLR2004  # pixel data
    )
    entry = Dataset()
    for name in _INDEXED:
        setattr(entry, name, str(whole.get(name, "")))
    return entry


def _matches(entry: Dataset, query: Dataset) -> bool:
    wanted = {name: str(query.get(name, "") or "") for name in _INDEXED}
    return all(not value or str(entry.get(name)) == value for name, value in wanted.items())


def _answer(entry: Dataset, query: Dataset, level: str) -> Dataset:
    answer = Dataset()
    answer.QueryRetrieveLevel = level
    for name in _INDEXED:
        if name in query:
            setattr(answer, name, entry.get(name))
    return answer


def main(folder: str, port: str, ready_file: str) -> None:
    """Serve until SIGTERM."""
    # Real discs hold SOP classes that no list knows; a PACS that takes them all shows what arrives.
    _config.UNRESTRICTED_STORAGE_SERVICE = True
    pacs = DemoPacs(Path(folder))
    entity = AE(ae_title=AE_TITLE)
    entity.maximum_pdu_size = 0
    for context in AllStoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax or "", list(AllTransferSyntaxes))
    entity.supported_contexts = [
        *entity.supported_contexts,
        build_context(_VERIFICATION),
        build_context(STUDY_ROOT_FIND),
    ]
    server = entity.start_server(
        (LOOPBACK, int(port)),
        block=False,
        evt_handlers=[(evt.EVT_C_STORE, pacs.store), (evt.EVT_C_FIND, pacs.find)],
    )
    write_replacing(Path(ready_file), json.dumps({"scp": int(port)}).encode())
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    stop.wait()
    if server is not None:
        server.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
