"""A PACS that does as it is told: takes, refuses, forgets, dies. Real DICOM, in threads."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage
from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity

from passbox_viewer.associations import configure, stop_listening
from passbox_viewer.fetching import STUDY_ROOT_GET
from passbox_viewer.pacs import STORAGE_COMMITMENT, STUDY_ROOT_FIND
from passbox_viewer.settings import Pacs
from tests.viewer.images import data_set

AE_TITLE = "SCRIPTED"
ANSWER_SECONDS = 30.0


@dataclass
class ScriptedPacs:
    """What it holds, what it was sent, and how it behaves."""

    held: dict[str, str] = field(default_factory=dict)
    """SOP Instance UID to the Study Instance UID it is listed under."""
    series: dict[str, str] = field(default_factory=dict)
    """SOP Instance UID to its series, where that is not its beginning."""
    received: list[tuple[str, bytes]] = field(default_factory=list)
    """SOP Instance UID and data set bytes of each C-STORE, in order."""
    calling: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    warned: set[str] = field(default_factory=set)
    """UIDs it takes with a warning (PS3.4 table B.2-1)."""
    forgets: bool = False
    withheld: set[str] = field(default_factory=set)
    """UIDs that its storage commitment reports as failures."""
    lies: tuple[str, str] | None = None
    """SOP class and instance it commits to besides, without being asked."""
    silent: bool = False
    """Take the request for commitment and never report."""
    reporting: dict[Any, threading.Thread] = field(default_factory=dict)
    """Who tells its report, by association."""
    to_report: dict[Any, Dataset] = field(default_factory=dict)
    """What it was asked to commit to and has not answered yet, by association."""
    answers: list[int | None] = field(default_factory=list)
    """What its reports were answered; None: nothing."""
    on_release: Callable[[], None] = lambda: None
    """Called when an association of ours is released."""
    asked_to_commit: list[list[str]] = field(default_factory=list)
    dies_after: int | None = None
    relational: bool = False
    """Answer about a SOP Instance UID alone."""
    gives: dict[str, Path] = field(default_factory=dict)
    """What C-GET sends, by SOP Instance UID."""
    contexts: list[int] = field(default_factory=list)
    """How many presentation contexts each association for C-STORE had."""
    port: int = 0

    @property
    def settings(self) -> Pacs:
        return Pacs(name="PACS", host="127.0.0.1", port=self.port, ae_title=AE_TITLE)

    def on_association(self, event: Any) -> None:
        asked = event.assoc.requestor.requested_contexts
        if any(context.abstract_syntax != STUDY_ROOT_FIND for context in asked):
            self.contexts.append(len(asked))

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
            header = pydicom.dcmread(event.dataset_path, stop_before_pixels=True)
            self.held[uid] = str(header.StudyInstanceUID)
            self.series[uid] = str(header.SeriesInstanceUID)
        return 0xB007 if uid in self.warned else 0x0000

    def on_action(self, event: Any) -> tuple[int, None]:
        asked = event.action_information
        self.asked_to_commit.append(
            [str(i.ReferencedSOPInstanceUID) for i in asked.ReferencedSOPSequence]
        )
        if not self.silent:
            self.to_report[event.assoc] = asked
        return 0x0000, None

    def on_sent(self, event: Any) -> None:
        """Report behind the answer to the request, on its association; Orthanc opens its own."""
        asked = self.to_report.pop(event.assoc, None)
        if asked is not None:
            told = threading.Thread(target=self._report, args=(event.assoc, asked), daemon=True)
            self.reporting[event.assoc] = told
            told.start()

    def on_released(self, event: Any) -> None:
        """Tell of a release once the answer to the report before it was noted."""
        if (told := self.reporting.pop(event.assoc, None)) is not None:
            told.join(ANSWER_SECONDS)
        self.on_release()

    def _report(self, association: Any, asked: Dataset) -> None:
        report = Dataset()
        report.TransactionUID = asked.TransactionUID
        items = list(asked.ReferencedSOPSequence)
        kept = [i for i in items if str(i.ReferencedSOPInstanceUID) not in self.withheld]
        if self.lies is not None:
            extra = Dataset()
            extra.ReferencedSOPClassUID, extra.ReferencedSOPInstanceUID = self.lies
            kept.append(extra)
        report.ReferencedSOPSequence = kept
        report.FailedSOPSequence = [i for i in items if i not in kept]
        status, _ = association.send_n_event_report(
            report,
            1 if len(kept) == len(items) else 2,
            STORAGE_COMMITMENT,
            f"{STORAGE_COMMITMENT}.1",
        )
        self.answers.append(status.get("Status"))

    def on_get(self, event: Any) -> Iterator[Any]:
        file = self.gives.get(str(event.identifier.SOPInstanceUID))
        yield 1 if file else 0
        if file:
            yield 0xFF00, pydicom.dcmread(file)

    def on_find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        query = event.identifier
        if "StudyInstanceUID" not in query:
            if not self.relational:
                yield 0xA900, None
                return
            asked = query["SOPInstanceUID"].value
            for uid in [asked] if isinstance(asked, str) else asked:
                if uid in self.held:
                    answer = Dataset()
                    answer.QueryRetrieveLevel, answer.SOPInstanceUID = "IMAGE", uid
                    yield 0xFF00, answer
            return
        for uid, study in sorted(self.held.items()):
            if study == query.StudyInstanceUID:
                answer = Dataset()
                answer.QueryRetrieveLevel = query.QueryRetrieveLevel
                answer.StudyInstanceUID = study
                if query.QueryRetrieveLevel == "IMAGE":
                    if self.series.get(uid, uid.rpartition(".")[0]) != query.SeriesInstanceUID:
                        continue
                    answer.SOPInstanceUID = uid
                yield 0xFF00, answer


@contextlib.contextmanager
def running_pacs(*, commits: bool = False) -> Iterator[ScriptedPacs]:
    """Run an empty one until the block ends; ``commits``: it offers storage commitment."""
    configure()
    pacs = ScriptedPacs()
    entity = ApplicationEntity(AE_TITLE)
    entity.add_supported_context(STUDY_ROOT_FIND)
    entity.add_supported_context(STUDY_ROOT_GET)
    entity.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
    if commits:
        entity.add_supported_context(STORAGE_COMMITMENT)
    handlers: list[Any] = [
        (evt.EVT_REQUESTED, pacs.on_association),
        (evt.EVT_RELEASED, pacs.on_released),
        (evt.EVT_C_STORE, pacs.on_store),
        (evt.EVT_C_FIND, pacs.on_find),
        (evt.EVT_C_GET, pacs.on_get),
        (evt.EVT_N_ACTION, pacs.on_action),
        (evt.EVT_PDU_SENT, pacs.on_sent),
    ]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    assert server is not None
    pacs.port = server.server_address[1]
    try:
        yield pacs
    finally:
        stop_listening(server)
        entity.shutdown()
