"""A sender who speaks to the receiver as the contract says, one transfer each."""

import hashlib
from collections.abc import AsyncIterator

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_wire import routes, signing
from passbox_wire.digests import packs_digest, sha256
from passbox_wire.ids import DestinationId, TransferId
from passbox_wire.messages import (
    CloseTransfer,
    HeldPacks,
    OpenTransfer,
    coarse_bytes,
    parse_held_packs,
)
from passbox_wire.pack import PackHeader
from passbox_wire.sealing import OVERHEAD_BYTES
from tests.builders import wire
from tests.builders.answers import good
from tests.builders.receiver import House

CLIENT = "passbox/0.1.0"


class Sender:
    """One transfer's sender: signs as the contract says, and remembers what it sent."""

    def __init__(self, client: httpx.AsyncClient, house: House, *, name: str = "transfer") -> None:
        self.client = client
        self.key = wire.a_signing_key(name)
        self.code = wire.a_receipt_code(name)
        self.transfer: TransferId = wire.a_transfer_id(self.key)
        self.sent: dict[int, bytes] = {}
        self._house = house

    def message(self, *, total_bytes: int = 2**20, client: str = CLIENT) -> OpenTransfer:
        """Return the message that opens the transfer."""
        return OpenTransfer(
            wire.public(self.key),
            wire.a_destination_id(),
            coarse_bytes(total_bytes),
            sha256(self.code.handle),
            client,
        )

    async def open(
        self, message: OpenTransfer | None = None, *, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Open the transfer."""
        body = (message or self.message()).encode()
        signed = self.headers(signing.open_statement(self.transfer, body)) | (headers or {})
        path = routes.TRANSFER.format(transfer=self.transfer)
        return await self.client.put(path, content=body, headers=signed)

    async def put(
        self,
        number: int,
        pack: bytes | None = None,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | AsyncIterator[bytes] | None = None,
    ) -> httpx.Response:
        """Send a pack; ``body`` and ``headers`` stand in for what would be right."""
        pack = a_pack(self.transfer, number) if pack is None else pack
        signed = self.pack_headers(number, pack) | {"Content-Length": str(len(pack))}
        path = routes.PACK.format(transfer=self.transfer, number=number)
        answer = await self.client.put(
            path, content=pack if body is None else body, headers=signed | (headers or {})
        )
        if answer.is_success:
            self.sent[number] = sha256(pack)
        return answer

    def pack_headers(self, number: int, pack: bytes) -> dict[str, str]:
        """Return the headers of a pack, its length left to whoever sends it."""
        digest = sha256(pack)
        statement = signing.pack_statement(self.transfer, number, len(pack), digest)
        return self.headers(statement) | {routes.DIGEST_HEADER: digest.hex()}

    async def held(self, after: int | None = None) -> HeldPacks:
        """Ask for a page of held packs."""
        path = routes.PACKS.format(transfer=self.transfer)
        answer = await self.client.get(
            path if after is None else f"{path}?after={after}",
            headers=self.headers(signing.held_statement(self.transfer)),
        )
        return parse_held_packs(good(answer))

    async def close(self, packs: dict[int, bytes] | None = None) -> httpx.Response:
        """Close the transfer over what was sent, or over ``packs`` {number: SHA-256}."""
        packs = self.sent if packs is None else packs
        body = CloseTransfer(len(packs), packs_digest(packs)).encode()
        return await self.client.post(
            routes.CLOSE.format(transfer=self.transfer),
            content=body,
            headers=self.headers(signing.close_statement(self.transfer, body)),
        )

    async def cancel(self) -> httpx.Response:
        """Withdraw the transfer."""
        return await self.client.post(
            routes.CANCEL.format(transfer=self.transfer),
            headers=self.headers(signing.cancel_statement(self.transfer)),
        )

    async def receipt(self, *, after: int = 0, wait: int = 0) -> httpx.Response:
        """Ask for a receipt."""
        headers = self.headers(b"") | {routes.HANDLE_HEADER: self.code.handle.hex()}
        return await self.client.get(f"{routes.RECEIPT}?after={after}&wait={wait}", headers=headers)

    def headers(self, statement: bytes, key: Ed25519PrivateKey | None = None) -> dict[str, str]:
        """Return the headers of a request that says ``statement``."""
        return {
            routes.VERSION_HEADER: str(routes.VERSION),
            routes.CLIENT_HEADER: CLIENT,
            routes.SIGNATURE_HEADER: signing.sign(key or self.key, statement).hex(),
        }


def a_pack(
    transfer: TransferId,
    number: int = 0,
    *,
    size: int = 5000,
    content: str = "",
    destination: DestinationId | None = None,
) -> bytes:
    """Return bytes that the receiver cannot tell from a sealed pack: a true header, then noise."""
    header = PackHeader(bytes(8), destination or wire.a_destination_id(), transfer, number)
    length = OVERHEAD_BYTES + size
    noise = hashlib.shake_256(f"{transfer} {number} {content}".encode()).digest(length)
    return header.encode() + noise
