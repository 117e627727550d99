"""Members of a ZIP that are encrypted with AES, which the standard library does not open.

Read forward in pieces; never more comes out than the archive claims. The code that ends a member
is checked when it has been read to its end. (APPNOTE.TXT 7.2 leaves it to WinZip's "AES Encryption
Information: Encryption Specification AE-1 and AE-2".)
"""

import hashlib
import hmac
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final, Self

from passbox_dicom.errors import ArchiveLocked, MediumUnreadable

METHOD: Final = 99
_EXTRA: Final = 0x9901
_EXTRA_FORM: Final = struct.Struct("<H2sBH")
_KEY_BYTES: Final = {1: 16, 2: 24, 3: 32}
_CHECK_BYTES: Final = 2
_CODE_BYTES: Final = 10
_ROUNDS: Final = 1000
_BLOCK: Final = 16
_PIECE: Final = 16 * 1024
"""Deflated, one piece is at most 17 MB."""
_LOCAL_HEAD: Final = 30
_SKIP: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Sealing:
    """How a member is encrypted; ``method`` is how it is packed within."""

    key_bytes: int
    method: int

    @property
    def salt_bytes(self) -> int:
        """Bytes of salt before the data."""
        return self.key_bytes // 2


def sealing_of(extra: bytes) -> Sealing | None:
    """Return what the extra field says, None when it says nothing usable."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        body = extra[position + 4 : position + 4 + length]
        if kind == _EXTRA and len(body) == _EXTRA_FORM.size:
            _, vendor, strength, method = _EXTRA_FORM.unpack(body)
            known = vendor == b"AE" and strength in _KEY_BYTES
            return Sealing(_KEY_BYTES[strength], method) if known else None
        position += 4 + length
    return None


class AesMember:
    """One member, opened; seeking back starts over."""

    def __init__(
        self, file: BinaryIO, info: zipfile.ZipInfo, sealing: Sealing, password: bytes
    ) -> None:
        """Derive the keys.

        Raises:
            ArchiveLocked: the password is wrong.
            MediumUnreadable: the member is damaged.

        """
        self._file = file
        self._sealing = sealing
        self._size = info.file_size
        file.seek(info.header_offset)
        head = file.read(_LOCAL_HEAD)
        if len(head) < _LOCAL_HEAD:
            raise MediumUnreadable("the member is damaged")
        names = sum(struct.unpack_from("<HH", head, 26))
        self._start = info.header_offset + _LOCAL_HEAD + names
        overhead = sealing.salt_bytes + _CHECK_BYTES + _CODE_BYTES
        self._sealed_bytes = info.compress_size - overhead
        if self._sealed_bytes < 0:
            raise MediumUnreadable("the member is damaged")
        # Loaded when first needed: few discs are locked, and a scan should start at once.
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        key, self._code_key = self._keys(password)
        # The format counts blocks from 1, low byte first: no mode of the library does.
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - of a counter
        self._restart()

    def _keys(self, password: bytes) -> tuple[bytes, bytes]:
        self._file.seek(self._start)
        salt = self._file.read(self._sealing.salt_bytes)
        check = self._file.read(_CHECK_BYTES)
        length = self._sealing.key_bytes
        derived = hashlib.pbkdf2_hmac("sha1", password, salt, _ROUNDS, 2 * length + _CHECK_BYTES)
        if not hmac.compare_digest(derived[2 * length :], check):
            raise ArchiveLocked("the password is missing or wrong")
        return derived[:length], derived[length : 2 * length]

    def _restart(self) -> None:
        self._taken = 0
        self._given = 0
        self._plain = b""
        self._at = 0
        self._code = hmac.new(self._code_key, digestmod="sha1")
        self._unpack = _unpacker(self._sealing.method)
        self._encrypt: Callable[[bytes], bytes] = self._cipher.encryptor().update

    def read(self, length: int = -1) -> bytes:
        """Return up to ``length`` bytes.

        Raises:
            MediumUnreadable: the member is damaged, or was changed.

        """
        room = self._size - self._given
        wanted = room if length < 0 else min(length, room)
        pieces: list[bytes] = []
        while wanted:
            if self._at == len(self._plain):
                sealed = self._sealed_piece()
                if not sealed:
                    break
                self._plain, self._at = self._unpack(self._opened(sealed)), 0
            piece = self._plain[self._at : self._at + wanted]
            self._at += len(piece)
            wanted -= len(piece)
            pieces.append(piece)
        data = b"".join(pieces)
        self._given += len(data)
        return data

    def _sealed_piece(self) -> bytes:
        """Return the next encrypted bytes; at the end check the code that follows them."""
        offset = self._start + self._sealing.salt_bytes + _CHECK_BYTES + self._taken
        self._file.seek(offset)
        piece = self._file.read(min(_PIECE, self._sealed_bytes - self._taken))
        self._code.update(piece)
        if piece and self._taken + len(piece) == self._sealed_bytes:
            self._file.seek(offset + len(piece))
            if not hmac.compare_digest(
                self._code.digest()[:_CODE_BYTES], self._file.read(_CODE_BYTES)
            ):
                raise MediumUnreadable("the member was changed")
        return piece

    def _opened(self, sealed: bytes) -> bytes:
        first = self._taken // _BLOCK + 1
        self._taken += len(sealed)
        blocks = -(-len(sealed) // _BLOCK)
        counters = b"".join(struct.pack("<QQ", n, 0) for n in range(first, first + blocks))
        mask = self._encrypt(counters)[: len(sealed)]
        opened = int.from_bytes(sealed, "little") ^ int.from_bytes(mask, "little")
        return opened.to_bytes(len(sealed), "little")

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to ``offset``, by reading on or starting over."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._given, os.SEEK_END: self._size}[whence]
        target = max(0, min(base + offset, self._size))
        if target < self._given:
            self._restart()
        while self._given < target and self.read(min(_SKIP, target - self._given)):
            pass
        return self._given

    def tell(self) -> int:
        """Return how far it was read."""
        return self._given

    def close(self) -> None:
        """Let go of what was read; the archive's file stays open."""
        self._plain = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _unpacker(method: int) -> Callable[[bytes], bytes]:
    """Return what turns packed bytes into plain ones."""
    if method == zipfile.ZIP_STORED:
        return bytes
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress
