"""How a worker and its parent speak: a length, then JSON. Never pickle: a worker may be hostile.

Both ends use it; limits are the reader's.
"""

import json
import struct
from collections.abc import Mapping
from typing import IO, Final

from passbox_wire.canonical import Json

_LENGTH: Final = struct.Struct(">I")


class BadFrame(Exception):
    """What came is not one of our messages, or is over the limit."""


def write_frame(channel: IO[bytes], message: Mapping[str, Json]) -> None:
    """Send one message; raises OSError when nobody listens."""
    text = json.dumps(message, allow_nan=False).encode("ascii")
    channel.write(_LENGTH.pack(len(text)) + text)
    channel.flush()


def read_frame(channel: IO[bytes], most: int) -> dict[str, Json] | None:
    """Return one message of at most ``most`` bytes, None when the other end has left.

    Raises:
        BadFrame: not JSON, not an object, or too long; nothing too long is read.

    """
    head = channel.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > most:
        raise BadFrame("longer than allowed")
    text = channel.read(length)
    if len(text) < length:
        return None
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame("not JSON") from error
    if not isinstance(message, dict):
        raise BadFrame("not an object")
    return message
