"""Reading text values for showing and matching (PS3.5 section 6.1, Specific Character Set).

What a disc declares and what it wrote often differ. We show the likelier reading and say when it is
a guess; the bytes in the file are never rewritten. Control and direction-changing characters become
U+FFFD, so that no name can forge a line or turn a sentence round.
"""

import re
import warnings
from typing import Final, NamedTuple

MAX_TEXT_CHARACTERS: Final = 1024

_ESCAPE: Final = 0x1B
_UNSHOWABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]"
)
_PERSON_NAME_DELIMITERS: Final = {0x5C, 0x5E, 0x3D}  # backslash, ^ and =
_TEXT_DELIMITERS: Final = {0x5C, 0x0A, 0x0C, 0x0D}
_UTF8_TERM: Final = "ISO_IR 192"
_SINGLE_BYTE: Final = {
    **{f"ISO_IR {number}": f"iso8859_{part}" for number, part in (
        (100, 1), (101, 2), (109, 3), (110, 4), (144, 5), (127, 6), (126, 7), (138, 8), (148, 9),
    )},
    "ISO_IR 166": "iso8859_11",
}  # fmt: skip
"""PS3.3 C.12.1.1.2, table C.12-2: ISO 8859 by its parts."""
_MULTI_BYTE: Final = {
    "ISO_IR 13": "shift_jis",
    "GB18030": "gb18030",
    "GBK": "gbk",
}
_WITH_EXTENSIONS: Final = "ISO 2022 "


class Shown(NamedTuple):
    """A text value as it is shown."""

    text: str
    is_a_guess: bool


def plain(untrusted: bytes) -> str:
    """Return a value of the default repertoire (UIDs, codes, numbers) without padding."""
    return showable(untrusted.decode("latin-1").strip("\0 "))


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
        return Shown(showable(raw.decode("ascii")), is_a_guess=False)
    looks_utf8 = _strictly(raw, "utf-8")
    if len(terms) > 1 or _ESCAPE in raw:
        return _with_extensions(raw, terms, person_name=person_name)
    # A writer that knows extensions but used none: the set is the one the term is about.
    term = terms[0].replace(_WITH_EXTENSIONS + "IR", "ISO_IR") if terms else ""
    if term == _UTF8_TERM:
        text, guess = looks_utf8, looks_utf8 is None
    elif term in _SINGLE_BYTE and looks_utf8 is None:
        text = _strictly(raw, _SINGLE_BYTE[term])
        guess = text is None
    elif term in _MULTI_BYTE:
        text = _strictly(raw, _MULTI_BYTE[term])
        guess = text is None
    elif term.startswith(_WITH_EXTENSIONS):
        return _with_extensions(raw, terms, person_name=person_name)
    else:
        # UTF-8 sequences in a set of one byte a character are no coincidence.
        text, guess = looks_utf8, True
    return Shown(showable(text if text is not None else raw.decode("latin-1")), guess)


def _with_extensions(raw: bytes, terms: tuple[str, ...], *, person_name: bool) -> Shown:
    """Decode ISO 2022 code extensions; pydicom knows them."""
    # Loaded when first needed: pydicom takes longer to come up than a disc to show its first study.
    from pydicom.charset import convert_encodings, decode_bytes

    delimiters = _PERSON_NAME_DELIMITERS if person_name else _TEXT_DELIMITERS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            text = decode_bytes(raw, convert_encodings(list(terms)), delimiters)
        except (UserWarning, LookupError, ValueError, TypeError):
            fallback = _strictly(raw, "utf-8")
            return Shown(showable(fallback or raw.decode("latin-1")), is_a_guess=True)
    return Shown(showable(text), is_a_guess=False)


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def showable(text: str, most: int = MAX_TEXT_CHARACTERS) -> str:
    """Return a foreign text for people: without control, direction or broken characters, bounded.

    File names need it as much as patients' names: a terminal obeys an escape in either.
    """
    return _UNSHOWABLE.sub("\ufffd", text[:most])
