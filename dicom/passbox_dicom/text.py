"""Reading text values for showing and matching (PS3.5 section 6.1, Specific Character Set).

What a disc declares and what it wrote often differ. We show the likelier reading and say when it is
a guess; the bytes in the file are never rewritten. Control and direction-changing characters become
U+FFFD, so that no name can forge a line or turn a sentence round.
"""

import re
import warnings
from typing import Final, NamedTuple

from pydicom.charset import convert_encodings, decode_bytes, python_encoding

MAX_TEXT_CHARACTERS: Final = 1024

_ESCAPE: Final = 0x1B
_UNSHOWABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]"
)
_PERSON_NAME_DELIMITERS: Final = {0x5C, 0x5E, 0x3D}  # backslash, ^ and =
_TEXT_DELIMITERS: Final = {0x5C, 0x0A, 0x0C, 0x0D}
_UTF8_TERM: Final = "ISO_IR 192"


class Shown(NamedTuple):
    """A text value as it is shown."""

    text: str
    is_a_guess: bool


def plain(untrusted: bytes) -> str:
    """Return a value of the default repertoire (UIDs, codes, numbers) without padding."""
    return _showable(untrusted.decode("latin-1").strip("\0 "))


def charset_terms(untrusted: bytes) -> tuple[str, ...]:
    """Return the defined terms of (0008,0005); empty when absent."""
    text = plain(untrusted[:512])
    return tuple(term.strip() for term in text.split("\\")) if text else ()


def decode(untrusted: bytes, terms: tuple[str, ...], *, person_name: bool = False) -> Shown:
    """Return a text value in the character set the file declares, or in the likelier one.

    A guess is: bytes beyond ASCII without a declared set, UTF-8 under another single-byte set, and
    bytes the declared set does not have.
    """
    raw = untrusted.rstrip(b"\0 ").lstrip(b" ")
    if raw.isascii() and _ESCAPE not in raw:
        return Shown(_showable(raw.decode("ascii")), is_a_guess=False)
    looks_utf8 = _strictly(raw, "utf-8")
    known = [term for term in terms if term in python_encoding and term]
    if len(terms) <= 1 and _ESCAPE not in raw:
        if terms == (_UTF8_TERM,):
            text = looks_utf8
            guess = looks_utf8 is None
        elif known and not (looks_utf8 is not None and _is_single_byte(known[0])):
            text = _strictly(raw, python_encoding[known[0]])
            guess = text is None
        else:
            text, guess = looks_utf8, True
        return Shown(_showable(text if text is not None else raw.decode("latin-1")), guess)
    return _with_extensions(raw, terms, person_name=person_name)


def _with_extensions(raw: bytes, terms: tuple[str, ...], *, person_name: bool) -> Shown:
    """Decode ISO 2022 code extensions; pydicom knows them."""
    delimiters = _PERSON_NAME_DELIMITERS if person_name else _TEXT_DELIMITERS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            text = decode_bytes(raw, convert_encodings(list(terms)), delimiters)
        except (UserWarning, LookupError, ValueError, TypeError):
            fallback = _strictly(raw, "utf-8")
            return Shown(_showable(fallback or raw.decode("latin-1")), is_a_guess=True)
    return Shown(_showable(text), is_a_guess=False)


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _is_single_byte(term: str) -> bool:
    """Return whether the set has one byte a character: UTF-8 sequences in it are no coincidence."""
    return python_encoding[term] not in {"UTF8", "GB18030", "GBK", "GB2312", "euc_kr", "shift_jis"}


def _showable(text: str) -> str:
    return _UNSHOWABLE.sub("\ufffd", text[:MAX_TEXT_CHARACTERS])
