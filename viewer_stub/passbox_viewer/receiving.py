"""C-STORE requests, from their connection straight into a file (PS3.7 9.3.1, PS3.8 9.3.5).

pynetdicom negotiates the association, answers C-ECHO, releases and aborts. Images it would pass
through queues, events and several copies of every piece, which takes longer than anything else that
is done to them (ADR 0011); so its connection's thread is given another way to read while a C-STORE
request arrives. The rule: what is not exactly such a request is put back for pynetdicom to read.

It decides nothing: what an instance is good for and how it is answered says whoever is given it.
"""

import contextlib
import io
import secrets
import select
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from pynetdicom.dsutils import decode

from passbox_dicom.uids import is_uid
from passbox_viewer.associations import LARGEST_PDU
from passbox_viewer.store import Claims, write_meta

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
_C_STORE_RQ: Final = 0x0001
_C_STORE_RSP: Final = 0x8001
_NO_DATA_SET: Final = 0x0101
_ESTABLISHED: Final = "Sta6"
_LOST: Final = "Evt17"
_INVALID: Final = "Evt19"
"""pynetdicom's names of a state and of events (PS3.8 section 9.2)."""
_SMALLEST_ANSWERED: Final = 1024
"""Bytes of a PDU that an answer always fits into."""
_WAIT_SECONDS: Final = 0.02

Storing = Callable[[Claims, Path], int]
"""Keeps an instance that lies in a file, and returns the status."""


class _NoPieces(Exception):
    """The body of a P-DATA-TF PDU is no list of presentation data values."""


@dataclass(slots=True)
class _Arriving:
    """A C-STORE request on its way; without a file its data set is read and thrown away."""

    context_id: int
    message_id: int
    claims: Claims
    file: BinaryIO | None
    path: Path
    status: int = SUCCESS


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
        self._dul._read_pdu_data = self._read  # noqa: SLF001  # see above

    def abandon(self) -> None:
        """Remove what was cut off in the middle. Safe at any time."""
        arriving, self._arriving = self._arriving, None
        if arriving is not None:
            _discard(arriving)

    def _read(self) -> None:
        """Read what the connection has; while an instance arrives, all that follows closely."""
        while True:
            self._read_pdu()
            if self._start == self._end and (self._arriving is None or not self._is_more()):
                return

    def _is_more(self) -> bool:
        if self._dul.to_provider_queue.queue:  # somebody wants to end the association
            return False
        try:
            return bool(select.select([self._dul.socket.socket], [], [], _WAIT_SECONDS)[0])
        except (OSError, TypeError, ValueError):  # closed, or gone
            return False

    def _read_pdu(self) -> None:
        if self._is_theirs:
            self._read_theirs()
            return
        try:
            whole = self._has(_PDU.size)
            kind, length = _PDU.unpack_from(self._buffer, self._start) if whole else (0, 0)
            end = _PDU.size + length
            ours = kind == _P_DATA and length <= LARGEST_PDU and self._has(end)
        except OSError:
            self._start = self._end
            self._dul.event_queue.put(_LOST)
            return
        body = memoryview(self._buffer)[self._start + _PDU.size : self._start + end]
        if ours and self._is_taken(body):
            self._start += end
        else:
            self._read_theirs()

    def _has(self, count: int) -> bool:
        """Return whether the buffer has so many bytes, having read as many as there are."""
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
            or 0 < self._association.requestor.maximum_length < _SMALLEST_ANSWERED
        )

    def _is_taken(self, body: memoryview) -> bool:
        """Take a PDU of a C-STORE request; return False for any other."""
        try:
            pieces = list(_pieces(body))
            if self._arriving is None:
                self._arriving = self._begun(pieces)
                if self._arriving is None:
                    return False
                del pieces[0]
            for context_id, control, piece in pieces:
                self._take(context_id, control, piece)
        except _NoPieces:
            self.abandon()
            self._dul.event_queue.put(_INVALID)
        return True

    def _begun(self, pieces: list[tuple[int, int, memoryview]]) -> _Arriving | None:
        if not pieces:
            return None
        context_id, control, piece = pieces[0]
        syntax = self._syntax(context_id)
        if control != _COMMAND | _LAST or syntax is None:
            return None
        try:
            untrusted = decode(io.BytesIO(piece), True, True)  # noqa: FBT003  # implicit, little endian
            if untrusted.CommandField != _C_STORE_RQ:
                return None
            message_id = int(untrusted.MessageID)
            without = untrusted.CommandDataSetType == _NO_DATA_SET
            claims = Claims(
                str(untrusted.get("AffectedSOPClassUID") or ""),
                str(untrusted.get("AffectedSOPInstanceUID") or ""),
                syntax,
            )
        except Exception:  # noqa: BLE001  # whatever pydicom says of it: pynetdicom answers
            return None
        return None if without else self._opened(context_id, message_id, claims)

    def _opened(self, context_id: int, message_id: int, claims: Claims) -> _Arriving:
        path = self._folder / f"arriving-{secrets.token_hex(8)}"
        arriving = _Arriving(context_id, message_id, claims, None, path)
        if not (is_uid(claims.sop_class_uid) and is_uid(claims.sop_instance_uid)):
            arriving.status = CANNOT_UNDERSTAND
            return arriving
        try:
            arriving.file = path.open("xb")
            write_meta(arriving.file, claims)
        except OSError:
            _discard(arriving)
            arriving.status = OUT_OF_RESOURCES
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
            raise _NoPieces
        if arriving.file is not None:
            try:
                arriving.file.write(piece)
                if control & _LAST:
                    arriving.file.close()
            except OSError:
                _discard(arriving)
                arriving.status = OUT_OF_RESOURCES
        if control & _LAST:
            self._arriving = None
            if arriving.file is not None:
                arriving.status = self._stored(arriving)
            self._dul.socket.send(_answer(arriving))

    def _stored(self, arriving: _Arriving) -> int:
        try:
            return self._storing(arriving.claims, arriving.path)
        finally:
            with contextlib.suppress(OSError):
                arriving.path.unlink(missing_ok=True)


def _pieces(body: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield context id, control header and fragment of each value (PS3.8 table 9-23)."""
    at = 0
    while at < len(body):
        if len(body) - at < _PDV.size:
            raise _NoPieces
        length, context_id, control = _PDV.unpack_from(body, at)
        end = at + 4 + length
        if at + _PDV.size > end or end > len(body):
            raise _NoPieces
        yield context_id, control, body[at + _PDV.size : end]
        at = end


def _discard(arriving: _Arriving) -> None:
    file, arriving.file = arriving.file, None
    if file is not None:
        with contextlib.suppress(OSError):  # what it could not write nobody wants any more
            file.close()
        with contextlib.suppress(OSError):
            arriving.path.unlink(missing_ok=True)


def _answer(arriving: _Arriving) -> bytes:
    """Return the C-STORE response (PS3.7 table 9.3-2) as a P-DATA-TF PDU."""
    claims = arriving.claims
    elements = b"".join(
        (
            _uid(0x0002, claims.sop_class_uid),
            _number(0x0100, _C_STORE_RSP),
            _number(0x0120, arriving.message_id),
            _number(0x0800, _NO_DATA_SET),
            _number(0x0900, arriving.status),
            _uid(0x1000, claims.sop_instance_uid),
        )
    )
    command = struct.pack("<HHLL", 0x0000, 0x0000, 4, len(elements)) + elements
    value = _PDV.pack(len(command) + 2, arriving.context_id, _COMMAND | _LAST) + command
    return _PDU.pack(_P_DATA, len(value)) + value


def _uid(element: int, uid: str) -> bytes:
    value = uid.encode("ascii") if is_uid(uid) else b""
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HHL", 0x0000, element, len(value)) + value


def _number(element: int, value: int) -> bytes:
    return struct.pack("<HHLH", 0x0000, element, 2, value)
