"""Coding slices: zstd in this process, JPEG-LS in a process of its own.

The JPEG-LS coder holds the interpreter's lock (zstd's does not), so it would stop reading, sealing
and sending. The rule: a coder that dies or garbles costs density, never the transfer: the slice
goes as zstd. Answers of the process are framed bytes, never pickled objects.
"""

import struct
import subprocess
import sys
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import astuple
from enum import StrEnum
from typing import IO, Final, Protocol

from passbox_client.bundled import CODER_FLAG
from passbox_dicom.own_process import own_command, own_environment
from passbox_dicom.pixels import PixelLayout
from passbox_wire.pack import Codec

_REQUEST: Final = struct.Struct(">IQIIIHHHBIBB")
_ANSWER: Final = struct.Struct(">BI")


CoderProcess = subprocess.Popen[bytes]


class CodecChoice(StrEnum):
    """Which codecs may be used. AUTO is the densest that gives the same bytes back."""

    AUTO = "auto"
    STORED = "stored"
    ZSTD = "zstd"
    JPEGLS = "jpegls"


ALLOWED: Final[dict[CodecChoice, frozenset[Codec]]] = {
    CodecChoice.AUTO: frozenset({Codec.JPEGLS, Codec.ZSTD}),
    CodecChoice.STORED: frozenset(),
    CodecChoice.ZSTD: frozenset({Codec.ZSTD}),
    CodecChoice.JPEGLS: frozenset({Codec.JPEGLS, Codec.ZSTD}),
}


class Coder(Protocol):
    """What codes a slice. One thread at a time."""

    def code(self, data: bytes, pixel: PixelLayout | None) -> tuple[Codec, bytes]:
        """Return the codec used and the payload."""

    def close(self) -> None:
        """Let go of a process, if there is one."""


def plainly(data: bytes) -> tuple[Codec, bytes]:
    """Return ``data`` as zstd, or stored where that finds nothing."""
    from passbox_dicom.codec import best_encoding  # numpy: not before there is something to code

    return best_encoding(data, None, {Codec.ZSTD})


class SliceCoder:
    """Codes with the ``allowed`` codecs; starts a process when the first slice needs JPEG-LS."""

    def __init__(self, allowed: AbstractSet[Codec]) -> None:
        self._allowed = allowed
        self._process: CoderProcess | None = None

    def code(self, data: bytes, pixel: PixelLayout | None) -> tuple[Codec, bytes]:
        from passbox_dicom.codec import best_encoding, can_code  # as in plainly()

        if pixel is not None and Codec.JPEGLS in self._allowed and can_code(pixel):
            try:
                return self._elsewhere(data, pixel)
            except (OSError, ValueError, struct.error):
                self.close()
        return best_encoding(data, None, self._allowed - {Codec.JPEGLS})

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # unsent bytes of a request to a dead process
                    pipe.close()
        process.wait()

    def _start(self) -> CoderProcess:
        return _start()

    def _elsewhere(self, data: bytes, pixel: PixelLayout) -> tuple[Codec, bytes]:
        process = self._process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        process.stdin.write(request(data, pixel))
        process.stdin.flush()
        codec, length = _ANSWER.unpack(_exactly(process.stdout, _ANSWER.size))
        if length > len(data):
            raise ValueError("an answer larger than the question")
        return Codec(codec), _exactly(process.stdout, length)


def request(data: bytes, pixel: PixelLayout) -> bytes:
    """Return what is asked of a coder's process; the layout is relative to ``data``."""
    return _REQUEST.pack(len(data), *astuple(pixel)) + data


def serve(requests: IO[bytes], answers: IO[bytes], allowed: AbstractSet[Codec]) -> None:
    """Answer requests until they end: the inside of a coder's process."""
    from passbox_dicom.codec import best_encoding

    while head := requests.read(_REQUEST.size):
        length, *layout = _REQUEST.unpack(head)
        fields = dict(zip(PixelLayout.__slots__, layout, strict=True))
        for name in ("signed", "planar", "big_endian"):
            fields[name] = bool(fields[name])
        codec, payload = best_encoding(_exactly(requests, length), PixelLayout(**fields), allowed)
        answers.write(_ANSWER.pack(codec, len(payload)))
        answers.write(payload)
        answers.flush()


def main() -> None:
    """Be a coder's process: requests on stdin, answers on stdout."""
    serve(sys.stdin.buffer, sys.stdout.buffer, ALLOWED[CodecChoice.AUTO])


def _start() -> CoderProcess:
    return subprocess.Popen(
        own_command(CODER_FLAG, __name__),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=own_environment(),
        start_new_session=True,
    )


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) != length:
        raise OSError("the other end has gone")
    return data


if __name__ == "__main__":
    main()
