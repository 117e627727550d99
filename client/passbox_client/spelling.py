"""One name in several spellings: what programs change by themselves is no difference. Pure."""

import re
import unicodedata
from typing import Final

_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_SPELLED_OUT: Final = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "ø": "o", "å": "a"})
_SPELLED_VOWEL: Final = re.compile(r"(?<=[aou])e")
_GROUPS: Final = "="
_COMPONENTS: Final = "^"


def same_name(name: str) -> str:
    """Return a form of a person's name in which spellings that programs make of it are equal."""
    plain = unicodedata.normalize("NFC", name).casefold().translate(_SPELLED_OUT)
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = _NOT_LETTERS.sub(" ", plain).split()
    return " ".join(_SPELLED_VOWEL.sub("", word) for word in words)


def shown_name(name: str) -> str:
    """Return a DICOM name as people write it: "Doe, Jane", the ideographic form in brackets.

    (PS3.5 6.2.1: groups are alphabetic, ideographic, phonetic; components family, given, others.)
    """
    groups = [_written(group) for group in name.split(_GROUPS)[:2]]
    shown = [group for group in groups if group]
    return f"{shown[0]} ({shown[1]})" if len(shown) > 1 else "".join(shown)


def _written(group: str) -> str:
    family, *others = (component.strip() for component in group.split(_COMPONENTS))
    given = " ".join(other for other in others if other)
    return f"{family}, {given}" if family and given else family or given
