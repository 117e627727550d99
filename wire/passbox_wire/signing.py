"""What is signed, byte for byte, and by whom (Ed25519, RFC 8032).

    transfer key      made by the client for one transfer: open, pack, held, close, cancel
    destination key   inside: requests to the receiver, acknowledgement of each pack, stop
    receipt key       inside: receipts; its public half is in the profile
    profile key       offline: profiles

Every statement starts with its own purpose line, so a signature for one purpose never verifies for
another. Signatures and digests travel in headers as lower-case hexadecimal.
"""

import re
import struct
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from passbox_wire.errors import Malformed, SignatureWrong
from passbox_wire.ids import TransferId

SIGNATURE_BYTES: Final = 64
PUBLIC_KEY_BYTES: Final = 32

_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}\Z")


def sign(private_key: Ed25519PrivateKey, statement: bytes) -> bytes:
    """Return the 64-byte signature over ``statement``."""
    return private_key.sign(statement)


def verify(public_key: bytes, signature: bytes, statement: bytes) -> None:
    """Raise SignatureWrong unless ``public_key`` (raw, 32 bytes) signed ``statement``."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)
    except (InvalidSignature, ValueError) as error:
        raise SignatureWrong from error


def parse_signature(untrusted_header: str) -> bytes:
    """Return the 64 bytes of a signature header; raise Malformed otherwise."""
    if not _SIGNATURE.match(untrusted_header):
        raise Malformed("signature", "not 128 lower-case hexadecimal digits")
    return bytes.fromhex(untrusted_header)


def _transfer_statement(purpose: str, transfer: TransferId, rest: bytes = b"") -> bytes:
    return f"passbox/v1/{purpose}\n".encode() + bytes.fromhex(transfer) + rest


def open_statement(transfer: TransferId, body: bytes) -> bytes:
    """Transfer key: the canonical body of OpenTransfer."""
    return _transfer_statement("open", transfer, body)


def pack_statement(transfer: TransferId, number: int, length: int, sha256: bytes) -> bytes:
    """Transfer key: one pack; ``length`` in bytes and ``sha256`` are of header and message."""
    return _transfer_statement("pack", transfer, struct.pack(">IQ", number, length) + sha256)


def held_statement(transfer: TransferId) -> bytes:
    """Transfer key: the question which packs are held.

    It has no time in it: who replays it learns numbers, digests and lengths of one transfer's
    sealed packs, which whoever could record the request has seen go by.
    """
    return _transfer_statement("held", transfer)


def close_statement(transfer: TransferId, body: bytes) -> bytes:
    """Transfer key: the canonical body of CloseTransfer."""
    return _transfer_statement("close", transfer, body)


def cancel_statement(transfer: TransferId) -> bytes:
    """Transfer key: the sender withdraws the transfer."""
    return _transfer_statement("cancel", transfer)


def acknowledge_statement(transfer: TransferId, number: int, sha256: bytes) -> bytes:
    """Destination key: this sealed pack is durable inside; the receiver may let go of it."""
    return _transfer_statement("acknowledge", transfer, struct.pack(">I", number) + sha256)


def request_statement(method: str, target: str, time: int, body_sha256: bytes) -> bytes:
    """Destination key: one request of the inner contract.

    ``target`` is path and query as sent, ``time`` Unix seconds. No host: no method and target is
    served by both the receiver and the viewer, so a request to one is none to the other.
    """
    return f"passbox/v1/request\n{method} {target}\n{time}\n".encode() + body_sha256


def receipt_statement(body: bytes) -> bytes:
    """Receipt key: the canonical body of a Receipt."""
    return b"passbox/v1/receipt\n" + body


def profile_statement(body: bytes) -> bytes:
    """Profile key: the canonical body of a Profile."""
    return b"passbox/v1/profile\n" + body
