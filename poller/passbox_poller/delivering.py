"""C-STORE of received bytes into the transfer's namespace at the viewer.

PS3.4 annex B, PS3.7 section 9.1.1.

The rule: the data set goes out exactly as it came, from the file in pieces, and pydicom never reads
it: presentation contexts and UIDs come from the worker's facts. Contexts are the (SOP class,
transfer syntax) pairs really there, one syntax each, so the store can take no pair in another
syntax. Measured reasons: TCP_NODELAY (53 ms an instance without it, 11 with), a bounded queue to
the network thread (1.2 GB of a 2 GB instance piled up without). Success is the store's word that it
is durable; whether it is there is asked again before the verdict.
"""

import itertools
import queue
import socket
import sys
import threading
import time
from typing import Any, Final

from pynetdicom import AE, _config, build_context, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.transport import AssociationSocket

from passbox_base.closing import close_always
from passbox_base.reactors import wait_as_user
from passbox_poller.checking import Instance
from passbox_poller.errors import FileRefused, NotNow, Refusal

MAX_CONTEXTS: Final = 128
_QUEUED_PDUS: Final = 16
_PDU_BYTES: Final = 256 * 1024
_CONNECT_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 120.0
_MEDIUM_PRIORITY: Final = 0
_MAX_MESSAGE_ID: Final = 65535

_SUCCESS: Final = 0x0000
_WARNING: Final = 0xB000
_OUT_OF_RESOURCES: Final = 0xA700
_CLASS: Final = 0xF000
_SUBCLASS: Final = 0xFF00

_config.LOG_REQUEST_IDENTIFIERS = False
_config.LOG_RESPONSE_IDENTIFIERS = False
_config.LOG_HANDLER_LEVEL = "none"
close_always(AssociationSocket)

Pair = tuple[str, str]
"""SOP class and transfer syntax."""


class StoreUser:
    """One association at a time, to whichever namespace is asked for. Not thread-safe."""

    def __init__(self, host: str, port: int, calling: str) -> None:
        self._host, self._port, self._calling = host, port, calling
        self._association: Any = None
        self._called = ""
        self._pairs: list[Pair] = []
        self._message_ids = itertools.cycle(range(1, _MAX_MESSAGE_ID + 1))

    @property
    def called(self) -> str:
        """The AE title of the association that is open, or was last."""
        return self._called

    def store(self, ae_title: str, instance: Instance) -> None:
        """Send one instance; the store has it durably on return.

        Raises NotNow when the store is away, busy, or the association broke; FileRefused when it
        does not take this instance.
        """
        pair = (instance.sop_class_uid, instance.transfer_syntax_uid)
        self._associate(ae_title, pair)
        context_id = self._context_of(pair)
        if context_id is None:
            raise FileRefused(Refusal.STORE_REFUSED)
        status = self._send(instance, context_id)
        if status == _SUCCESS or status & _CLASS == _WARNING:
            return
        if status & _SUBCLASS == _OUT_OF_RESOURCES:
            raise NotNow("the store is out of resources")
        raise FileRefused(Refusal.STORE_REFUSED)

    def release(self) -> None:
        """End the association, if there is one."""
        association, self._association = self._association, None
        if association is not None and association.is_established:
            association.release()

    def _associate(self, ae_title: str, pair: Pair) -> None:
        here = self._called == ae_title
        if (
            here
            and pair in self._pairs
            and self._association is not None
            and self._association.is_established
        ):
            return
        self.release()
        known = self._pairs if here and len(self._pairs) < MAX_CONTEXTS else []
        self._called = ae_title
        self._pairs = [*(known_pair for known_pair in known if known_pair != pair), pair]
        self._association = self._open(ae_title)

    def _open(self, ae_title: str) -> Any:
        ae = AE(ae_title=self._calling)
        ae.connection_timeout = _CONNECT_SECONDS
        ae.acse_timeout = _ANSWER_SECONDS
        ae.dimse_timeout = _ANSWER_SECONDS
        ae.network_timeout = _ANSWER_SECONDS
        association = ae.associate(
            self._host,
            self._port,
            contexts=[build_context(sop_class, syntax) for sop_class, syntax in self._pairs],
            ae_title=ae_title,
            max_pdu=_PDU_BYTES,
            evt_handlers=[(evt.EVT_CONN_OPEN, _hurry), (evt.EVT_CONN_CLOSE, _unblock)],
        )
        if not association.is_established and not association.rejected_contexts:
            raise NotNow("no association with the store")
        # Else the store was there and took none of the pairs: no context will be found.
        return association

    def _context_of(self, pair: Pair) -> int | None:
        for context in self._association.accepted_contexts:
            if (str(context.abstract_syntax), str(context.transfer_syntax[0])) == pair:
                return int(context.context_id)
        return None

    def _send(self, instance: Instance, context_id: int) -> int:
        """Send as Association.send_c_store does, without letting pydicom open the file."""
        association = self._association
        request = C_STORE()
        request.MessageID = next(self._message_ids)
        request.Priority = _MEDIUM_PRIORITY
        request.AffectedSOPClassUID = instance.sop_class_uid
        request.AffectedSOPInstanceUID = instance.sop_instance_uid
        request._dataset_path = (instance.path, instance.data_set_offset)  # noqa: SLF001  # pynetdicom's seam for chunked sending
        association._reactor_checkpoint.clear()  # noqa: SLF001  # as send_c_store: we read the answer, not the reactor
        try:
            while not association._is_paused and association.is_alive():  # noqa: SLF001  # see above
                time.sleep(0.0001)
            association.dimse.send_msg(request, context_id)
            _, answer = association.dimse.get_msg(block=True)
        except queue.Full:
            answer = None
        finally:
            association._reactor_checkpoint.set()  # noqa: SLF001  # see above
        if answer is None or answer.Status is None:
            if association.is_established:
                association.abort()
            raise NotNow("the store did not answer")
        return int(answer.Status)


def _hurry(event: Any) -> None:
    # Bounded here, before anything can close it: once unblocked it must stay so.
    event.assoc.dul.to_provider_queue.maxsize = _QUEUED_PDUS
    sock = event.assoc.dul.socket.socket
    if sock is not None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wait_as_user(event.assoc)


def _unblock(event: Any) -> None:
    """Let a sender go that waits for room in the queue of a connection that is gone.

    What is left of its instance raises queue.Full, and does not pile up.
    """
    waiting = event.assoc.dul.to_provider_queue
    plain_put = waiting.put

    def put(item: Any, *arguments: Any, **options: Any) -> None:
        if isinstance(item, P_DATA):
            raise queue.Full
        plain_put(item, *arguments, **options)

    waiting.put = put
    with waiting.mutex:
        waiting.maxsize = sys.maxsize  # 0, no bound, would keep who waits already
        waiting.not_full.notify_all()


class StoreUsers:
    """A few store users for many threads."""

    def __init__(self, host: str, port: int, calling: str, size: int) -> None:
        self._lock = threading.Condition()
        self._free = [StoreUser(host, port, calling) for _ in range(size)]

    def store(self, ae_title: str, instance: Instance) -> None:
        """As StoreUser.store, with whichever user is free, at best one that is there already."""
        user = self._take(ae_title)
        try:
            user.store(ae_title, instance)
        finally:
            with self._lock:
                self._free.append(user)
                self._lock.notify()

    def _take(self, ae_title: str) -> StoreUser:
        with self._lock:
            while not self._free:
                self._lock.wait()
            at = next((i for i, user in enumerate(self._free) if user.called == ae_title), 0)
            return self._free.pop(at)

    def release(self, ae_title: str | None = None) -> None:
        """End idle associations: to one namespace, or all."""
        with self._lock:
            idle = [user for user in self._free if ae_title in (None, user.called)]
            for user in idle:
                user.release()
