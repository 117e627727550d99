"""Reading a request: every header, number and body through a bound before it means anything.

The rule: nothing here trusts a length that was not counted, and a body is whole in memory only when
it is a small message. Packs are streams and do not come this way (quarantine.py).
"""

import re
from typing import Final

from fastapi import Request

from passbox_receiver.errors import Refused
from passbox_receiver.quarantine import DeclaredPack
from passbox_wire import routes, signing
from passbox_wire.digests import DIGEST_BYTES
from passbox_wire.errors import Malformed, TooLarge
from passbox_wire.ids import parse_pack_number, parse_transfer_id
from passbox_wire.messages import MAX_MESSAGE_BYTES
from passbox_wire.pack import HEADER_BYTES, MAX_SEALED_BYTES
from passbox_wire.problems import Code, Problem
from passbox_wire.sealing import OVERHEAD_BYTES

_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z", re.ASCII)
_CLIENT: Final = re.compile(r"passbox/(\d{1,5})\.(\d{1,5})\.(\d{1,5})\Z", re.ASCII)
_LEAST_SEALED: Final = HEADER_BYTES + OVERHEAD_BYTES


async def read_message(request: Request, most: int = MAX_MESSAGE_BYTES) -> bytes:
    """Return a body of at most ``most`` bytes; raise TooLarge before reading more."""
    declared = request.headers.get("Content-Length", "0")
    if _NUMBER.match(declared) and int(declared) > most:
        raise TooLarge("body", f"longer than {most} bytes")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise TooLarge("body", f"longer than {most} bytes")
    return bytes(body)


def parse_number(untrusted: str | None, *, most: int) -> int:
    """Return a number of a query, 0 when absent, at most ``most``; raise Malformed."""
    if untrusted is None:
        return 0
    if not _NUMBER.match(untrusted):
        raise Malformed("query", "not a number")
    return min(int(untrusted), most)


def parse_hex_header(request: Request, name: str, size: int) -> bytes:
    """Return the ``size`` bytes of a header in hexadecimal; raise Malformed."""
    untrusted = request.headers.get(name, "")
    if not re.match(rf"[0-9a-f]{{{2 * size}}}\Z", untrusted, re.ASCII):
        raise Malformed(name, f"not {2 * size} lower-case hexadecimal digits")
    return bytes.fromhex(untrusted)


def parse_signature_header(request: Request) -> bytes:
    """Return the 64 bytes of the signature header; raise Malformed."""
    return signing.parse_signature(request.headers.get(routes.SIGNATURE_HEADER, ""))


def parse_declared_pack(request: Request, transfer: str, number: str) -> DeclaredPack:
    """Return what a request says of the pack in its body; raise Malformed, TooLarge."""
    length = request.headers.get("Content-Length", "")
    if "Transfer-Encoding" in request.headers or not _NUMBER.match(length):
        raise Malformed("Content-Length", "a pack says how long it is")
    if int(length) > MAX_SEALED_BYTES:
        raise TooLarge("pack", f"longer than {MAX_SEALED_BYTES} bytes")
    if int(length) < _LEAST_SEALED:
        raise Malformed("pack", "shorter than an empty one")
    return DeclaredPack(
        parse_transfer_id(transfer),
        parse_pack_number(number),
        int(length),
        parse_hex_header(request, routes.DIGEST_HEADER, DIGEST_BYTES),
        parse_signature_header(request),
    )


def must_speak_our_version(request: Request, download: str | None) -> None:
    """Raise Refused unless the request is of the version of the contract that is served."""
    untrusted = request.headers.get(routes.VERSION_HEADER)
    if untrusted is None:
        raise Malformed(routes.VERSION_HEADER, "missing")
    if untrusted != str(routes.VERSION):
        raise Refused(Problem(Code.CLIENT_TOO_OLD, text=download))


def must_be_recent(untrusted_client: str, oldest: str, download: str | None) -> None:
    """Raise Refused when this is one of our clients, and older than the oldest served.

    Other programs may speak the contract; they are held to its version only.
    """
    found = _CLIENT.match(untrusted_client)
    if found and tuple(map(int, found.groups())) < tuple(map(int, oldest.split("."))):
        raise Refused(Problem(Code.CLIENT_TOO_OLD, text=download))


def signed_target(request: Request) -> str:
    """Return path and query exactly as sent."""
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")
