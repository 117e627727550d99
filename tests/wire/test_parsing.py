"""One reader for all fields."""

from enum import StrEnum

import pytest

from passbox_wire.errors import Malformed, TooLarge
from passbox_wire.parsing import MAX_INTEGER, Fields, require_rising


class Colour(StrEnum):
    """Some choice."""

    RED = "red"


def fields(value: object) -> Fields:
    """Return a reader of an object with one field."""
    return Fields({"field": value}, "message")


@pytest.mark.parametrize("value", [None, 1, True, [], {}, "\0", "a\0b", "1234"])
def test_a_text_is_text_within_its_limit(value: object) -> None:
    """Other types, null characters and more characters than allowed are Malformed."""
    assert fields("äöü").text("field", most=3) == "äöü"
    with pytest.raises(Malformed):
        fields(value).text("field", most=3)


@pytest.mark.parametrize("control", ["\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"])
def test_a_line_is_one_line(control: str) -> None:
    """A control character anywhere in a line is Malformed; in a text it may stand."""
    assert fields(f"a{control}b").text("field", most=3) == f"a{control}b"
    with pytest.raises(Malformed):
        fields(f"a{control}b").line("field", most=3)


@pytest.mark.parametrize("value", [None, "1", True, 1.0, 0, 11, MAX_INTEGER + 1, -1])
def test_an_integer_is_within_its_bounds(value: object) -> None:
    """Other types, also true and 1.0, and numbers outside are Malformed."""
    assert [fields(n).integer("field", least=1, most=10) for n in (1, 10)] == [1, 10]
    with pytest.raises(Malformed):
        fields(value).integer("field", least=1, most=10)


@pytest.mark.parametrize("value", ["", "0", "00", "0A0b", "0 0 ", "0g0g", "000000", " 0a0b", None])
def test_bytes_have_one_spelling_and_their_length(value: object) -> None:
    """Capitals, blanks, odd digits and other lengths are Malformed."""
    assert fields("0a0b").binary("field", size=2) == b"\x0a\x0b"
    with pytest.raises(Malformed):
        fields(value).binary("field", size=2)


def test_bytes_may_have_a_longest_length() -> None:
    """With ``most`` shorter ones are fine and longer ones TooLarge."""
    assert [fields(text).binary("field", most=2) for text in ("", "0a")] == [b"", b"\n"]
    with pytest.raises(TooLarge):
        fields("000000").binary("field", most=2)


@pytest.mark.parametrize("value", [None, 0, "true", "RED", "blue", "", ["red"]])
def test_a_choice_is_one_of_its_words(value: object) -> None:
    """Other words, other cases and other types are Malformed."""
    assert fields("red").choice("field", Colour) is Colour.RED
    with pytest.raises(Malformed):
        fields(value).choice("field", Colour)


@pytest.mark.parametrize("value", [None, 0, 1, "true", []])
def test_a_boolean_is_true_or_false(value: object) -> None:
    """Numbers and words are no booleans."""
    assert fields(True).boolean("field") is True
    with pytest.raises(Malformed):
        fields(value).boolean("field")


def test_a_list_has_a_longest_length() -> None:
    """More items than allowed are TooLarge before one of them is read."""
    assert fields([1, 2]).items("field", lambda item: item, most=2) == (1, 2)
    with pytest.raises(TooLarge):
        fields([1, 2, 3]).items("field", lambda _: pytest.fail("was read"), most=2)


def test_an_error_names_the_field_and_not_what_stands_in_it() -> None:
    """The text of an error may be logged: it holds no word of a stranger's."""
    with pytest.raises(Malformed) as raised:
        fields("Doe^Jane").integer("field")
    assert str(raised.value) == "message.field: not an integer"
    with pytest.raises(Malformed) as raised:
        Fields({"Doe^Jane": 1}, "message").finish()
    assert "Doe" not in str(raised.value)


@pytest.mark.parametrize("value", [None, [], "text", 1])
def test_only_an_object_has_fields(value: object) -> None:
    """Anything else at the top is Malformed."""
    with pytest.raises(Malformed):
        Fields(value, "message")


def test_rising_means_sorted_and_each_once() -> None:
    """Equal and falling neighbours are Malformed, none and one are fine."""
    for numbers in ([], [5], [0, 1, 7]):
        require_rising(numbers, "numbers")
    for numbers in ([1, 1], [2, 1], [0, 5, 4]):
        with pytest.raises(Malformed):
            require_rising(numbers, "numbers")
