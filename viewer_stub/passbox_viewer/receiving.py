"""C-STORE requests, from their connection straight into a file (PS3.7 9.3.1, PS3.8 9.3.5).

pynetdicom negotiates the association, answers C-ECHO, releases and aborts. Images it would pass
through queues, events and several copies of every piece, which takes longer than anything else that
is done to them (ADR 0011); so its connection's thread is given another way to read while a C-STORE
request arrives. The rule: what is not exactly such a request is put back for pynetdicom to read.

It decides nothing: what an instance is good for and how it is answered says whoever is given it.
"""

import contextlib
import hashlib
import os
import secrets
import select
import socket
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any, Final

from passbox_base.durable import PRIVATE
from passbox_dicom.meta import file_meta_of
from passbox_dicom.uids import is_uid
from passbox_viewer.associations import LARGEST_PDU
from passbox_viewer.store import Claims, DataSet

SUCCESS: Final = 0x0000
OUT_OF_RESOURCES: Final = 0xA700
CANNOT_UNDERSTAND: Final = 0xC000
"""Status of a C-STORE (PS3.4 table B.2-1)."""

_P_DATA: Final = 0x04
_PDU: Final = struct.Struct(">BxL")
"""Header of a PDU: type and length (PS3.8 section 9.3)."""
_PDV: Final = struct.Struct(">LBB")
_COMMAND: Final = 0x01
_LAST: Final = 0x02
"""Bits of the message control header (PS3.8 annex E.2)."""
_ELEMENT: Final = struct.Struct("<HHL")
_CLASS: Final = 0x0002
_COMMAND_FIELD: Final = 0x0100
_MESSAGE_ID: Final = 0x0110
_ANSWERED_ID: Final = 0x0120
_DATA_SET_TYPE: Final = 0x0800
_STATUS: Final = 0x0900
_INSTANCE: Final = 0x1000
"""Elements of the command group (PS3.7 annex E.1)."""
_NUMBER_BYTES: Final = 2
_C_STORE_RQ: Final = 0x0001
_C_STORE_RSP: Final = 0x8001
_NO_DATA_SET: Final = 0x0101
_ESTABLISHED: Final = "Sta6"
_LOST: Final = "Evt17"
_INVALID: Final = "Evt19"
"""pynetdicom's names of a state and of events (PS3.8 section 9.2)."""
_SMALLEST_ANSWERED: Final = 1024
"""Bytes of a PDU that an answer always fits into."""
_MOST_WAITING: Final = 512
"""Fewer than one call takes (IOV_MAX)."""
_WAIT_SECONDS: Final = 0.02

Storing = Callable[[Claims, Path, DataSet], int]
"""Keeps an instance that lies in a file, which is gone with success, and returns the status."""


class _Nonsense(Exception):
    """No list of presentation data values, no command set, or not what belongs here."""


@dataclass(slots=True)
class _Arriving:
    """A C-STORE request on its way; without a file its data set is read and thrown away."""

    context_id: int
    message_id: int
    claims: Claims
    path: Path
    descriptor: int | None = None
    status: int = SUCCESS
    waiting: list[bytes | memoryview] = field(default_factory=list)
    """To be written before the buffer it lies in is used again."""
    hashed: Any = field(default_factory=hashlib.sha256)
    """Of the data set as it came."""
    data_set_bytes: int = 0

    def write(self) -> None:
        """Write what waits; a disk that does not take it ends the instance, not the request."""
        if self.descriptor is None:
            return
        try:
            while self.waiting:
                written = os.writev(self.descriptor, self.waiting)
                while self.waiting and written >= len(self.waiting[0]):
                    written -= len(self.waiting.pop(0))
                if self.waiting and written:
                    self.waiting[0] = self.waiting[0][written:]
        except OSError:
            self.discard()
            self.status = OUT_OF_RESOURCES

    def close(self) -> bool:
        """Close the file; return whether all of it is written."""
        self.write()
        descriptor, self.descriptor = self.descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):  # whoever syncs it hears of it
                os.close(descriptor)
        return descriptor is not None

    def discard(self) -> None:
        """Remove the file, never raise: what could not be written nobody wants any more."""
        descriptor, self.descriptor = self.descriptor, None
        self.waiting.clear()
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)


class Reception:
    """Takes the C-STORE requests of one association. Lives in its connection's thread."""

    def __init__(self, association: Any, folder: Path, storing: Storing) -> None:
        """Stand between the connection, which has just opened, and pynetdicom."""
        self._association = association
        self._dul = association.dul
        self._folder = folder
        self._storing = storing
        self._arriving: _Arriving | None = None
        self._buffer = bytearray(_PDU.size + LARGEST_PDU)
        self._start = self._end = 0
        self._syntaxes: dict[int, str] = {}
        self._receive = self._dul.socket.recv
        self._read_theirs = self._dul._read_pdu_data  # noqa: SLF001  # pynetdicom has no seam here
        self._dul.socket.recv = self._receive_again
        self._look_theirs = self._dul._is_transport_event  # noqa: SLF001  # see above
        self._dul._read_pdu_data = self._read  # noqa: SLF001  # see above
        self._dul._is_transport_event = self._look  # noqa: SLF001  # see above

    def abandon(self) -> None:
        """Remove what was cut off in the middle. Safe at any time."""
        arriving, self._arriving = self._arriving, None
        if arriving is not None:
            arriving.discard()

    def _look(self) -> bool:
        """Read if there is something; in place of pynetdicom's way to see that."""
        if self._start == self._end:
            return bool(self._look_theirs())
        self._read()
        return True

    def _read(self) -> None:
        """Read what the connection has, and all that follows closely."""
        while self._read_pdu() and (self._start != self._end or self._is_more()):
            pass

    def _is_more(self) -> bool:
        if (
            self._is_theirs
            or not self._dul.event_queue.empty()
            or self._dul.to_provider_queue.queue
        ):
            return False  # pynetdicom has something to do
        self._dul._idle_timer.restart()  # noqa: SLF001  # as pynetdicom does when it has read
        try:
            if self._arriving is not None and sys.platform == "linux":
                # A sender that gathers small pieces (Nagle) waits for this before the next one.
                connection = self._dul.socket.socket
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            return bool(select.select([self._dul.socket.socket], [], [], _WAIT_SECONDS)[0])
        except (AttributeError, OSError, TypeError, ValueError):  # closed, or gone
            return False

    def _read_pdu(self) -> bool:
        """Read one PDU; return whether it was ours and pynetdicom has nothing to do with it."""
        if self._is_theirs:
            self._read_theirs()
            return False
        try:
            whole = self._has(_PDU.size)
            kind, length = _PDU.unpack_from(self._buffer, self._start) if whole else (0, 0)
            end = _PDU.size + length
            ours = kind == _P_DATA and length <= LARGEST_PDU and self._has(end)
        except OSError:
            self._start = self._end
            self._dul.event_queue.put(_LOST)
            return False
        body = memoryview(self._buffer)[self._start + _PDU.size : self._start + end]
        try:
            if ours and self._is_taken(body):
                self._start += end
                return True
        except _Nonsense:
            self.abandon()
            self._start = self._end
            self._dul.event_queue.put(_INVALID)
            return False
        self._read_theirs()
        return False

    def _has(self, count: int) -> bool:
        """Return whether the buffer has so many bytes, having read as many as there are."""
        if self._end - self._start >= count:
            return True
        if self._arriving is not None:
            self._arriving.write()
        if self._start + count > len(self._buffer) or self._start == self._end:
            self._buffer[: self._end - self._start] = self._buffer[self._start : self._end]
            self._start, self._end = 0, self._end - self._start
        with memoryview(self._buffer) as view:
            while self._end - self._start < count:
                received = self._dul.socket.socket.recv_into(view[self._end :])
                if not received:
                    return False
                self._end += received
        return True

    def _receive_again(self, count: int) -> bytearray:
        """Give pynetdicom first what was read ahead; raise OSError as the connection's own does."""
        if count > LARGEST_PDU:
            raise OSError("a PDU over the limit")
        start, self._start = self._start, min(self._start + count, self._end)
        again = self._buffer[start : self._start]
        return again + self._receive(count - len(again)) if len(again) < count else again

    @property
    def _is_theirs(self) -> bool:
        """Whether pynetdicom is in the middle of something."""
        return (
            self._dul.state_machine.current_state != _ESTABLISHED
            or self._association.dimse.message is not None
        )

    def _is_taken(self, body: memoryview) -> bool:
        """Take a PDU of a C-STORE request; return False for another request's."""
        pieces = list(_pieces(body))
        if self._arriving is None:
            self._arriving = self._begun(pieces)
            if self._arriving is None:
                return False
            del pieces[0]
        for context_id, control, piece in pieces:
            self._take(context_id, control, piece)
        return True

    def _begun(self, pieces: list[tuple[int, int, memoryview]]) -> _Arriving | None:
        context_id, control, piece = pieces[0] if pieces else (0, 0, memoryview(b""))
        syntax, untrusted = self._syntax(context_id), _elements(piece)
        command = _number_in(untrusted, _COMMAND_FIELD)
        what_follows = _number_in(untrusted, _DATA_SET_TYPE)
        # A command in pieces would be allowed, but there is no need to: our PDUs hold any.
        if control != _COMMAND | _LAST or None in (syntax, command, what_follows):
            raise _Nonsense
        if command != _C_STORE_RQ:
            return None
        most = self._association.requestor.maximum_length
        if what_follows == _NO_DATA_SET or syntax is None or 0 < most < _SMALLEST_ANSWERED:
            raise _Nonsense
        claims = Claims(_uid_in(untrusted, _CLASS), _uid_in(untrusted, _INSTANCE), syntax)
        return self._opened(context_id, _number_in(untrusted, _MESSAGE_ID) or 0, claims)

    def _opened(self, context_id: int, message_id: int, claims: Claims) -> _Arriving:
        path = self._folder / f"arriving-{secrets.token_hex(8)}"
        arriving = _Arriving(context_id, message_id, claims, path)
        if not (is_uid(claims.sop_class_uid) and is_uid(claims.sop_instance_uid)):
            arriving.status = CANNOT_UNDERSTAND
            return arriving
        try:
            arriving.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        except OSError:
            arriving.status = OUT_OF_RESOURCES
        else:
            arriving.waiting.append(file_meta_of(*astuple(claims)))
        return arriving

    def _syntax(self, context_id: int) -> str | None:
        if not self._syntaxes:
            self._syntaxes = {
                context.context_id: str(context.transfer_syntax[0])
                for context in self._association.accepted_contexts
            }
        return self._syntaxes.get(context_id)

    def _take(self, context_id: int, control: int, piece: memoryview) -> None:
        arriving = self._arriving
        if arriving is None or control & _COMMAND or context_id != arriving.context_id:
            raise _Nonsense
        if arriving.descriptor is not None:
            arriving.waiting.append(piece)
            arriving.hashed.update(piece)
            arriving.data_set_bytes += len(piece)
            if len(arriving.waiting) >= _MOST_WAITING:
                arriving.write()
        if control & _LAST:
            self._arriving = None
            if arriving.close():
                arriving.status = self._stored(arriving)
            self._dul.socket.send(_answer(arriving))

    def _stored(self, arriving: _Arriving) -> int:
        data_set = DataSet(arriving.hashed.digest(), arriving.data_set_bytes)
        status = OUT_OF_RESOURCES
        try:
            status = self._storing(arriving.claims, arriving.path, data_set)
        finally:
            if status != SUCCESS:
                with contextlib.suppress(OSError):
                    arriving.path.unlink(missing_ok=True)
        return status


def _pieces(body: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield context id, control header and fragment of each value (PS3.8 table 9-23)."""
    at = 0
    while at < len(body):
        if len(body) - at < _PDV.size:
            raise _Nonsense
        length, context_id, control = _PDV.unpack_from(body, at)
        end = at + 4 + length
        if at + _PDV.size > end or end > len(body):
            raise _Nonsense
        yield context_id, control, body[at + _PDV.size : end]
        at = end


def _elements(untrusted: memoryview) -> dict[int, bytes]:
    """Return a command set's values by element number (PS3.7 6.3: group 0000, implicit, little)."""
    values, at = {}, 0
    while at + _ELEMENT.size <= len(untrusted):
        group, element, length = _ELEMENT.unpack_from(untrusted, at)
        at += _ELEMENT.size
        if group or at + length > len(untrusted):
            return {}
        values[element] = bytes(untrusted[at : at + length])
        at += length
    return values


def _number_in(untrusted: Mapping[int, bytes], element: int) -> int | None:
    value = untrusted.get(element, b"")
    return int.from_bytes(value, "little") if len(value) == _NUMBER_BYTES else None


def _uid_in(untrusted: Mapping[int, bytes], element: int) -> str:
    return untrusted.get(element, b"").decode("ascii", "replace").rstrip("\0 ")


def _answer(arriving: _Arriving) -> bytes:
    """Return the C-STORE response (PS3.7 table 9.3-2) as a P-DATA-TF PDU."""
    claims = arriving.claims
    elements = b"".join(
        (
            _uid(_CLASS, claims.sop_class_uid),
            _number(_COMMAND_FIELD, _C_STORE_RSP),
            _number(_ANSWERED_ID, arriving.message_id),
            _number(_DATA_SET_TYPE, _NO_DATA_SET),
            _number(_STATUS, arriving.status),
            _uid(_INSTANCE, claims.sop_instance_uid),
        )
    )
    command = _ELEMENT.pack(0, 0, 4) + struct.pack("<L", len(elements)) + elements
    value = _PDV.pack(len(command) + 2, arriving.context_id, _COMMAND | _LAST) + command
    return _PDU.pack(_P_DATA, len(value)) + value


def _uid(element: int, uid: str) -> bytes:
    value = uid.encode("ascii") if is_uid(uid) else b""
    value += b"\0" * (len(value) % 2)
    return _ELEMENT.pack(0, element, len(value)) + value


def _number(element: int, value: int) -> bytes:
    return _ELEMENT.pack(0, element, _NUMBER_BYTES) + struct.pack("<H", value)
