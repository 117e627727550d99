"""A hash of what a data set says, however it is written: to compare what came back from a PACS.

Archives write lengths, paddings and byte orders anew. Two data sets have one hash here when they
have the same elements with the same values in the same sequences; pixel data are compared apart.
Pure; runs in the worker.
"""

import hashlib
import io
from collections.abc import Iterable
from typing import Final

from passbox_dicom.elements import ITEM, UNDEFINED, Element, Encoding, walk
from passbox_dicom.sources import FileSource
from passbox_viewer.splicing import vr_of

_PADDING: Final = 0xFFFCFFFC
"""Data Set Trailing Padding: no part of what is said (PS3.10 section 7.2)."""


def fingerprint(parts: Iterable[bytes], encoding: Encoding) -> str:
    """Return the hash of the little endian parts of a data set; raise DicomError."""
    digest = hashlib.sha256()
    for part in parts:
        source = FileSource(io.BytesIO(part), len(part))
        for one in walk(source, encoding, 0, into_sequences=True):
            if not _is_of_the_writing(one):
                value = _value(part, one)
                digest.update(f"{one.depth} {one.tag} {len(value)} ".encode() + value)
    return digest.hexdigest()


def _is_of_the_writing(one: Element) -> bool:
    """Return whether an element tells how a data set is written, not what it says."""
    return not one.tag & 0xFFFF or one.tag == _PADDING


def _value(part: bytes, one: Element) -> bytes:
    if one.length == UNDEFINED or one.tag == ITEM or vr_of(one) == "SQ":
        return b""
    return part[one.offset : one.offset + one.length].rstrip(b" \0")
