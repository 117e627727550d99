"""A checker target that a hostile file has taken over, each kind of file in its own way."""

import socket

from passbox_dicom.check import check_file
from passbox_dicom.handed import opened
from passbox_wire.canonical import Json

Message = dict[str, Json]

LOOP = b"Loop^For^Ever"
BALLOON = b"Balloon"
SOCKET = b"Open^Sockets"


def check(request: Message) -> Message:
    """Check an honest file as always; loop, balloon or call home for the others."""
    with opened(request) as file:
        data = file.read()
    if LOOP in data:
        while True:
            pass
    if BALLOON in data:
        pages = []
        while True:
            pages.append(bytearray(16 * 1024 * 1024))
    if SOCKET in data:
        socket.create_connection(("127.0.0.1", 9)).close()
    return check_file(request)
