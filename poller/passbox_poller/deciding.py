"""What a person decides about refused files: let one out after all, or delete it.

People sit at the viewer's pages or at this machine's command line. Either way the decision lies in
the quarantine's folder, durable, until it is carried out here.

The rule: author and reason are in the audit before the deed. A transfer's files are decided once it
is settled. What is released is handed over as any accepted file (checking.py says as what), then
counted: the verdict gets better, the viewer is told, the sender's next receipt says so, and only
then the file is gone here. Each step may be done twice. Of two decisions about one file the later
one waits for the earlier. A decision that cannot be carried out (a program, a transfer that was
never shown or that the viewer has deleted) is passed over, and the list says why the file stays.

One decision is about no file: that a transfer which stands still is shown as far as it came.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from passbox_base.audit import AuditChain
from passbox_base.logs import bind_transfer, get_logger
from passbox_poller.agenda import Agenda
from passbox_poller.checking import Attachment, Checker, Instance
from passbox_poller.errors import FileRefused, NotNow, PeerWrong, Problem, Refusal, Remark
from passbox_poller.filing import Store, accepted_result, attach
from passbox_poller.ledger import KnownTransfer, Ledger
from passbox_poller.quarantine import Quarantine
from passbox_poller.receipts import Receipts
from passbox_poller.standstill import let_out
from passbox_poller.verdict import ACCEPTED
from passbox_poller.viewer_link import ViewerLink
from passbox_wire.inner.quarantine import Action, Decision
from passbox_wire.inner.viewer import Delivery
from passbox_wire.problems import Code
from passbox_wire.receipts import FileResult
from passbox_wire.states import DeliveryState

_log = get_logger(__name__)

MARK: Final = "quarantine decisions"
_WHOLE: Final = -1
_JUDGED: Final = frozenset({DeliveryState.PARTIAL, DeliveryState.REFUSED, DeliveryState.COMPLETE})


class Deciding:
    """Tells the viewer what is in quarantine, and does what people decide. One thread."""

    def __init__(
        self,
        *,
        quarantine: Quarantine,
        ledger: Ledger,
        checker: Checker,
        store: Store,
        viewer: ViewerLink,
        receipts: Receipts,
        agenda: Agenda,
        audit: AuditChain,
    ) -> None:
        self._quarantine = quarantine
        self._ledger = ledger
        self._checker = checker
        self._store = store
        self._viewer = viewer
        self._receipts = receipts
        self._agenda = agenda
        self._audit = audit
        self._told = -1

    def turn(self, wait: int) -> bool:
        """Carry out what is decided, say the list if it changed, wait for decisions.

        Returns whether the viewer knows of quarantines. Raises NotNow, PeerWrong, StoreFailed.
        """
        waiting = set()
        for path, decision in self._quarantine.decisions():
            whole = decision.action is Action.RELEASE_TRANSFER
            about = (decision.transfer, _WHOLE if whole else decision.index)
            if about in waiting or not self._try(path, decision):
                waiting.add(about)
        try:
            self._tell()
            for decision in self._viewer.decisions(self._ledger.mark(MARK), wait):
                self._quarantine.take(decision)
                self._ledger.set_mark(MARK, decision.sequence)
        except Problem as error:
            if error.code is Code.NOT_FOUND:  # a store without quarantine pages
                return False
            raise
        return True

    def _tell(self) -> None:
        changes = self._quarantine.changes
        if changes != self._told:
            self._viewer.tell_quarantined(self._quarantine.listed())
            self._told = changes

    def _try(self, path: Path, decision: Decision) -> bool:
        """Carry out one decision; return whether it is dealt with."""
        with bind_transfer(decision.transfer):
            try:
                if not self._carry_out(decision):
                    return False
            except (NotNow, PeerWrong) as error:
                _log.warning("decision waits", number=decision.index, step=str(error))
                return False
            self._quarantine.done(path)
            return True

    def _carry_out(self, decision: Decision) -> bool:
        """Return whether the decision is dealt with, one way or the other."""
        if decision.action is Action.RELEASE_TRANSFER:
            let_out(
                decision.transfer, self._ledger, self._audit, self._agenda,
                author=decision.author, reason=decision.reason,
            )  # fmt: skip
            return True
        path = self._quarantine.path(decision.transfer, decision.index)
        known = self._ledger.transfer(decision.transfer)
        if path is None or known is None:
            return True
        if not known.finished and known.delivery in _JUDGED | {DeliveryState.ARRIVING}:
            return False
        if decision.action is Action.DELETE:
            self._write(decision, "quarantined file deleted")
            self._quarantine.remove(decision.transfer, decision.index)
        elif known.deleted or not self._is_at_the_viewer(known):
            self._cannot(decision, Refusal.TRANSFER_DELETED)
        elif known.delivery in _JUDGED and known.manifest_sha256 is not None and known.ae_title:
            self._release(decision, known, path)
        else:
            self._cannot(decision, Refusal.TRANSFER_UNFINISHED)
        return True

    def _release(self, decision: Decision, known: KnownTransfer, path: Path) -> None:
        try:
            accepted = self._checker.release(path)
            self._write(decision, "quarantined file released")
            self._hand_over(known, decision.index, accepted)
        except FileRefused as error:
            self._cannot(decision, error.refusal)
            return
        result = accepted_result(decision.index, accepted)
        result = replace(result, reason=result.reason or Remark.RELEASED)
        state = self._ledger.release_file(known.id, result)
        self._show(known, state, decision.index, result.result)
        newest = self._ledger.transfer(known.id)
        if newest is not None:
            self._receipts.issue(newest, self._viewer.instances(known.id))
        self._agenda.soon(known.id)
        self._quarantine.remove(known.id, decision.index)
        _log.info("released", number=decision.index, state=state.value)

    def _is_at_the_viewer(self, known: KnownTransfer) -> bool:
        """Return whether there is something to release into; without it C-STORE waits for ever."""
        if not known.ae_title:
            return True  # it never was: another reason not to release
        try:
            self._viewer.instances(known.id)
        except Problem as error:
            if error.code is not Code.UNKNOWN_TRANSFER:
                raise
            return False
        return True

    def _cannot(self, decision: Decision, refusal: Refusal) -> None:
        """End a decision that cannot be carried out: the list says why the file stays."""
        _log.warning("cannot be released", number=decision.index, reason=refusal.value)
        self._quarantine.say_why(decision.transfer, decision.index, refusal)

    def _hand_over(self, known: KnownTransfer, index: int, accepted: Instance | Attachment) -> None:
        if isinstance(accepted, Instance):
            self._store.store(known.ae_title, accepted)
        else:
            attach(self._viewer, known.id, index, accepted)

    def _show(
        self, known: KnownTransfer, state: DeliveryState, index: int, result: FileResult
    ) -> None:
        """Tell the viewer anew how the transfer stands, with the names it was told before."""
        before = self._quarantine.delivery(known.id)
        if before is None:
            return
        counted = [file for file in self._ledger.judged_files(known.id) if file.counted]
        after = Delivery(
            state,
            visible=True,
            phone_code=before.phone_code,
            delivered=sum(f.result.result is FileResult.DELIVERED for f in counted),
            missing=sum(f.result.result not in ACCEPTED for f in counted),
            findings=tuple(
                replace(finding, result=result, reason=Remark.RELEASED)
                if finding.index == index
                else finding
                for finding in before.findings
            ),
        )
        self._quarantine.keep_delivery(known.id, after)
        self._viewer.deliver(known.id, after)

    def _write(self, decision: Decision, event: str) -> None:
        self._audit.append(
            event,
            author=decision.author,
            reason=decision.reason,
            transfer_id=decision.transfer,
            index=decision.index,
            decided=decision.time,
        )
