"""Putting new UIDs into a data set, in every sequence, every other byte as it was. Pure.

What identifies this object or one it references gets the new UID of renaming.py: study, series,
instance, frame of reference and whatever else is written as a UID, as in PS3.15 table E.1-1 (action
U). What names a class, a code, a device or a transfer syntax stays. A private element changes only
where it repeats a UID that changed in a standard one: what else it means nobody knows. Prior values
in an earlier Original Attributes Sequence stay too. Runs in the worker.
"""

import io
import itertools
import struct
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from passbox_dicom.elements import ITEM, UNDEFINED, Encoding, walk
from passbox_dicom.errors import MalformedDicom
from passbox_dicom.sources import FileSource
from passbox_dicom.uids import is_uid
from passbox_viewer.renaming import Renaming
from passbox_viewer.splicing import vr_of

ORIGINAL_ATTRIBUTES: Final = 0x04000561
KEPT: Final = frozenset(
    {
        0x00080014, 0x00080016, 0x0008001A, 0x0008001B, 0x00080062, 0x0008010C, 0x0008010D,
        0x00080117, 0x00080118, 0x00081150, 0x0008115A, 0x00083002, 0x00041510, 0x00041512,
        0x00181002, 0x0018100B, 0x0040DB0C, 0x0040DB0D, 0x04000010,
    }
)  # fmt: skip
"""SOP classes, coding schemes and contexts, devices, creators, transfer syntaxes."""
_LONGEST_SHORT: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Remapped:
    """The data set with new UIDs, and the tags of the top-level elements that changed."""

    data: bytes
    changed: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Value:
    """A UID element; its length is written right before ``start``, in ``width`` bytes."""

    tag: int
    start: int
    end: int
    width: int
    top: int


@dataclass(frozen=True, slots=True)
class _Container:
    """A sequence or item of defined length, its length right before ``start``."""

    start: int
    end: int


def remapped(data: bytes, encoding: Encoding, renaming: Renaming) -> Remapped:
    """Return a data set, or a part of one, with new UIDs; raise DicomError."""
    values, containers = _found(data, encoding)
    standard = [one for one in values if not _is_private(one.tag)]
    known = {uid for one in standard for uid in _uids(data[one.start : one.end])}
    edits: list[tuple[int, int, bytes]] = []
    changed: set[int] = set()
    grown: list[tuple[int, int]] = []
    for one in values:
        if one.tag in KEPT:
            continue
        old = data[one.start : one.end]
        new = _renamed(old, renaming, known if _is_private(one.tag) else None)
        if new != old:
            if one.width < 4 and len(new) > _LONGEST_SHORT:  # noqa: PLR2004  # bytes of a long length
                raise MalformedDicom("a list of UIDs that grows too long")
            length = struct.pack(encoding.order + ("H" if one.width < 4 else "I"), len(new))  # noqa: PLR2004  # as above
            edits.append((one.start - one.width, one.end, length + new))
            changed.add(one.top)
            grown.append((one.start, len(new) - len(old)))
    edits += _lengthened(containers, grown, encoding)
    return Remapped(_edited(data, edits), frozenset(changed))


def _found(data: bytes, encoding: Encoding) -> tuple[list[_Value], list[_Container]]:
    values: list[_Value] = []
    containers: list[_Container] = []
    top = 0
    for one in walk(FileSource(io.BytesIO(data), len(data)), encoding, 0, into_sequences=True):
        if one.vr == b"UN" and one.length == UNDEFINED and encoding is Encoding.EXPLICIT_BIG:
            raise MalformedDicom("a little endian sequence in big endian data")
        if not one.depth:
            top = one.tag
        if top == ORIGINAL_ATTRIBUTES:
            continue
        end = one.offset + one.length
        if one.tag == ITEM or one.vr == b"SQ" or vr_of(one) == "SQ":
            if one.length != UNDEFINED:
                containers.append(_Container(one.offset, end))
        elif vr_of(one) == "UI" and one.length != UNDEFINED:
            values.append(_Value(one.tag, one.offset, end, 2 if one.vr == b"UI" else 4, top))
    return values, containers


def _lengthened(
    containers: list[_Container], grown: list[tuple[int, int]], encoding: Encoding
) -> Iterator[tuple[int, int, bytes]]:
    grown = sorted(grown)
    places = [at for at, _ in grown]
    sums = [0, *itertools.accumulate(by for _, by in grown)]
    for one in containers:
        first, last = bisect_left(places, one.start), bisect_left(places, one.end)
        more = sums[last] - sums[first]
        if more:
            length = struct.pack(encoding.order + "I", one.end - one.start + more)
            yield one.start - 4, one.start, length


def _edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    parts, reached = [], 0
    for start, end, new in sorted(edits):
        parts += [data[reached:start], new]
        reached = end
    return b"".join([*parts, data[reached:]])


def _renamed(old: bytes, renaming: Renaming, only: set[str] | None) -> bytes:
    """Return the value with new UIDs; ``only`` these, or all of them."""
    uids = _uids(old)
    if not all(is_uid(uid) for uid in uids if uid):
        return old
    new = [renaming.of(uid) if only is None or uid in only else uid for uid in uids]
    if new == uids:
        return old
    text = "\\".join(new).encode("ascii")
    return text + b"\0" * (len(text) % 2)


def _uids(value: bytes) -> list[str]:
    parts = value.decode("ascii", "replace").split("\\")
    return [part.strip(" \0") for part in parts]


def _is_private(tag: int) -> bool:
    return bool(tag >> 16 & 1)
