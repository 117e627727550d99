"""Tells the viewer of a transfer and keeps what later receipts and the mail need of its envelope.

The rule: only part 0 of the inventory says for whom; what it says is a claim, and of it the ledger
keeps the report key, the viewer's AE title and the mailbox it leads to, never a name. Every further
part of the inventory registers anew: the viewer learns how much is claimed by now.
"""

from passbox_poller.arrival import Arrival
from passbox_poller.ledger import Ledger
from passbox_poller.notify import Directory
from passbox_poller.viewer_link import ViewerLink
from passbox_wire.inner.viewer import Facts


class Registering:
    """Registers transfers at the viewer."""

    def __init__(self, viewer: ViewerLink, ledger: Ledger, directory: Directory) -> None:
        self._viewer = viewer
        self._ledger = ledger
        self._directory = directory

    def register(self, arrival: Arrival, opened: int) -> None:
        """Register if a part came since; ``opened`` in Unix seconds. Raises NotNow, PeerWrong."""
        envelope, parts = arrival.envelope, len(arrival.inventory)
        if envelope is None or arrival.registered_parts == parts:
            return
        arrival.ae_title = self._viewer.register(
            Facts(
                arrival.transfer,
                envelope.sender,
                envelope.recipient,
                envelope.department,
                envelope.language,
                opened,
                arrival.claimed_instances,
            )
        )
        self._ledger.update(
            arrival.transfer,
            ae_title=arrival.ae_title,
            report_key=envelope.report_key,
            mail_to=self._directory.recipient(envelope.recipient, envelope.department),
        )
        arrival.registered_parts = parts
