"""One transfer through the demo's hospital, from disc to PACS, with the time of each station.

It acts the people: the sender with the real client core, the clinician with the link of the mail.
What it observes it asks each station for by itself; nothing is taken from the client's word.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from passbox.demo.clinician import Clinician, links_in
from passbox.demo.comparison import CheckedFile
from passbox.demo.readback import Held, embedded_hashes, equal_elements, instances_held
from passbox.demo.stage import DEPARTMENT, RECIPIENT, Stage
from passbox.errors import DemoFailed
from passbox_client.found import ScanResult
from passbox_client.line import connect
from passbox_client.outcome import SendResult
from passbox_client.progress import SendProgress
from passbox_client.receipts import VerifiedReceipt, look_up
from passbox_client.review import Selection
from passbox_client.send import send
from passbox_poller import records
from passbox_receiver import operations
from passbox_viewer.index import reading_store, stored_instances
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import StoredInstance
from passbox_wire.inventory import Consent, Sender
from passbox_wire.receipts import FileResult
from passbox_wire.states import ForwardState

PATIENCE: Final = 30 * 60.0
_MAIL_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.1
SENDER: Final = Sender("Dr. Anna Weber", "praxis@weber.example", "+49 251 555 0100", "CT für heute")


@dataclass(slots=True)
class Progress:
    """Where a journey stands, for bars on the screen; numbers of instances."""

    sent: SendProgress | None = None
    stored: int = 0
    in_pacs: int = 0


@dataclass(slots=True)
class Observed:
    """What every station said. Seconds count from the start of sending."""

    sent: SendResult
    bytes_on_wire: int
    checked: dict[str, CheckedFile]
    stored: tuple[StoredInstance, ...]
    mail: EmailMessage | None
    link: str
    held: list[Held] = field(default_factory=list)
    equal_in_pacs: dict[str, bytes | None] = field(default_factory=dict)
    receipt: VerifiedReceipt | None = None
    seconds: dict[str, float | None] = field(default_factory=dict)

    @property
    def mail_is_right(self) -> bool:
        """One mail, one link, and the link is the page that was opened."""
        return self.mail is not None and links_in(mail_text(self.mail)) == [self.link]


def mail_text(mail: EmailMessage) -> str:
    """Return the text part of a mail."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


class _Sending(threading.Thread):
    """The sender's side runs beside the watching of the stations."""

    def __init__(self, work: Callable[[], SendResult]) -> None:
        super().__init__(name="sender", daemon=True)
        self._work = work
        self.result: SendResult | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001  # raised again by the one who waits
            self.error = error


def travel(
    stage: Stage,
    scanned: ScanResult,
    originals: dict[str, Path],
    tell: Callable[[Progress], None],
    state_folder: Path,
) -> Observed:
    """Send ``scanned``, have it looked at and forwarded, and return what every station said.

    ``originals`` are the files by SOP Instance UID, for comparing with a real PACS. Raises
    DemoFailed when a program ends or nothing moves for PATIENCE seconds, and the client's errors.
    """
    progress = Progress()

    def on_progress(sent: SendProgress) -> None:
        progress.sent = sent

    known = set(_transfers(stage))
    started = time.monotonic()
    sending = _Sending(
        lambda: send(
            scanned,
            stage.profile,
            sender=SENDER,
            recipient=RECIPIENT,
            department=DEPARTMENT,
            selection=Selection(all_patients=True),
            language="de",
            consent=Consent("1", "de", int(time.time())),
            state_folder=state_folder,
            progress=on_progress,
        )
    )
    sending.start()
    watch = _Watch(stage, progress, tell, started, known)
    while sending.is_alive():
        watch.look()
    watch.look()
    if sending.error is not None:
        raise sending.error
    if sending.result is None:
        raise DemoFailed("The sender ended without a word.")
    observed = _after_sending(stage, scanned, sending.result, watch)
    if observed.stored:
        _forward(stage, observed, originals, watch, state_folder)
    return observed


class _Watch:
    """Looks at the store's own index again and again, and remembers when it last grew."""

    def __init__(
        self,
        stage: Stage,
        progress: Progress,
        tell: Callable[[Progress], None],
        started: float,
        known: set[TransferId],
    ) -> None:
        self._stage, self._progress, self._tell = stage, progress, tell
        self._known = known
        self._deadline = started + PATIENCE
        self.started: Final = started
        self.transfer: TransferId | None = None
        self.instances: tuple[StoredInstance, ...] = ()
        self.stored_at: float | None = None
        self.in_pacs_at: float | None = None

    def look(self) -> None:
        """Look once, tell the screen, wait a moment."""
        self._stage.programs.check_alive()
        if time.monotonic() > self._deadline:
            raise DemoFailed("Nothing has moved for half an hour.")
        if self.transfer is None:
            new = [transfer for transfer in _transfers(self._stage) if transfer not in self._known]
            self.transfer = new[0] if new else None
        if self.transfer is not None:
            self._note(self.transfer)
        self._tell(self._progress)
        time.sleep(_LOOK_SECONDS)

    def _note(self, transfer: TransferId) -> None:
        with reading_store(self._stage.viewer_store) as engine:
            instances = stored_instances(engine, transfer)
        now = time.monotonic() - self.started
        proved = sum(instance.in_pacs for instance in instances)
        if len(instances) != self._progress.stored:
            self.stored_at = now
        if proved != self._progress.in_pacs:
            self.in_pacs_at = now
        self.instances = instances
        self._progress.stored, self._progress.in_pacs = len(instances), proved


def _transfers(stage: Stage) -> list[TransferId]:
    rows = operations.transfers(stage.rooms.receiver_settings)
    return [TransferId(str(row["transfer"])) for row in rows]


def _after_sending(stage: Stage, scanned: ScanResult, sent: SendResult, watch: _Watch) -> Observed:
    rows = operations.transfers(stage.rooms.receiver_settings)
    wire = next(int(row["bytes_on_wire"]) for row in rows if row["transfer"] == sent.transfer)
    mail = stage.mail.next_mail(_MAIL_SECONDS) if watch.instances else None
    links = links_in(mail_text(mail)) if mail else []
    return Observed(
        sent=sent,
        bytes_on_wire=wire,
        checked=_checked(stage, sent),
        stored=watch.instances,
        mail=mail,
        link=links[0] if len(links) == 1 else "",
        receipt=sent.receipt,
        seconds={
            "scan": scanned.seconds,
            "sent": sent.seconds_sent,
            "delivered": watch.stored_at,
            "forwarded": None,
        },
    )


def _checked(stage: Stage, sent: SendResult) -> dict[str, CheckedFile]:
    record = records.record(stage.rooms.poller_settings, sent.transfer)
    results = {result.index: result for result in record.files} if record else {}
    checked = {}
    for file in sent.files:
        result = results.get(file.index)
        if result is not None:
            checked[file.path] = CheckedFile(
                file.path,
                result.sop_instance_uid,
                result.result is FileResult.DELIVERED,
                result.result is FileResult.KEPT,
                result.reason or result.result.value,
                result.file_sha256,
                result.data_set_sha256,
            )
    return checked


def _forward(
    stage: Stage, observed: Observed, originals: dict[str, Path], watch: _Watch, state: Path
) -> None:
    if not observed.link:
        raise DemoFailed("No mail with exactly one link came.")
    clinician = Clinician(observed.link)
    clinician.look()
    clinician.forward()
    receipt = observed.receipt
    line = connect(stage.profile.profile)
    while receipt is None or receipt.report.forward not in _ENDED:
        watch.look()
        receipt = look_up(
            observed.sent.receipt_code, stage.profile, receiver=line, state_folder=state, wait=1
        )
    watch.look()
    observed.receipt, observed.stored = receipt, watch.instances
    observed.seconds["forwarded"] = watch.in_pacs_at
    studies = {study.study_instance_uid for study in observed.sent.studies}
    observed.held = instances_held(stage.pacs, studies)
    if stage.pacs_folder is not None:
        observed.equal_in_pacs = dict(embedded_hashes(stage.pacs_folder))
    else:
        equal = equal_elements(stage.pacs, observed.held, originals)
        observed.equal_in_pacs = dict.fromkeys(equal)


_ENDED: Final = frozenset({ForwardState.IN_PACS, ForwardState.FAILED, ForwardState.REFUSED})
