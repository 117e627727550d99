"""The public interface described as OpenAPI: for who writes a client, and for tests that fuzz it.

The rule: it is served to nobody (a scanner gets no map), and it says what asking.py and wire judge;
the contract in docs/contract.md decides. No request passes through here.
"""

from collections.abc import Mapping
from typing import Any, Final

from passbox_wire import routes
from passbox_wire.codes import HANDLE_BYTES
from passbox_wire.digests import DIGEST_BYTES
from passbox_wire.parsing import MAX_INTEGER
from passbox_wire.signing import PUBLIC_KEY_BYTES, SIGNATURE_BYTES

Schema = dict[str, Any]

_ANY: Final = "The problem that RFC 9457 knows; codes are in the contract."


def _hex(size: int) -> Schema:
    return {"type": "string", "pattern": f"^[0-9a-f]{{{2 * size}}}$"}


def _integer(least: int = 0, most: int = MAX_INTEGER) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _header(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "header", "required": True, "schema": schema}


def _query(name: str, most: int = MAX_INTEGER) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": _integer(most=most)}


def _body(media_type: str, schema: Schema) -> Schema:
    return {"required": True, "content": {media_type: {"schema": schema}}}


_VERSION: Final = _header(routes.VERSION_HEADER, {"type": "string", "enum": [str(routes.VERSION)]})
_CLIENT: Final = _header(
    routes.CLIENT_HEADER, {"type": "string", "pattern": "^passbox/[0-9]{1,5}[.][0-9]{1,5}[.][0-9]$"}
)
_SIGNED: Final = [_VERSION, _CLIENT, _header(routes.SIGNATURE_HEADER, _hex(SIGNATURE_BYTES))]

_OPEN: Final = _object(
    {
        "public_key": _hex(PUBLIC_KEY_BYTES),
        "destination": {"type": "string", "pattern": "^[a-z0-9-]{1,32}$"},
        "total_bytes": _integer(1),
        "handle_sha256": _hex(DIGEST_BYTES),
        "client": {"type": "string", "maxLength": 40},
        "message_class": _integer(0, 255),
        "reply_to": {"type": "null"},
        "sender_signature": {"type": "null"},
        "hop_limit": _integer(0, 0),
    }
)
_CLOSE: Final = _object({"packs": _integer(), "packs_sha256": _hex(DIGEST_BYTES)})

OPERATIONS: Final[Mapping[str, Schema]] = {
    "/": {"parameters": [{"name": "lang", "in": "query", "schema": {"enum": ["de", "en"]}}]},
    routes.STATUS: {},
    routes.TRANSFER: {"parameters": _SIGNED, "requestBody": _body("application/json", _OPEN)},
    routes.PACK: {
        "parameters": [*_SIGNED, _header(routes.DIGEST_HEADER, _hex(DIGEST_BYTES))],
        "requestBody": _body("application/octet-stream", {"type": "string", "format": "binary"}),
    },
    routes.PACKS: {"parameters": [*_SIGNED, _query("after")]},
    routes.CLOSE: {"parameters": _SIGNED, "requestBody": _body("application/json", _CLOSE)},
    routes.CANCEL: {"parameters": _SIGNED},
    routes.RECEIPT: {
        "parameters": [
            _VERSION,
            _CLIENT,
            _header(routes.HANDLE_HEADER, _hex(HANDLE_BYTES)),
            _query("after"),
            _query("wait", most=60),
        ]
    },
}
"""What each public path takes beside what stands in the path itself."""


def operation(path: str) -> Schema:
    """Return what is to be known of a public path, in OpenAPI's words."""
    return {**OPERATIONS[path], "responses": {"default": {"description": _ANY}}}
