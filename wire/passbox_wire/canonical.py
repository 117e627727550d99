"""One byte form for every JSON document that is signed or hashed: RFC 8785 without fractions.

UTF-8, keys sorted, no white space, integers only (a float has more than one spelling), no duplicate
keys. The rule: decode(encode(x)) == x, and what is not in this form is refused, so a signature
covers one reading only. docs/formats/canonical-json.md is the same in words.
"""

import json
from typing import Any

from passbox_wire.errors import Malformed, TooLarge

Json = Any
"""None, bool, int, str, list or dict of these. Typed by parsing.Fields, never used raw."""


def encode(document: Json) -> bytes:
    """Return the canonical bytes of a document made of None, bool, int, str, list and dict.

    Raises UnicodeEncodeError for text with a lone surrogate, as os.fsdecode makes of a file name
    that is not UTF-8: who reads a medium makes text of its names first.
    """
    text = json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def decode(untrusted: bytes, *, max_bytes: int, where: str = "message") -> Json:
    """Return the document of canonical bytes.

    Raises TooLarge before parsing when longer than ``max_bytes``; Malformed for anything that is
    not canonical JSON, and for nesting that the parser's own recursion guard stops. Small values
    side by side take up to 40 bytes of memory for each byte here, so what strangers sealed is
    decoded where memory is bounded.
    """
    if len(untrusted) > max_bytes:
        raise TooLarge(where, f"longer than {max_bytes} bytes")
    try:
        document = json.loads(untrusted.decode(), parse_float=_no_float, parse_constant=_no_float)
        canonical = encode(document)
    except (ValueError, RecursionError) as error:
        raise Malformed(where, "not canonical JSON") from error
    # A doubled key is gone by now, so it shows here too.
    if canonical != untrusted:
        raise Malformed(where, "not canonical JSON")
    return document


def _no_float(_text: str) -> Json:
    raise ValueError("not an integer")
