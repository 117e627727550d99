"""pynetdicom's connections, closed by us also when the other end went first.

pynetdicom shuts a connection down and then closes it; where the first fails (the other end refused
or reset it, so there is nothing left to shut down) it forgets the second, and the descriptor stays
until the garbage collector comes by. Who loses that race depends on the load.

Here because poller and viewer both have such connections. The rule: every one is closed when its
association ends. It does not import pynetdicom, and knows nothing of DICOM.
"""

import socket
from contextlib import suppress
from typing import Any


def close_always(association_socket: Any) -> None:
    """Set, once and for all of them, how pynetdicom's ``AssociationSocket`` lets its socket go."""
    association_socket._shutdown_socket = _let_go  # noqa: SLF001  # pynetdicom has no seam here


def _let_go(held: Any) -> None:
    connection: socket.socket | None = held.socket
    if connection is None:  # another thread was faster
        return
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):  # close() gives the descriptor back before it complains
        connection.close()
