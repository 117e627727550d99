"""A PACS that does as it is told: takes, refuses, forgets, dies. Real DICOM, in threads."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity

from passbox_viewer.associations import configure
from passbox_viewer.pacs import STUDY_ROOT_FIND
from passbox_viewer.settings import Pacs
from tests.viewer.images import data_set

AE_TITLE = "SCRIPTED"


@dataclass
class ScriptedPacs:
    """What it holds, what it was sent, and how it behaves."""

    held: dict[str, str] = field(default_factory=dict)
    """SOP Instance UID to the Study Instance UID it is listed under."""
    received: list[tuple[str, bytes]] = field(default_factory=list)
    """SOP Instance UID and data set bytes of each C-STORE, in order."""
    calling: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    forgets: bool = False
    dies_after: int | None = None
    port: int = 0

    @property
    def settings(self) -> Pacs:
        return Pacs(name="PACS", host="127.0.0.1", port=self.port, ae_title=AE_TITLE)

    def on_store(self, event: Any) -> int:
        self.calling.add(str(event.assoc.requestor.ae_title))
        if self.dies_after is not None and len(self.received) >= self.dies_after:
            event.assoc.abort()
            return 0x0000
        uid = str(event.request.AffectedSOPInstanceUID)
        self.received.append((uid, data_set(Path(event.dataset_path))))
        if uid in self.refused:
            return 0xA900
        if not self.forgets:
            self.held[uid] = uid.rpartition(".")[0].rpartition(".")[0]
        return 0x0000

    def on_find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        query = event.identifier
        for uid, study in sorted(self.held.items()):
            if study == query.StudyInstanceUID:
                answer = Dataset()
                answer.QueryRetrieveLevel = query.QueryRetrieveLevel
                answer.StudyInstanceUID = study
                if query.QueryRetrieveLevel == "IMAGE":
                    if uid.rpartition(".")[0] != query.SeriesInstanceUID:
                        continue
                    answer.SOPInstanceUID = uid
                yield 0xFF00, answer


@contextlib.contextmanager
def running_pacs() -> Iterator[ScriptedPacs]:
    """Run an empty one until the block ends."""
    configure()
    pacs = ScriptedPacs()
    entity = ApplicationEntity(AE_TITLE)
    entity.add_supported_context(STUDY_ROOT_FIND)
    handlers: list[Any] = [(evt.EVT_C_STORE, pacs.on_store), (evt.EVT_C_FIND, pacs.on_find)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    assert server is not None
    pacs.port = server.server_address[1]
    try:
        yield pacs
    finally:
        server.shutdown()
