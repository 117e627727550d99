"""Receipts: the inside's signed word, written from the ledger alone: later ones need no spool.

The rule: each use of the receipt key is in the audit before. A receipt is kept before anybody sees
it, its sequence rises by one, and it is handed over until the receiver has it. Counts are of the
inventory's files and the store's own index.
"""

from collections.abc import Sequence
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.audit import AuditChain
from passbox_base.clocks import Clock
from passbox_base.logs import get_logger
from passbox_poller.errors import NotNow, Problem
from passbox_poller.ledger import KnownTransfer, Ledger
from passbox_poller.receiver_link import ReceiverLink
from passbox_poller.verdict import coarse, count_studies, report_files
from passbox_wire.ids import DestinationId, TransferId
from passbox_wire.inner.viewer import StoredInstance
from passbox_wire.problems import Code
from passbox_wire.receipts import Report, sign_receipt
from passbox_wire.sealing import SealingPublicKey

_log = get_logger(__name__)

AUTHOR: Final = "poller"


class Receipts:
    """Signs receipts for one destination and hands them over."""

    def __init__(
        self,
        ledger: Ledger,
        receiver: ReceiverLink,
        key: Ed25519PrivateKey,
        destination: DestinationId,
        clock: Clock,
        audit: AuditChain,
    ) -> None:
        self._audit = audit
        self._ledger = ledger
        self._receiver = receiver
        self._key = key
        self._destination = destination
        self._clock = clock

    def issue(self, known: KnownTransfer, index: Sequence[StoredInstance]) -> None:
        """Sign and keep the next receipt.

        ``index`` is the store's own, empty where nothing is stored.

        Without a report key (no inventory ever came) there is nobody to seal a report to, so no
        receipt.
        """
        if known.report_key is None:
            return
        files = self._ledger.judged_files(known.id)
        report = Report(
            known.id,
            self._ledger.last_sequence(known.id) + 1,
            int(self._clock.now().timestamp()),
            known.delivery,
            known.forward,
            count_studies(files, index),
            report_files(files),
            known.stop_reason.value if known.stop_reason else "",
        )
        self._audit.append(
            "receipt signed",
            author=AUTHOR,
            reason=known.forward.value,
            transfer_id=known.id,
            sequence=report.sequence,
            state=known.delivery.value,
        )
        signed = sign_receipt(
            report,
            coarse(known.delivery),
            known.manifest_sha256,
            self._destination,
            self._key,
            SealingPublicKey(known.report_key),
        )
        self._ledger.add_receipt(known.id, report.sequence, signed.encode())
        _log.info("receipt signed", sequence=report.sequence, state=known.delivery.value)

    def hand_over(self, transfer: TransferId) -> None:
        """Hand over what the receiver does not have yet; raises NotNow, PeerWrong."""
        for pending in self._ledger.pending_receipts(transfer):
            try:
                self._receiver.hand_receipt(transfer, pending.signed)
            except Problem as error:
                if error.code is Code.STORE_FULL:
                    raise NotNow("the receiver has no room for a receipt") from error
                # It never will: the transfer is gone there. The inside's own record stays.
                _log.error("receipt not taken", sequence=pending.sequence, problem=error.code.value)
            self._ledger.handed_over(transfer, pending.sequence)
