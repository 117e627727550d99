"""What people did with a delivery, as the viewer tells it.

Seen by nobody yet, visible, in the PACS.

The rule: an event's deed is done before it counts as read, so after a crash it is done again and
nothing is lost: the mail has one Message-ID, a receipt one more sequence. What is told of a
transfer we do not know is passed over. "In PACS" is the viewer's proof, counted from its index,
never from a C-STORE status. A link that the viewer has wiped, because the transfer is deleted or
its mail was ours already, is mailed to nobody and holds up no other event.
"""

from collections.abc import Mapping
from typing import Final

from passbox_base.logs import bind_transfer, get_logger
from passbox_poller.agenda import Agenda
from passbox_poller.errors import Problem
from passbox_poller.ledger import KnownTransfer, Ledger
from passbox_poller.noticing import Noticing
from passbox_poller.quarantine import Quarantine
from passbox_poller.receipts import Receipts
from passbox_poller.viewer_link import ViewerLink
from passbox_wire.inner.viewer import Event, EventKind
from passbox_wire.problems import Code
from passbox_wire.states import ForwardState

_log = get_logger(__name__)

MARK: Final = "viewer events"

_FORWARD: Final[Mapping[EventKind, ForwardState]] = {
    EventKind.FORWARDED: ForwardState.IN_PACS,
    EventKind.FORWARD_FAILED: ForwardState.FAILED,
    EventKind.REFUSED: ForwardState.REFUSED,
}


class Events:
    """Follows the viewer's events. One thread."""

    def __init__(
        self,
        *,
        viewer: ViewerLink,
        ledger: Ledger,
        noticing: Noticing,
        quarantine: Quarantine,
        receipts: Receipts,
        agenda: Agenda,
    ) -> None:
        self._viewer = viewer
        self._ledger = ledger
        self._noticing = noticing
        self._quarantine = quarantine
        self._receipts = receipts
        self._agenda = agenda

    def follow(self, wait: int) -> None:
        """Wait at most ``wait`` seconds for events and do what they ask for.

        Raises NotNow, PeerWrong.
        """
        for event in self._viewer.events(self._ledger.mark(MARK), wait):
            known = self._ledger.transfer(event.transfer)
            if known is not None:
                with bind_transfer(event.transfer):
                    self._heed(event, known)
                self._agenda.soon(event.transfer)
            self._ledger.set_mark(MARK, event.sequence)

    def _heed(self, event: Event, known: KnownTransfer) -> None:
        _log.info("viewer event", sequence=event.sequence, state=event.kind.value)
        if event.kind is EventKind.VISIBLE:
            self._announce(event, known)
        elif event.kind is EventKind.EXPIRING:
            if event.link:
                self._noticing.warn(known.id, known.mail_to, event.link, event.time)
        elif event.kind is EventKind.DELETED:
            self._let_go(event)
        elif event.kind in _FORWARD:
            self._ledger.update(known.id, forward=_FORWARD[event.kind])
            self._next_receipt(known)

    def _announce(self, event: Event, known: KnownTransfer) -> None:
        if known.announced:
            return
        if event.link:
            self._noticing.announce(known.id, known.mail_to, event.link)
        self._ledger.update(known.id, announced=True, forward=ForwardState.VISIBLE)
        self._noticing.turn()

    def _let_go(self, event: Event) -> None:
        """Nothing more of it is handed over, and its refused files go with it."""
        self._ledger.update(event.transfer, deleted=True)
        self._quarantine.delete_all(event.transfer, event.sequence, event.time)

    def _next_receipt(self, known: KnownTransfer) -> None:
        newest = self._ledger.transfer(known.id)
        if newest is None or newest.manifest_sha256 is None:
            return
        try:
            index = self._viewer.instances(known.id)
        except Problem as error:
            if error.code is not Code.UNKNOWN_TRANSFER:
                raise
            # Deleted meanwhile, as an event behind this one tells: what the viewer can no longer
            # vouch for is not signed, and the receipt before stands.
            _log.warning("too late for a receipt", state=newest.forward.value)
            return
        self._receipts.issue(newest, index)
