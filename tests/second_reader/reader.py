"""A second reader of sealed packs, receipts and profiles, written from docs/formats/ alone.

It shares no code with the product and does not use the library's HPKE: what both read is what the
pages say. It refuses what the pages refuse, and knows no limits of time. Not part of the product.
"""

import base64
import hashlib
import hmac
import json
import struct
from dataclasses import dataclass
from typing import Any

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KINDS = ["padding", "inventory", "file", "manifest"]
CODECS = ["stored", "zstd", "jpegls"]
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class UnreadableError(Exception):
    """Not what the pages say."""


def require(holds: object, what: str) -> None:
    """Raise UnreadableError unless it holds."""
    if not holds:
        raise UnreadableError(what)


# canonical-json.md


def refuse(number: str) -> None:
    """Raise UnreadableError: there are no fractions."""
    raise UnreadableError(number)


def read_json(data: bytes) -> Any:
    """Return the document; refuse every spelling but one."""
    try:
        document = json.loads(data.decode(), parse_float=refuse, parse_constant=refuse)
        again = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        same = again.encode() == data
    except (ValueError, RecursionError) as error:
        raise UnreadableError("no JSON") from error
    require(same, "not canonical")
    return document


# pack.md, the seal


@dataclass(frozen=True)
class Opened:
    """A plaintext and what it was derived from, for those who compare step by step."""

    plaintext: bytes
    shared_secret: bytes
    key: bytes
    nonce: bytes


SUITE_ID = b"HPKE" + bytes.fromhex("647a 0001 0002")


def extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
    """LabeledExtract of RFC 9180 section 4."""
    return hmac.digest(salt, b"HPKE-v1" + SUITE_ID + label + ikm, "sha256")


def expand(prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """LabeledExpand of RFC 9180 section 4; one block is enough for a key."""
    text = struct.pack(">H", length) + b"HPKE-v1" + SUITE_ID + label + info
    return hmac.digest(prk, text + b"\x01", "sha256")[:length]


def decapsulate(seeds: bytes, lattice: bytes, share: bytes) -> bytes:
    """Return the shared secret: X-Wing's combiner over ML-KEM-768 and X25519."""
    own = X25519PrivateKey.from_private_bytes(seeds[64:])
    first = MLKEM768PrivateKey.from_seed_bytes(seeds[:64]).decapsulate(lattice)
    try:
        second = own.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError as error:
        raise UnreadableError("all-zero share") from error
    point = own.public_key().public_bytes_raw()
    label = bytes.fromhex("5c2e2f2f5e5c")
    return hashlib.sha3_256(first + second + share + point + label).digest()


def unseal(seeds: bytes, message: bytes, info: bytes) -> Opened:
    """Open one HPKE message, base mode, empty aad."""
    require(len(seeds) == 96, "no private sealing key")
    require(len(message) >= 1136, "too short")
    lattice, share, ciphertext = message[:1088], message[1088:1120], message[1120:]
    shared = decapsulate(seeds, lattice, share)
    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    key = expand(secret, b"key", context, 32)
    nonce = expand(secret, b"base_nonce", context, 12)
    try:
        return Opened(AESGCM(key).decrypt(nonce, ciphertext, b""), shared, key, nonce)
    except InvalidTag as error:
        raise UnreadableError("the tag does not fit") from error


# pack.md, header and records


@dataclass(frozen=True)
class Piece:
    """One record; ``data`` as they stand there."""

    kind: str
    codec: str
    index: int
    offset: int
    raw_length: int
    data: bytes
    sha256: bytes | None

    def decode(self) -> bytes:
        """Return the raw bytes; JPEG-LS is another page's."""
        require(self.codec != "jpegls", "not on this page")
        if self.codec == "stored":
            return self.data
        raw = zstandard.ZstdDecompressor().decompress(self.data, max_output_size=self.raw_length)
        require(len(raw) == self.raw_length, "another length")
        return raw


@dataclass(frozen=True)
class Pack:
    """Header and records of a sealed pack."""

    key_id: str
    destination: str
    transfer: str
    number: int
    opened: Opened
    pieces: list[Piece]


def read_pack(sealed: bytes, seeds: bytes) -> Pack:
    """Open a pack with the 96 bytes of the private sealing key."""
    require(60 + 1136 <= len(sealed) <= 8 * 2**20 + 1196, "length")
    head = sealed[:60]
    require(head[:16] == b"PASSBOX\x01\x01\x01" + bytes(6), "not suite 1 of version 1")
    opened = unseal(seeds, sealed[60:], b"passbox/v1/pack\n" + head)
    return Pack(
        head[16:24].hex(),
        head[24:40].hex(),
        head[40:56].hex(),
        int.from_bytes(head[56:], "big"),
        opened,
        read_records(opened.plaintext),
    )


def read_records(plaintext: bytes) -> list[Piece]:
    """Return the records, padding left out."""
    pieces, at, total = [], 0, 0
    while at < len(plaintext):
        require(len(plaintext) - at >= 24, "cut off")
        kind, codec, ends, reserved, index, offset, raw, length = struct.unpack_from(
            ">BBBBIQII", plaintext, at
        )
        at += 24
        require(kind < len(KINDS) and codec < len(CODECS), "unknown kind or codec")
        require(ends <= 1 and not reserved, "reserved")
        digest = plaintext[at : at + 32 * ends]
        data = plaintext[at + 32 * ends : at + 32 * ends + length]
        at += 32 * ends + length
        require(at <= len(plaintext), "cut off")
        require(codec or length == raw, "stored in another length")
        require(kind or not (codec or ends or index or offset), "talking padding")
        require(offset + raw <= 2**40, "too far")
        if kind:
            total += raw
            require(total <= 64 * 2**20, "bomb")
            pieces.append(
                Piece(KINDS[kind], CODECS[codec], index, offset, raw, data, digest or None)
            )
    return pieces


# receipt.md and profile.md


def verify(public_key: bytes, signature: bytes, statement: bytes) -> None:
    """Ed25519 as in RFC 8032; the library says how it fails."""
    Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)


def read_receipt(data: bytes, receipt_key: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the body of a signed receipt and the sealed report."""
    outer = read_json(data)
    body, report = bytes.fromhex(outer["receipt"]), bytes.fromhex(outer["report"])
    require(outer["signer"] == hashlib.sha256(receipt_key).hexdigest()[:16], "another signer")
    verify(receipt_key, bytes.fromhex(outer["signature"]), b"passbox/v1/receipt\n" + body)
    receipt: dict[str, Any] = read_json(body)
    require(receipt["report_sha256"] == hashlib.sha256(report).hexdigest(), "another report")
    return receipt, report


def read_report(sealed: bytes, transfer: str, seeds: bytes) -> Any:
    """Open the report with the seeds that come from the receipt code."""
    info = b"passbox/v1/report\n" + bytes.fromhex(transfer)
    return read_json(unseal(seeds, sealed, info).plaintext)


def read_profile(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return a profile's body and the signer's public key."""
    magic, line, body = data.split(b"\n", 2)
    require(magic == b"PASSBOX PROFILE 1", "no profile")
    signer, signature = (bytes.fromhex(part) for part in line.decode().split(" "))
    verify(signer, signature, b"passbox/v1/profile\n" + body)
    profile: dict[str, Any] = read_json(body)
    return profile, signer


# manifest.md


def root_of(manifest: dict[str, Any]) -> str:
    """Return the root hash over the files that were sent."""
    sent = [file for file in manifest["files"] if file["outcome"] == "sent"]
    pairs = (struct.pack(">I", file["index"]) + bytes.fromhex(file["sha256"]) for file in sent)
    return hashlib.sha256(b"".join(pairs)).hexdigest()


# codes.md


def base32(data: bytes) -> str:
    """Return Crockford's digits, most significant first."""
    number = int.from_bytes(data, "big")
    digits = range(len(data) * 8 // 5)
    return "".join(reversed([BASE32[number >> 5 * place & 31] for place in digits]))


def read_receipt_code(typed: str) -> bytes:
    """Return the ten bytes of a code as it is printed."""
    digits = [(BASE32 + "*~$=U").index(letter) for letter in typed.replace("-", "")]
    require(len(digits) == 17 and max(digits[:16]) < 32, "no code")
    number = 0
    for digit in digits[:16]:
        number = number * 32 + digit
    require(number % 37 == digits[16], "mistyped")
    return number.to_bytes(10, "big")


def derive(secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 of RFC 5869 with no salt."""
    prk, block, data = hmac.digest(bytes(32), secret, "sha256"), b"", b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.digest(prk, block + info + bytes([counter]), "sha256")
        data += block
    return data[:length]


def report_seeds(secret: bytes) -> bytes:
    """Return the private sealing key of a receipt code."""
    return derive(secret, b"passbox/v1/report-key", 96)


def phone_code(manifest: bytes) -> str:
    """Return the eight digits both sides read out."""
    digits = base32(hashlib.sha256(manifest).digest()[:5])
    return f"{digits[:4]}-{digits[4:]}"


# keys.md


def read_sealing_key(pem: str) -> bytes:
    """Return the seeds of a private sealing key file."""
    lines = pem.split("\n")
    require(lines[0] == "-----BEGIN PASSBOX SEALING KEY-----", "no sealing key")
    require(lines[-2:] == ["-----END PASSBOX SEALING KEY-----", ""], "no end")
    return base64.b64decode("".join(lines[1:-2]), validate=True)
