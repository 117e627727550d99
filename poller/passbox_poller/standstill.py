"""Transfers that stand still: staff hear of it once, and may let out what has come.

The rule: silence alone changes nothing. After some time without a pack, by the spool's own clock
and not by what the DMZ says, the mailbox that waits for the images gets one mail, whatever
restarts; the pages inside learn what has come and what is missing. Only a person releases; author
and reason are in the audit before. A manifest that comes later still completes the transfer.

Who releases at the command line puts a note into a folder of the spool (release()), so that it
needs no running poller; the note is gone once it is in the ledger. What people decide at the
viewer's page comes with their other decisions (deciding.py). Either ends in let_out().
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_base.durable import make_folder, remove, write_replacing
from passbox_base.logs import bind_transfer, get_logger
from passbox_base.outbox import Outbox
from passbox_poller.agenda import Agenda
from passbox_poller.ledger import Ledger
from passbox_poller.notify import Letterhead, standstill_notice
from passbox_poller.verdict import OPEN_ENDED
from passbox_wire import canonical
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId, parse_transfer_id
from passbox_wire.parsing import Fields

_log = get_logger(__name__)

FOLDER: Final = "releases"
_BETWEEN: Final = timedelta(hours=1)
"""Between two such mails to one mailbox: a thousand that stand still are one mail, not a flood."""
_MAX_NOTE: Final = 4096
_MAX_WORDS: Final = 500
_MINUTE: Final = 60


class Standstill:
    """Looks for transfers that stand still, and for notes that release one. One thread."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        outbox: Outbox,
        letterhead: Letterhead,
        audit: AuditChain,
        agenda: Agenda,
        clock: Clock,
        folder: Path,
        seconds: int,
    ) -> None:
        """``folder`` is the spool's, ``seconds`` how long a silence is none yet."""
        self._ledger = ledger
        self._standstills = ledger.standstills
        self._outbox = outbox
        self._letterhead = letterhead
        self._audit = audit
        self._agenda = agenda
        self._clock = clock
        self._folder = folder / FOLDER
        self._seconds = seconds
        self._not_before: dict[str, datetime] = {}
        make_folder(self._folder)

    def turn(self) -> None:
        """Tell of new standstills, carry out new notes. Raises StoreFull, StoreFailed."""
        now = self._clock.now()
        silent = self._standstills.silent_since(int(now.timestamp()) - self._seconds)
        for recipient in sorted({one.recipient for one in silent}):
            if self._not_before.get(recipient, now) <= now:
                self._not_before[recipient] = now + _BETWEEN
                self._tell(recipient, [o.transfer for o in silent if o.recipient == recipient], now)
        for path in sorted(self._folder.glob("*.json")):
            self._carry_out(path)

    def _tell(self, recipient: str, transfers: Sequence[TransferId], now: datetime) -> None:
        minutes = self._seconds // _MINUTE
        mail = standstill_notice(self._letterhead, recipient, transfers, minutes, now)
        self._outbox.enqueue(mail, now=now)
        self._standstills.told(transfers)
        _log.warning("transfers stand still", count=len(transfers))
        for transfer in transfers:
            self._agenda.soon(transfer)

    def _carry_out(self, path: Path) -> None:
        try:
            note = _parse_note(path.read_bytes())
        except Malformed as error:
            _log.warning("a release that is none", error=type(error).__name__)
            remove(path)
            return
        with bind_transfer(note.transfer):
            let_out(
                note.transfer, self._ledger, self._audit, self._agenda,
                author=note.author, reason=note.reason,
            )  # fmt: skip
            remove(path)


def let_out(
    transfer: TransferId,
    ledger: Ledger,
    audit: AuditChain,
    agenda: Agenda,
    *,
    author: str,
    reason: str,
) -> None:
    """Have a transfer shown as far as it came; one that is judged or let out stays as it is."""
    known = ledger.transfer(transfer)
    if known is None or known.delivery not in OPEN_ENDED or known.finished:
        return
    if ledger.standstills.of(transfer).released:
        return
    audit.append("released as far as it came", author=author, reason=reason, transfer_id=transfer)
    ledger.standstills.release(transfer)
    agenda.soon(transfer)


@dataclass(frozen=True, slots=True)
class _Note:
    transfer: TransferId
    author: str
    reason: str


def release(spool: Path, untrusted_transfer: str, *, author: str, reason: str) -> None:
    """Put a note into the spool's folder, where the poller finds it.

    Raises Malformed for what is no transfer id or no words, StoreFailed, StoreFull.
    """
    note = {"transfer": untrusted_transfer, "author": author, "reason": reason}
    body = canonical.encode(note)
    transfer = _parse_note(body).transfer
    make_folder(spool / FOLDER)
    write_replacing(spool / FOLDER / f"{transfer}.json", body)


def _parse_note(untrusted: bytes) -> _Note:
    fields = Fields(canonical.decode(untrusted, max_bytes=_MAX_NOTE, where="release"), "release")
    note = _Note(
        parse_transfer_id(fields.text("transfer", most=32)),
        fields.line("author", most=_MAX_WORDS),
        fields.line("reason", most=_MAX_WORDS),
    )
    fields.finish()
    if not note.author.strip() or not note.reason.strip():
        raise Malformed("release", "without author or reason")
    return note
