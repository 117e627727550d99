"""Taking back a transfer that was begun: the receiver lets go of it, and this computer forgets it.

The rule: what this computer keeps goes only after the receiver has said that nothing will come of
the transfer; without a line it stays, so that the sender is asked again.
"""

from passbox_base.durable import remove
from passbox_client.errors import ReceiverRefused
from passbox_client.journal import Remembered
from passbox_client.line import Receiver
from passbox_wire import signing
from passbox_wire.problems import Code

_NOTHING_THERE = frozenset({Code.UNKNOWN_TRANSFER, Code.CANCELLED, Code.EXPIRED, Code.STOPPED})


def withdraw(remembered: Remembered, receiver: Receiver) -> None:
    """Cancel an unfinished transfer.

    Raises LineFailed, or ReceiverRefused when it is too late: the hospital has it already.
    """
    identity = remembered.identity
    signature = signing.sign(identity.key, signing.cancel_statement(identity.transfer))
    try:
        receiver.cancel(identity.transfer, signature)
    except ReceiverRefused as error:
        if error.problem.code not in _NOTHING_THERE:
            raise
    remove(remembered.path)
