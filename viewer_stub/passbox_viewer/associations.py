"""What both our ends of DICOM associations share: pynetdicom's settings and a socket.

pynetdicom is configured by module globals; they are set here, once. Data sets go to and from files
in pieces, byte for byte: they are never decoded or encoded by us. Its logging of what it hears is
off: identifiers hold patients.
"""

import contextlib
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from pynetdicom import _config
from pynetdicom.fsm import InvalidEventError
from pynetdicom.transport import AssociationSocket

from passbox_base.closing import close_always
from passbox_base.reactors import wait_as_provider

LARGEST_PDU: Final = 1024 * 1024
"""Bytes of one PDU we take; one that says more ends the connection, nothing is allocated for it."""
PDU_BYTES: Final = 256 * 1024
"""What we announce. Fewer, larger PDUs: each costs the same in Python."""
QUEUED_PDUS: Final = 4
"""Unbounded, a sender holds a whole instance in memory."""
_LOOK_SECONDS: Final = 1.0


def configure() -> None:
    """Set pynetdicom's globals. Called by whoever opens or takes associations."""
    _config.UNRESTRICTED_STORAGE_SERVICE = True
    _config.STORE_RECV_CHUNKED_DATASET = True
    _config.STORE_SEND_CHUNKED_DATASET = True
    _config.LOG_REQUEST_IDENTIFIERS = False
    _config.LOG_RESPONSE_IDENTIFIERS = False
    _config.LOG_HANDLER_LEVEL = "none"
    close_always(AssociationSocket)


def on_connection(event: Any) -> None:
    """Prepare a fresh connection: no Nagle delay (53 ms an instance, measured), bounded reads."""
    wrapper = event.assoc.dul.socket
    wrapper.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wrapper.recv = _bounded_reader(wrapper.socket)
    _end_quietly(event.assoc.dul)
    if event.assoc.is_acceptor:
        wait_as_provider(event.assoc)


def _end_quietly(dul: Any) -> None:
    """End a connection that is told what its state does not know: aborted when all but over.

    Its thread would die of it with a traceback; here it ends.
    """
    act = dul.state_machine.do_action

    def act_or_end(event: str) -> None:
        try:
            act(event)
        except InvalidEventError:
            dul.kill_dul()
            dul.socket.close()

    dul.state_machine.do_action = act_or_end


def _bounded_reader(connection: socket.socket) -> Callable[[int], bytearray]:
    def read(count: int) -> bytearray:
        """Return ``count`` bytes, fewer at the end; raise OSError for a PDU that is too large."""
        if count > LARGEST_PDU:
            raise OSError("a PDU over the limit")
        data = bytearray(count)
        view, filled = memoryview(data), 0
        while filled < count:
            received = connection.recv_into(view[filled:])
            if not received:
                break
            filled += received
        view.release()
        del data[filled:]
        return data

    return read


def bound_queue(association: Any) -> None:
    """Let a sender wait for the network instead of filling memory, but never for a dead connection.

    Once bounded, pynetdicom's queue would block for ever when its thread ended; ours then raises
    ConnectionError.
    """
    waiting = association.dul.to_provider_queue
    waiting.maxsize = QUEUED_PDUS
    plain_put = waiting.put

    def put(item: Any) -> None:
        while True:
            try:
                plain_put(item, timeout=_LOOK_SECONDS)
            except queue.Full:
                if not association.dul.is_alive():
                    raise ConnectionError("the association has ended") from None
            else:
                return

    waiting.put = put


def stop_listening(server: Any) -> None:
    """Stop a server of pynetdicom's at once: it looks for its end twice a second only.

    A listening socket that is shut down wakes it; where the system refuses that, it takes its time.
    """
    with contextlib.suppress(OSError):
        server.socket.shutdown(socket.SHUT_RDWR)
    server.shutdown()


@contextlib.contextmanager
def answering_reports(association: Any) -> Iterator[None]:
    """Let the block end only when every report (N-EVENT-REPORT) that was heard is answered.

    pynetdicom answers each in a thread of its own. Released meanwhile, the answer would follow the
    release, of which the connection's thread dies (PS3.8 table 9-10 has no Evt9 in Sta7). And such
    a thread leaves behind that the association's own thread were running: where that one stands,
    release() would wait for ever.
    """
    serve, changed = association._serve_request, threading.Condition()  # noqa: SLF001  # no seam here
    serving, ended = 0, False

    def serve_unless_ended(message: Any, context_id: int) -> None:
        nonlocal serving
        with changed:
            if ended:
                return
            serving += 1
        try:
            serve(message, context_id)
        finally:
            with changed:
                association._is_paused = True  # noqa: SLF001  # see above
                serving -= 1
                changed.notify_all()

    association._serve_request = serve_unless_ended  # noqa: SLF001  # see above
    try:
        yield
    finally:
        with changed:
            ended = True
            changed.wait_for(lambda: not serving)
