"""A peer that says what no library lets it say: PDUs written by hand over a plain socket."""

import contextlib
import socket
import struct
from collections.abc import Iterator, Sequence

from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    MaximumLengthNotification,
)

CONTEXT = 1
COMMAND, LAST = 1, 2
P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = 4, 5, 6, 7
RELEASE = bytes([RELEASE_RQ, 0, 0, 0, 0, 4, 0, 0, 0, 0])


def value(piece: bytes, control: int, *, context: int = CONTEXT) -> bytes:
    """Return a presentation data value item."""
    return struct.pack(">LBB", len(piece) + 2, context, control) + piece


def pdu(*values: bytes) -> bytes:
    """Return a P-DATA-TF PDU."""
    body = b"".join(values)
    return struct.pack(">BxL", P_DATA, len(body)) + body


def store_request(uid: str, *, sop_class: str = CTImageStorage, message_id: int = 7) -> bytes:
    """Return the command set of a C-STORE request."""
    return command_set(
        {
            0x0002: _even(sop_class),
            0x0100: b"\x01\0",
            0x0110: struct.pack("<H", message_id),
            0x0700: b"\0\0",
            0x0800: b"\x01\0",
            0x1000: _even(uid),
        }
    )


def command_set(elements: dict[int, bytes]) -> bytes:
    """Return a command set with its group length."""
    body = b"".join(
        struct.pack("<HHL", 0, element, len(value)) + value for element, value in elements.items()
    )
    return struct.pack("<HHLL", 0, 0, 4, len(body)) + body


def _even(uid: str) -> bytes:
    return uid.encode() + b"\0" * (len(uid) % 2)


class RawPeer:
    """One association for CT images in explicit little endian."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def send(self, data: bytes, cuts: Sequence[int] = ()) -> None:
        """Send, with a segment of its own up to each of these positions."""
        for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
            self._connection.sendall(data[start:end])

    def heard(self) -> tuple[int, bytes]:
        """Return type and body of the next PDU; type 0 at the end of the connection."""
        head = self._exactly(6)
        if len(head) < 6:
            return 0, b""
        kind, length = struct.unpack(">BxL", head)
        return kind, self._exactly(length)

    def status(self) -> int:
        """Return the status of the C-STORE response that comes next."""
        kind, body = self.heard()
        assert kind == P_DATA, kind
        at = body.index(struct.pack("<HHL", 0, 0x0900, 2)) + 8
        return int.from_bytes(body[at : at + 2], "little")

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self._connection.recv(count - len(data))
            if not piece:
                break
            data += piece
        return data


@contextlib.contextmanager
def raw_peer(port: int, title: str, calling: str, seconds: float) -> Iterator[RawPeer]:
    """Open an association and close the connection, and nothing else, when the block ends."""
    primitive = A_ASSOCIATE()
    primitive.application_context_name = "1.2.840.10008.3.1.1.1"
    primitive.calling_ae_title, primitive.called_ae_title = calling, title
    context = build_context(CTImageStorage, ExplicitVRLittleEndian)
    context.context_id = CONTEXT
    primitive.presentation_context_definition_list = [context]
    most, ours = MaximumLengthNotification(), ImplementationClassUIDNotification()
    most.maximum_length_received, ours.implementation_class_uid = 16384, "1.2.3"
    primitive.user_information = [most, ours]
    request = A_ASSOCIATE_RQ()
    request.from_primitive(primitive)
    with socket.create_connection(("127.0.0.1", port), seconds) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = RawPeer(connection)
        peer.send(request.encode())
        assert peer.heard()[0] == 2
        yield peer
