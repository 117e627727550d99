"""Is the DMZ blind? Canaries are sent, then all the receiver wrote and its memory are searched.

Canaries are 32 random letters in names, identifiers, sender fields, file names and pixels. They are
looked for as they are, in UTF-16, base64 and hexadecimal, and inside whatever decodes as deflate,
zstd or JPEG-LS. The search itself is proved by a test that hands in a sealer that does not seal.
"""

import base64
import re
import secrets
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jpeg_ls
import zstandard

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH: Final = 32
_MARK_LENGTH: Final = 15
_MOST_DECODED: Final = 16 * 1024 * 1024
_WINDOW: Final = 32 * 1024 * 1024
_OVERLAP: Final = 64 * 1024
_ZSTD: Final = re.compile(rb"\x28\xb5\x2f\xfd")
_DEFLATE: Final = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_JPEG_LS: Final = re.compile(rb"\xff\xd8\xff\xf7")
_JPEG_LS_END: Final = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Canaries:
    """Words to plant. All begin with ``mark``, so that one search finds any of them."""

    mark: str
    words: tuple[str, ...]

    def forms(self) -> frozenset[bytes]:
        """Return every form of the mark that is looked for."""
        return frozenset(_forms(self.mark))


def make_canaries(count: int) -> Canaries:
    """Return ``count`` random words of 32 letters that stand nowhere else."""
    mark = _letters(_MARK_LENGTH)
    return Canaries(mark, tuple(mark + _letters(_LENGTH - _MARK_LENGTH) for _ in range(count)))


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def _forms(word: str) -> Iterator[bytes]:
    for text in (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")):
        yield text
        yield text.hex().encode()
        yield text.hex().upper().encode()
        for shift in range(3):
            # The letters of base64 that depend on the word alone, at each of three alignments.
            encoded = base64.b64encode(b"\0" * shift + text)
            yield encoded[4 if shift else 0 : len(encoded) - 4]


def count_hits(canaries: Canaries, blobs: Iterable[bytes]) -> int:
    """Return how often any form of any word stands in the blobs or in what decodes inside them."""
    forms = canaries.forms()
    return sum(_count(forms, part) for blob in blobs for part in (blob, *_decoded(blob)))


def _count(forms: frozenset[bytes], blob: bytes) -> int:
    return sum(blob.count(form) for form in forms)


def _decoded(blob: bytes) -> Iterator[bytes]:
    view = memoryview(blob)
    for found in _ZSTD.finditer(blob):
        yield from _zstd(view[found.start() : found.start() + _MOST_DECODED])
    for found in _DEFLATE.finditer(blob):
        yield from _deflate(view[found.start() : found.start() + _MOST_DECODED])
    for found in _JPEG_LS.finditer(blob):
        end = blob.find(_JPEG_LS_END, found.start(), found.start() + _MOST_DECODED)
        while end >= 0:
            picture = _jpeg_ls(blob[found.start() : end + 2])
            if picture is not None:
                yield picture
                break
            end = blob.find(_JPEG_LS_END, end + 2, found.start() + _MOST_DECODED)


def _zstd(data: memoryview) -> Iterator[bytes]:
    try:
        reader = zstandard.ZstdDecompressor().decompressobj()
        yield reader.decompress(data)[:_MOST_DECODED]
    except (zstandard.ZstdError, MemoryError):
        return


def _deflate(data: memoryview) -> Iterator[bytes]:
    try:
        yield zlib.decompressobj(wbits=47).decompress(data[: 4 * 1024 * 1024], _MOST_DECODED)
    except zlib.error:
        return


def _jpeg_ls(data: bytes) -> bytes | None:
    try:
        return bytes(jpeg_ls.decode_from_buffer(data))
    except (RuntimeError, ValueError, MemoryError):
        return None  # random memory that starts like JPEG-LS


def files_below(folder: Path) -> Iterator[bytes]:
    """Yield path and content of each file below ``folder``, or of that one file, in windows."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        yield str(path).encode("utf-8", "surrogateescape")
        if path.is_file():
            with path.open("rb") as file:
                kept = b""
                while chunk := file.read(_WINDOW):
                    yield kept + chunk
                    kept = chunk[-_OVERLAP:]


def memory_of(pid: int) -> Iterator[bytes]:
    """Yield the readable and writable memory of a process, in overlapping windows (Linux).

    Raises OSError where the system does not let its parent look (no /proc, or ptrace forbidden).
    """
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if not rights.startswith("rw") or "[vvar]" in line:
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            kept = b""
            while start < end:
                try:
                    memory.seek(start)
                    chunk = memory.read(min(_WINDOW, end - start))
                except OSError:
                    break  # a page that went away or cannot be read, as guard pages are
                if not chunk:
                    break
                yield kept + chunk
                kept = chunk[-_OVERLAP:]
                start += len(chunk)
