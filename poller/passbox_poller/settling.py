"""From the last pack to the receipt: verdict, visible, told, signed, let go.

One step after the other.

The rule: every step is done at least once and may be done twice; each is noted after it worked, so
a restart goes on where it stopped. The order is the promise: the store's own index confirms each
file, then the verdict is written, then people can see it, then the mail is in the outbox, then the
sender's receipt is signed, and only then the spool lets go of the ciphertext.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from passbox_base.audit import AuditChain
from passbox_base.logs import get_logger
from passbox_base.pack_store import PackStoreLike
from passbox_poller.arrival import Arrival
from passbox_poller.errors import NotNow, Problem, TransferStopped
from passbox_poller.ledger import KnownTransfer, Ledger
from passbox_poller.quarantine import Quarantine
from passbox_poller.receipts import AUTHOR, Receipts
from passbox_poller.receiver_link import ReceiverLink
from passbox_poller.verdict import OPEN_ENDED, Unverified, Verdict, judge, so_far, unconfirmed
from passbox_poller.viewer_link import ViewerLink
from passbox_wire.codes import phone_code
from passbox_wire.digests import packs_digest
from passbox_wire.inner.receiver import StopReason
from passbox_wire.inner.viewer import Delivery, StoredInstance
from passbox_wire.problems import Code
from passbox_wire.receipts import FileResult
from passbox_wire.states import DeliveryEvent, DeliveryState, UploadState

_log = get_logger(__name__)

_ENDED_WITHOUT_CLOSE = frozenset({UploadState.ABANDONED, UploadState.EXPIRED})


class Settling:
    """Settles one transfer after the other; the agenda lets one thread at a time settle each."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        spool: PackStoreLike,
        receiver: ReceiverLink,
        viewer: ViewerLink,
        receipts: Receipts,
        let_go: Callable[[Arrival], None],
        quarantine: Quarantine,
        audit: AuditChain,
    ) -> None:
        """``let_go`` drops what is kept in memory and as work files."""
        self._quarantine = quarantine
        self._audit = audit
        self._ledger = ledger
        self._spool = spool
        self._receiver = receiver
        self._viewer = viewer
        self._receipts = receipts
        self._let_go = let_go
        self._shown: dict[str, Delivery] = {}
        """What the viewer was told last of transfers without a verdict."""

    def settle(self, arrival: Arrival) -> None:
        """Take every step that is due.

        Raises NotNow, PeerWrong (again later) and TransferStopped.
        """
        known = self._known(arrival)
        if known.deleted:
            self._end_deleted(arrival, known)
            return
        if known.delivery in OPEN_ENDED:
            self._judge(arrival, known)
            known = self._known(arrival)
        if known.delivery in OPEN_ENDED:
            self._show_so_far(arrival, known)
            return
        self._tell_receiver(known)
        if not self._show(arrival, known):
            return
        self._finish(arrival, self._known(arrival))

    def _finish(self, arrival: Arrival, known: KnownTransfer) -> None:
        results = arrival.results.values()
        refused = Counter(one.reason for one in results if one.result is FileResult.REFUSED)
        for reason, count in refused.most_common():  # one line a reason: names are in quarantine
            _log.info("files refused", reason=reason, count=count)
        if self._ledger.last_sequence(known.id) == 0:
            self._receipts.issue(known, self._index(known))
        self._receipts.hand_over(known.id)
        self._spool.release_transfer(known.id)
        self._ledger.update(known.id, finished=True)
        self._let_go(arrival)
        self._shown.pop(known.id, None)
        _log.info("transfer finished", state=known.delivery.value)

    def _end_deleted(self, arrival: Arrival, known: KnownTransfer) -> None:
        """Come to an end with what the viewer has let go of: no more is taken, nothing is shown."""
        if arrival.busy:  # whoever has a file of it in hand asks for another turn
            return
        if known.delivery in OPEN_ENDED:
            self._audit.append(
                "transfer stopped", author=AUTHOR, reason="deleted at the viewer",
                transfer_id=known.id,
            )  # fmt: skip
            self._ledger.step(known.id, DeliveryEvent.STOPPED, stop_reason=StopReason.STAFF)
            known = self._known(arrival)
        self._tell_receiver(known)
        self._quarantine.delete_all(known.id, 1, known.opened)  # also what was refused since
        self._finish(arrival, known)

    def settle_finished(self, known: KnownTransfer) -> None:
        """Hand over what came after the end: receipts about the PACS. Raises NotNow, PeerWrong."""
        self._receipts.hand_over(known.id)

    def stop(self, arrival: Arrival, reason: StopReason) -> None:
        """Write down that nothing more of a transfer is taken; settle() tells everybody."""
        known = self._known(arrival)
        if known.delivery not in OPEN_ENDED:
            return
        _log.warning("transfer stopped", reason=reason.value)
        self._audit.append(
            "transfer stopped", author=AUTHOR, reason=reason.value, transfer_id=known.id
        )
        if known.delivery is DeliveryState.ABANDONED:  # given up before, nothing came of it
            self._ledger.update(known.id, stop_reason=reason, finished=True)
            return
        self._ledger.step(known.id, DeliveryEvent.STOPPED, stop_reason=reason)

    def _known(self, arrival: Arrival) -> KnownTransfer:
        known = self._ledger.transfer(arrival.transfer)
        if known is None:
            raise LookupError("a transfer is noted before it is attended")
        return known

    def _judge(self, arrival: Arrival, known: KnownTransfer) -> None:
        """Write the verdict down once it is due."""
        if known.upload is UploadState.CANCELLED:
            self._ledger.step(known.id, DeliveryEvent.CANCELLED_BY_SENDER)
        elif known.upload is UploadState.STOPPED:
            self._ledger.step(
                known.id, DeliveryEvent.STOPPED, stop_reason=StopReason.STAFF, stop_told=True
            )
        elif self._everything_came(known) and self._everything_is_done(arrival, known):
            self._judge_all(arrival, known)

    def _everything_came(self, known: KnownTransfer) -> bool:
        packs = self._ledger.packs(known.id)
        if known.upload in _ENDED_WITHOUT_CLOSE:
            return len(packs) >= known.packs_said
        if known.upload is not UploadState.CLOSED or known.packs_sha256 is None:
            return False
        if len(packs) < known.packs_said:
            return False
        if packs_digest(packs) != known.packs_sha256:
            raise TransferStopped(StopReason.FORGED_PACK)
        return True

    def _everything_is_done(self, arrival: Arrival, known: KnownTransfer) -> bool:
        return arrival.looked_at >= self._ledger.packs(known.id).keys() and not arrival.busy

    def _judge_all(self, arrival: Arrival, known: KnownTransfer) -> None:
        # Anybody can seal a manifest: it counts when the sender closed over the packs it came in.
        closed = known.packs_sha256 is not None
        if arrival.manifest is None or arrival.envelope is None or not closed:
            self._without_manifest(arrival, known)
            return
        verdict = self._verdict(arrival)
        index = self._viewer.instances(known.id)
        doubtful = unconfirmed((file.result for file in verdict.files), index)
        if doubtful:
            indexes = [result.index for result in doubtful]
            self._ledger.forget_results(known.id, indexes)
            arrival.do_again(indexes)
            raise NotNow("the store's own index does not confirm what it said")
        self._audit.append(
            "verdict",
            author=AUTHOR,
            reason="the manifest verified",
            transfer_id=known.id,
            delivered=verdict.delivered,
            missing=verdict.missing,
            refused=sum(file.result.result is FileResult.REFUSED for file in verdict.files),
        )
        state = self._ledger.add_verdict(known.id, verdict, arrival.manifest[1])
        _log.info("verdict", state=state.value, instances=verdict.delivered, count=verdict.missing)

    def _without_manifest(self, arrival: Arrival, known: KnownTransfer) -> None:
        if known.upload is not UploadState.CLOSED:
            if known.delivery is not DeliveryState.ABANDONED:
                self._ledger.step(known.id, DeliveryEvent.UPLOAD_ENDED)
            return
        inventory = arrival.envelope is not None
        raise TransferStopped(
            StopReason.FORGED_PACK if inventory else StopReason.NO_VALID_INVENTORY
        )

    def _verdict(self, arrival: Arrival) -> Verdict:
        if arrival.manifest is None:
            raise TransferStopped(StopReason.FORGED_PACK)
        try:
            return judge(arrival.inventory, arrival.manifest[0], arrival.results)
        except Unverified as error:
            raise TransferStopped(StopReason.FORGED_PACK) from error

    def _tell_receiver(self, known: KnownTransfer) -> None:
        if known.stop_reason is None or known.stop_told:
            return
        try:
            self._receiver.stop(known.id, known.stop_reason)
        except Problem as error:
            if error.code is Code.STORE_FULL:
                raise NotNow("the receiver has no room to write down a stop") from error
            _log.warning("stop not taken", problem=error.code.value)
        self._ledger.update(known.id, stop_told=True)

    def _show(self, arrival: Arrival, known: KnownTransfer) -> bool:
        """Tell the viewer; return whether people know, or there is nothing to know."""
        if not known.ae_title:
            return True
        if not known.shown:
            delivery = self._delivery(arrival, known)
            self._quarantine.keep_delivery(known.id, delivery)
            self._viewer.deliver(known.id, delivery)
            self._ledger.update(known.id, shown=True)
            known = replace(known, shown=True)
        visible = known.delivery in {DeliveryState.COMPLETE, DeliveryState.PARTIAL}
        return known.announced or not visible

    def _show_so_far(self, arrival: Arrival, known: KnownTransfer) -> None:
        """Tell the viewer what is here of a transfer that stands still, once for each change.

        People see it when one of them released it; else it is for the pages of who may release.
        """
        standing = self._ledger.standstills.of(known.id)
        given_up = known.delivery is DeliveryState.ABANDONED
        if not known.ae_title or not (standing.told or standing.released or given_up):
            return
        if not self._everything_is_done(arrival, known):
            return
        here = so_far(arrival.inventory, arrival.results)
        delivery = Delivery(
            known.delivery,
            visible=standing.released and here.anything,
            phone_code="",
            delivered=here.delivered,
            missing=here.missing,
            findings=here.findings(),
        )
        if self._shown.get(known.id) == delivery:
            return
        self._viewer.deliver(known.id, delivery)
        if standing.released:
            self._ledger.step(known.id, DeliveryEvent.RELEASED_BY_STAFF)
        self._shown[known.id] = delivery
        _log.info("shown as far as it came", state=known.delivery.value, count=here.missing)

    def _delivery(self, arrival: Arrival, known: KnownTransfer) -> Delivery:
        if known.manifest_sha256 is None:
            return Delivery(
                known.delivery, visible=False, phone_code="", delivered=0, missing=0, findings=()
            )
        verdict = self._verdict(arrival)
        return Delivery(
            known.delivery,
            visible=verdict.anything,
            phone_code=phone_code(known.manifest_sha256),
            delivered=verdict.delivered,
            missing=verdict.missing,
            findings=verdict.findings(),
        )

    def _index(self, known: KnownTransfer) -> tuple[StoredInstance, ...]:
        here = known.ae_title and not known.deleted
        return self._viewer.instances(known.id) if here else ()
