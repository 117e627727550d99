"""Worker target: one coded slice in, its bytes out.

JPEG-LS is C++ on foreign bytes, so it runs where it may crash.

The worker may write no file and open no socket, so bytes travel as base64 in its one reply.
"""

import base64
from typing import Final

from passbox_dicom.codec import decode_slice
from passbox_dicom.errors import CodecError
from passbox_wire.canonical import Json
from passbox_wire.pack import MAX_DECODED_BYTES, Codec

TARGET: Final = "passbox_poller.decoding:decode"
REPLY_BYTES: Final = MAX_DECODED_BYTES // 3 * 4 + 1024
"""The longest reply: a slice that fills a pack, in base64."""


def decode(request: dict[str, Json]) -> dict[str, Json]:
    """Return {"data": base64}, or {"data": null} when the slice is damaged."""
    payload = base64.b64decode(request["payload"])
    try:
        data = decode_slice(payload, Codec(request["codec"]), int(request["raw_length"]))
    except CodecError:
        return {"data": None}
    return {"data": base64.b64encode(data).decode()}
