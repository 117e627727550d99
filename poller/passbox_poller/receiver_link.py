"""The receiver as the poller sees it: an enemy that answers nine questions.

The rule: every id and number in a path is ours or was parsed; every answer has a byte budget and
goes through the contract's parser; a transfer's id must be the hash of the key it claims, and that
key must have signed the close or cancel; packs stream into the spool and are nothing until their
digest was proved there. Budgets of time: link.py.
"""

from collections.abc import Iterator
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.errors import PackConflict, WrongDigest, WrongLength
from passbox_base.pack_store import PackKey, PackStoreLike
from passbox_poller.errors import PeerWrong
from passbox_poller.link import Link
from passbox_wire import routes, signing
from passbox_wire.errors import Malformed, SignatureWrong
from passbox_wire.ids import DestinationId, TransferId, transfer_id
from passbox_wire.inner.admin import (
    MAX_ANSWER_BYTES,
    Command,
    CommandAnswer,
    parse_command_answer,
)
from passbox_wire.inner.receiver import (
    MAX_ACKNOWLEDGED,
    Acknowledged,
    AlarmsSeen,
    StopReason,
    StopTransfer,
    Work,
    WorkRequest,
    encode_acknowledgements,
    parse_work,
    verify_end,
)
from passbox_wire.messages import HeldPack, parse_held_packs
from passbox_wire.pack import MAX_SEALED_BYTES

_MAX_WORK_BYTES: Final = 1024 * 1024
_MAX_PAGE_BYTES: Final = 256 * 1024
_MAX_PAGES: Final = 10_000
_NOTHING: Final = 0


class ReceiverLink:
    """Questions to the receiver for one destination. Threads may share it.

    All raise NotNow, PeerWrong, Problem.
    """

    def __init__(
        self, link: Link, key: Ed25519PrivateKey, destination: DestinationId, poller: str
    ) -> None:
        self._link = link
        self._key = key
        self._destination = destination
        self._poller = poller

    def work(self, cursor: int, wait: int) -> Work:
        """Return what is there to do; waits up to ``wait`` seconds for news behind ``cursor``."""
        request = WorkRequest(self._destination, self._poller, cursor, wait)
        answer = self._link.ask(
            "POST", routes.WORK, request.encode(), most=_MAX_WORK_BYTES, wait=wait
        )
        try:
            work = parse_work(answer.body)
        except Malformed as error:
            raise PeerWrong("work that is not of the contract") from error
        if any(transfer_id(item.public_key) != item.transfer for item in work.items):
            raise PeerWrong("a transfer under another key's id")
        try:
            for item in work.items:
                verify_end(item)
        except SignatureWrong as error:
            raise PeerWrong("an end that the sender did not sign") from error
        return work

    def held(self, transfer: TransferId) -> Iterator[HeldPack]:
        """Yield the packs the receiver has or had, in order of number.

        A list that does not rise is refused.
        """
        path = routes.INNER_PACKS.format(transfer=transfer)
        target, last = path, -1
        for _ in range(_MAX_PAGES):
            answer = self._link.ask("GET", target, most=_MAX_PAGE_BYTES)
            try:
                page = parse_held_packs(answer.body)
            except Malformed as error:
                raise PeerWrong("a list that is not of the contract") from error
            for pack in page.packs:
                if pack.number <= last or pack.length > MAX_SEALED_BYTES:
                    raise PeerWrong("a list out of order or of packs too large")
                last = pack.number
                yield pack
            if page.following is None:
                return
            if not page.packs:
                raise PeerWrong("a list without end")
            target = f"{path}?after={page.following}"
        raise PeerWrong("a list without end")

    def pull(self, transfer: TransferId, pack: HeldPack, spool: PackStoreLike) -> None:
        """Bring one pack into the spool; durable on return. Also raises StoreFull, StoreFailed."""
        target = routes.INNER_PACK.format(transfer=transfer, number=pack.number)
        try:
            with spool.incoming(PackKey(transfer, pack.number), pack.length) as incoming:
                self._link.fetch(target, pack.length, incoming.write)
                incoming.commit(pack.sha256)
        except (WrongLength, WrongDigest, PackConflict) as error:
            raise PeerWrong("another pack than was listed") from error

    def acknowledge(self, transfer: TransferId, packs: list[HeldPack]) -> None:
        """Say that these packs are durable inside, at most MAX_ACKNOWLEDGED at a time."""
        target = routes.ACKNOWLEDGE.format(transfer=transfer)
        for at in range(0, len(packs), MAX_ACKNOWLEDGED):
            signed = tuple(
                self._acknowledged(transfer, pack) for pack in packs[at : at + MAX_ACKNOWLEDGED]
            )
            self._link.ask("POST", target, encode_acknowledgements(signed), most=_NOTHING)

    def _acknowledged(self, transfer: TransferId, pack: HeldPack) -> Acknowledged:
        statement = signing.acknowledge_statement(transfer, pack.number, pack.sha256)
        return Acknowledged(pack.number, pack.sha256, signing.sign(self._key, statement))

    def hand_receipt(self, transfer: TransferId, signed: bytes) -> None:
        """Hand over a signed receipt for the sender."""
        target = routes.INNER_RECEIPT.format(transfer=transfer)
        self._link.ask("PUT", target, signed, most=_NOTHING)

    def stop(self, transfer: TransferId, reason: StopReason) -> None:
        """Say that nothing more of this transfer is taken."""
        target = routes.STOP.format(transfer=transfer)
        self._link.ask("POST", target, StopTransfer(reason).encode(), most=_NOTHING)

    def alarms_seen(self, sequence: int) -> None:
        """Say that alarms up to ``sequence`` are in the outbox."""
        self._link.ask("POST", routes.ALARMS, AlarmsSeen(sequence).encode(), most=_NOTHING)

    def command(self, command: Command) -> CommandAnswer:
        """Have an administrator's command done, once however often it is asked."""
        answer = self._link.ask(
            "POST", routes.ADMINISTRATION, command.encode(), most=MAX_ANSWER_BYTES
        )
        try:
            return parse_command_answer(answer.body, command.id, command.kind)
        except Malformed as error:
            raise PeerWrong("an answer that is not of the contract") from error

    def cut(self) -> None:
        """End every exchange, also those that wait: they raise NotNow."""
        self._link.cut()
