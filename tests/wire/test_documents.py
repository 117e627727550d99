"""What holds for every JSON document of the contract, whatever it says."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from passbox_wire import canonical
from passbox_wire.errors import Malformed, ProfileRefused, TooLarge
from tests.wire.documents import DOCUMENTS, Document

ALL = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
STRANGE: list[Any] = [None, True, -1, 2**63, "", "\0", "x" * 100_000, [], [[]], {}, {"a": 1}]
"""Put in place of each value: other types, numbers out of bounds, texts too long."""


def places(json_value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything inside a JSON value."""
    children: Any = ()
    if isinstance(json_value, dict):
        children = json_value.items()
    elif isinstance(json_value, list):
        children = enumerate(json_value)
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


def at(json_value: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at a path."""
    for key in path:
        json_value = json_value[key]
    return json_value


def accepted(document: Document, data: bytes) -> bool:
    """Return whether ``data`` parses; what parses must be read without loss."""
    try:
        value = document.parse(data)
    except (Malformed, ProfileRefused):
        return False
    assert document.encode(value) == data
    return True


@ALL
def test_a_document_survives_the_way_there_and_back(document: Document) -> None:
    """What one side encodes the other side parses to the same bytes."""
    assert document.encode(document.parse(document.data)) == document.data


@ALL
def test_every_field_is_needed(document: Document) -> None:
    """A document with a field taken out of it, at any depth, is Malformed."""
    whole = json.loads(document.data)
    for path in places(whole):
        poorer = copy.deepcopy(whole)
        if isinstance(at(poorer, path[:-1]), dict):
            del at(poorer, path[:-1])[path[-1]]
            assert not accepted(document, canonical.encode(poorer)), path


@ALL
def test_no_field_is_let_in_that_nobody_knows(document: Document) -> None:
    """A document with one field more, in any of its objects, is Malformed."""
    whole = json.loads(document.data)
    for path in [(), *places(whole)]:
        richer = copy.deepcopy(whole)
        if isinstance(at(richer, path), dict):
            at(richer, path)["unknown"] = 1
            assert not accepted(document, canonical.encode(richer)), path


@ALL
def test_a_value_of_another_kind_is_refused_or_read_as_it_is(document: Document) -> None:
    """Whatever stands in a field, parsing ends in Malformed or in a value with the same bytes."""
    whole = json.loads(document.data)
    refused = 0
    for path in places(whole):
        for strange in STRANGE:
            stranger = copy.deepcopy(whole)
            at(stranger, path[:-1])[path[-1]] = strange
            refused += not accepted(document, canonical.encode(stranger))
    assert refused > len(list(places(whole)))


@ALL
def test_too_long_is_said_before_anything_is_parsed(document: Document) -> None:
    """A document over its limit is TooLarge, even when it is no JSON at all."""
    with pytest.raises(TooLarge):
        document.parse(b"x" * (document.max_bytes + 1))


@ALL
def test_only_canonical_bytes_are_taken(document: Document) -> None:
    """White space, other orders of keys, needless escapes and doubled keys are Malformed."""
    whole = json.loads(document.data)
    first = next(iter(whole))
    twice = b"{" + json.dumps(first).encode() + b":null," + document.data[1:]
    for data in [
        b"",
        b"null",
        document.data + b"\n",
        b"\xef\xbb\xbf" + document.data,
        document.data[:-1],
        document.data.replace(b":", b": ", 1),
        document.data.replace(b'"', b'"\\u0020', 1),
        document.data.decode().encode("utf-16"),
        twice,
        b"\xff" + document.data,
        b"[" * 100_000,
        b"[" + document.data + b"]",
    ]:
        with pytest.raises((Malformed, ProfileRefused)):
            document.parse(data)
    if len(whole) > 1:
        backwards = json.dumps(dict(sorted(whole.items(), reverse=True)), separators=(",", ":"))
        with pytest.raises(Malformed):
            document.parse(backwards.encode())
