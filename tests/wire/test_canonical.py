"""One byte form for every document."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passbox_wire import canonical
from passbox_wire.errors import Malformed, TooLarge

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
SEEDED = settings(derandomize=True, max_examples=60, deadline=None, database=None)


@SEEDED
@given(JSON)
def test_decoding_undoes_encoding(document: Any) -> None:
    """decode(encode(x)) == x for every document."""
    assert canonical.decode(canonical.encode(document), max_bytes=10_000) == document


@SEEDED
@given(st.binary(max_size=12) | JSON.map(canonical.encode).map(lambda data: data[:-1]))
def test_what_decodes_has_one_form(data: bytes) -> None:
    """Bytes are either refused or exactly what encode would write."""
    try:
        document = canonical.decode(data, max_bytes=10_000)
    except Malformed:
        return
    assert canonical.encode(document) == data


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b"1.0",
        b"1e3",
        b"-0",
        b"01",
        b"NaN",
        b"Infinity",
        b"'a'",
        b'"\\u0041"',
        b'"\\/"',
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b'"\xc0\x80"',
        b"1 ",
        b"",
        b"nul",
        b"[1,]",
        b"1" * 5000,
        b"[" * 50_000 + b"]" * 50_000,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_another_spelling_is_refused(data: bytes) -> None:
    """Doubles, order, spaces, fractions, needless escapes, surrogates and depth are Malformed."""
    with pytest.raises(Malformed):
        canonical.decode(data, max_bytes=200_000)


def test_the_form_is_that_of_the_page() -> None:
    """Keys by code point, no spaces, only what JSON must escape is escaped, in small letters."""
    document = {"b": '\x1f\x7f\u00fc\n"\\/', "a": [None, True, False, -5], "": {}}
    assert canonical.encode(document) == (
        b'{"":{},"a":[null,true,false,-5],"b":"\\u001f\x7f\xc3\xbc\\n\\"\\\\/"}'
    )


def test_the_limit_comes_first() -> None:
    """One byte over the limit is TooLarge, whatever the bytes are; at the limit they are read."""
    assert canonical.decode(b'"1234"', max_bytes=6) == "1234"
    with pytest.raises(TooLarge):
        canonical.decode(b'"1234"', max_bytes=5)


def test_half_a_character_is_not_written() -> None:
    """A lone surrogate, as a file name that is no UTF-8 becomes, cannot be encoded."""
    with pytest.raises(UnicodeEncodeError):
        canonical.encode({"path": "\udcff"})
