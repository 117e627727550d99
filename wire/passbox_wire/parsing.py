"""Typed reading of decoded JSON: each field is asked for by name with its limit.

Every parse_… function of the contract is written with this one reader, so no field is ever read
without a bound and what was not asked for is refused: no message carries a field nobody knows.
"""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeVar

from passbox_wire.canonical import Json
from passbox_wire.errors import Malformed, TooLarge

ItemT = TypeVar("ItemT")
ChoiceT = TypeVar("ChoiceT", bound=StrEnum)

MAX_INTEGER: Final = 2**63 - 1
"""The largest integer any field may hold: what SQLite and every language's 64-bit type can keep."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""C0, DEL and C1 controls, line and paragraph separator."""


def require_rising(numbers: Iterable[int], where: str) -> None:
    """Raise Malformed unless each number is greater than the one before: sorted, none twice."""
    if any(earlier >= later for earlier, later in pairwise(numbers)):
        raise Malformed(where, "not in rising order, each once")


class Fields:
    """One JSON object being read; call finish() last."""

    def __init__(self, untrusted: Json, where: str) -> None:
        """Raise Malformed when ``untrusted`` is no JSON object."""
        if not isinstance(untrusted, dict):
            raise Malformed(where, "not an object")
        self._untrusted: dict[str, Json] = dict(untrusted)
        self._where = where

    def _take(self, name: str) -> Json:
        if name not in self._untrusted:
            raise Malformed(f"{self._where}.{name}", "missing")
        return self._untrusted.pop(name)

    def _wrong(self, name: str, why: str) -> Malformed:
        return Malformed(f"{self._where}.{name}", why)

    def is_null(self, name: str) -> bool:
        """Return whether the field holds null; a null is thereby read."""
        if self._untrusted.get(name, False) is None:
            del self._untrusted[name]
            return True
        return False

    def text(self, name: str, *, most: int) -> str:
        """Return a string of at most ``most`` Unicode characters without U+0000."""
        value = self._take(name)
        if not isinstance(value, str):
            raise self._wrong(name, "not a text")
        if len(value) > most:
            raise TooLarge(f"{self._where}.{name}", f"longer than {most} characters")
        if "\0" in value:
            raise self._wrong(name, "has a null character")
        return value

    def line(self, name: str, *, most: int) -> str:
        """Return a text without control characters: it may end up in the header of a mail."""
        value = self.text(name, most=most)
        if _CONTROL.search(value):
            raise self._wrong(name, "has a control character")
        return value

    def integer(self, name: str, *, least: int = 0, most: int = MAX_INTEGER) -> int:
        """Return an integer within the bounds, both included."""
        value = self._take(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "not an integer")
        if not least <= value <= most:
            raise self._wrong(name, f"not between {least} and {most}")
        return value

    def boolean(self, name: str) -> bool:
        """Return true or false."""
        value = self._take(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "not true or false")
        return value

    def binary(self, name: str, *, size: int | None = None, most: int | None = None) -> bytes:
        """Return the bytes of lower-case hexadecimal text: exactly ``size`` or at most ``most``."""
        bound = size if size is not None else (most or 0)
        value = self.text(name, most=2 * bound)
        try:
            data = bytes.fromhex(value)
        except ValueError as error:
            raise self._wrong(name, "not hexadecimal") from error
        if data.hex() != value or (size is not None and len(data) != size):
            raise self._wrong(name, "not hexadecimal of the right length")
        return data

    def choice(self, name: str, choices: type[ChoiceT]) -> ChoiceT:
        """Return the member of ``choices`` the field names."""
        value = self.text(name, most=64)
        try:
            return choices(value)
        except ValueError as error:
            raise self._wrong(name, "not one of the known values") from error

    def items(self, name: str, parse: Callable[[Json], ItemT], *, most: int) -> tuple[ItemT, ...]:
        """Return a list of at most ``most`` items, each through ``parse``."""
        value = self._take(name)
        if not isinstance(value, list):
            raise self._wrong(name, "not a list")
        if len(value) > most:
            raise TooLarge(f"{self._where}.{name}", f"more than {most} items")
        return tuple(parse(item) for item in value)

    def part(self, name: str, parse: Callable[[Json], ItemT]) -> ItemT:
        """Return a nested object through ``parse``."""
        return parse(self._take(name))

    def finish(self) -> None:
        """Raise Malformed when a field was never asked for."""
        if self._untrusted:
            raise Malformed(self._where, "has a field that is not in the contract")
