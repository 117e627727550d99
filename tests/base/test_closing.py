import socket
import struct

import pytest
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.transport import AssociationSocket

from passbox_base.closing import close_always
from tests.parts.programs import LOOPBACK

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER, 0 seconds: close() resets


def a_connection() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a TCP connection."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        return near, listener.accept()[0]


def test_a_connection_that_was_reset_is_closed() -> None:
    """Where the other end was first, nothing is left to shut down, and the socket is closed."""
    close_always(AssociationSocket)
    near, far = a_connection()
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    far.close()
    with pytest.raises(ConnectionResetError):
        near.recv(1)
    held = AssociationSocket(Association(ApplicationEntity(), "requestor"), client_socket=near)

    held.close()

    assert near.fileno() == -1


def test_a_connection_that_lives_is_shut_down_and_closed() -> None:
    """The other end is told that the connection is over; closing once more does nothing."""
    close_always(AssociationSocket)
    near, far = a_connection()
    held = AssociationSocket(Association(ApplicationEntity(), "requestor"), client_socket=near)

    held.close()
    held._shutdown_socket()

    assert near.fileno() == -1
    with far:
        assert far.recv(1) == b""
