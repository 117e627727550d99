"""The inside as the receiver sees it: every request signed with the destination's key."""

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_wire import routes, signing
from passbox_wire.ids import DestinationId, TransferId
from passbox_wire.inner.admin import Command, CommandAnswer, parse_command_answer
from passbox_wire.inner.receiver import (
    Acknowledged,
    AlarmsSeen,
    StopReason,
    StopTransfer,
    Work,
    WorkRequest,
    encode_acknowledgements,
    parse_work,
)
from passbox_wire.inner.requests import signed_headers
from passbox_wire.messages import (
    HeldPacks,
    parse_held_packs,
)
from passbox_wire.receipts import CoarseState, SignedReceipt, sign_receipt
from tests.builders import wire
from tests.builders.answers import good
from tests.builders.receiver import House
from tests.builders.sender_outside import Sender


class Poller:
    """The inside: signs each request with the destination's key."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        house: House,
        *,
        destination: DestinationId | None = None,
        key: Ed25519PrivateKey | None = None,
    ) -> None:
        self.client = client
        self.destination = destination or wire.a_destination_id()
        self._key = key or wire.a_signing_key("destination")
        self._house = house

    async def ask(
        self, method: str, target: str, body: bytes = b"", *, clock_off: int = 0
    ) -> httpx.Response:
        """Send one signed request; ``clock_off`` seconds of a wrong clock."""
        now = self._house.now() + clock_off
        headers = signed_headers(self._key, method, target, body, now)
        return await self.client.request(method, target, content=body, headers=headers)

    async def work(self, cursor: int = 0, wait: int = 0) -> Work:
        """Ask what there is to pull."""
        request = WorkRequest(self.destination, "poller-1", cursor, wait)
        return parse_work(good(await self.ask("POST", routes.WORK, request.encode())))

    async def packs(self, transfer: TransferId, after: int | None = None) -> HeldPacks:
        """Ask for a page of a transfer's packs."""
        path = routes.INNER_PACKS.format(transfer=transfer)
        target = path if after is None else f"{path}?after={after}"
        return parse_held_packs(good(await self.ask("GET", target)))

    async def pack(self, transfer: TransferId, number: int) -> httpx.Response:
        """Pull a pack."""
        return await self.ask("GET", routes.INNER_PACK.format(transfer=transfer, number=number))

    async def acknowledge(
        self,
        transfer: TransferId,
        packs: dict[int, bytes],
        *,
        key: Ed25519PrivateKey | None = None,
    ) -> httpx.Response:
        """Say that ``packs`` {number: SHA-256} are durable inside, signed with ``key`` or ours."""
        said = tuple(
            Acknowledged(
                number,
                digest,
                signing.sign(
                    key or self._key, signing.acknowledge_statement(transfer, number, digest)
                ),
            )
            for number, digest in packs.items()
        )
        target = routes.ACKNOWLEDGE.format(transfer=transfer)
        return await self.ask("POST", target, encode_acknowledgements(said))

    async def put_receipt(
        self,
        sender: Sender,
        *,
        sequence: int = 1,
        state: CoarseState = CoarseState.DELIVERED,
        key: Ed25519PrivateKey | None = None,
    ) -> tuple[SignedReceipt, httpx.Response]:
        """Hand over a receipt for a sender's transfer; return it and the answer."""
        signed = sign_receipt(
            wire.a_report(transfer=sender.transfer, sequence=sequence),
            state,
            None,
            self.destination,
            key or wire.a_signing_key("receipt"),
            sender.code.report_key().public_key,
        )
        return signed, await self.hand_over(sender.transfer, signed)

    async def hand_over(self, transfer: TransferId, signed: SignedReceipt) -> httpx.Response:
        """Put a receipt that is signed already."""
        target = routes.INNER_RECEIPT.format(transfer=transfer)
        return await self.ask("PUT", target, signed.encode())

    async def stop(
        self, transfer: TransferId, reason: StopReason = StopReason.FORGED_PACK
    ) -> httpx.Response:
        """Stop a transfer."""
        target = routes.STOP.format(transfer=transfer)
        return await self.ask("POST", target, StopTransfer(reason).encode())

    async def command(self, command: Command) -> CommandAnswer:
        """Carry an administrator's command."""
        answer = await self.ask("POST", routes.ADMINISTRATION, command.encode())
        return parse_command_answer(good(answer), command.id, command.kind)

    async def alarms_seen(self, sequence: int) -> httpx.Response:
        """Say that alarms are in the outbox."""
        return await self.ask("POST", routes.ALARMS, AlarmsSeen(sequence).encode())
