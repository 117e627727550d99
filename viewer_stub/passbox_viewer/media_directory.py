"""The DICOMDIR of a download: PS3.3 annex F and PS3.10, written from the index alone. Pure.

The rule: no image is opened for it, and it grows by some 300 bytes an image, so that it is made in
memory before the first image leaves; only reports and the like are looked into (media_records.py),
and not more than MOST_OTHERS. Names of files are ours, never a patient's. What the index
does not know and the standard wants (Study ID, Patient ID where there is none) is a number of ours;
a study's time, which nobody may invent, is left empty. Texts are UTF-8 (ISO_IR 192).

What has no record that we know of, or not what its record wants, lies beside, which PS3.10 allows.
pydicom's FileSet is not used: it copies files and keeps a data set of each in memory.
"""

import hashlib
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydicom.uid import ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from passbox_dicom.meta import IMPLEMENTATION_CLASS_UID
from passbox_viewer.instances import Instance, InstanceFacts
from passbox_viewer.media_records import IMAGE, kind_of

FILE_SET_ID: Final = "PASSBOX"
MOST_OTHERS: Final = 1000
"""Objects that are looked into; what comes after them lies beside."""
_LONG: Final = {b"OB", b"SQ", b"UT"}
_DATE: Final = re.compile(r"[0-9]{8}\Z")
_CODE: Final = re.compile(r"[A-Z0-9 _]{1,16}\Z")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
_LONGEST: Final = 64
_IN_USE: Final = 0xFFFF
_ITEM: Final = b"\xfe\xff\x00\xe0"
_TEXT_CODE: Final = "ISO_IR 192"


KeysOf = Callable[[Instance, str, int], bytes | None]
"""The keys of an instance's record of this type; its number among its series is the third."""


@dataclass(frozen=True, slots=True)
class Filed:
    """One instance and where it lies: the parts of its File ID, each of 8 letters at most."""

    instance: Instance
    file_id: tuple[str, ...]


@dataclass(slots=True)
class _Record:
    kind: str
    keys: bytes
    below: list["_Record"] = field(default_factory=list)
    offset: int = 0
    following: int = 0

    def encode(self) -> bytes:
        lower = self.below[0].offset if self.below else 0
        body = (
            _element(0x0004, 0x1400, b"UL", struct.pack("<L", self.following))
            + _element(0x0004, 0x1410, b"US", struct.pack("<H", _IN_USE))
            + _element(0x0004, 0x1420, b"UL", struct.pack("<L", lower))
            + _text(0x0004, 0x1430, b"CS", self.kind)
            + self.keys
        )
        return _ITEM + struct.pack("<L", len(body)) + body


def filed(instances: Iterable[Instance]) -> list[Filed]:
    """Return instances in order of patient, study, series and number, each with its file name.

    Those without facts or beside another of their UID come last, in a folder of their own.
    """
    rows = list(instances)
    known = sorted((row for row in rows if row.forwardable), key=_order)
    found: list[Filed] = []
    counts, before = [0, 0, 0, 0], ("",) * 3
    for row in known:
        key = _order(row)[:3]
        level = next((n for n in range(3) if key[n] != before[n]), 3)
        counts = [*counts[:level], counts[level] + 1, *[1] * (3 - level)]
        before = key
        patient, study, series, image = counts
        names = (f"PAT{patient:05d}", f"STU{study:05d}", f"SER{series:05d}", f"I{image:07d}")
        found.append(Filed(row, ("IMAGES", *names)))
    others = (row for row in rows if not row.forwardable)
    found += [Filed(row, ("OTHER", f"O{n:07d}")) for n, row in enumerate(others, 1)]
    return found


def media_directory(files: Sequence[Filed], keys_of: KeysOf) -> bytes:
    """Return the bytes of the DICOMDIR that leads to these files."""
    roots = _tree(files, keys_of)
    head = _head(_uid_of(files))
    # The two offsets of the file-set and the flag stand between head and sequence.
    start = len(head) + len(_pointers(0, 0)) + 12
    end = _lay_out(roots, start)
    body = b"".join(record.encode() for record in _all(roots))
    first, last = (roots[0].offset, roots[-1].offset) if roots else (0, 0)
    sequence = struct.pack("<HH2sHL", 0x0004, 0x1220, b"SQ", 0, end - start)
    return head + _pointers(first, last) + sequence + body


def _tree(files: Sequence[Filed], keys_of: KeysOf) -> list[_Record]:
    roots: list[_Record] = []
    before: tuple[str, ...] = ()
    others = 0
    for one in files:
        facts = one.instance.facts
        if facts is None or one.instance.beside:
            continue
        kind = kind_of(one.instance.claims.sop_class_uid, has_pixels=facts.rows is not None)
        others += kind not in {IMAGE, None}
        leaf = _leaf(one, facts, kind, keys_of) if others <= MOST_OTHERS else None
        if leaf is None:
            continue
        key = one.file_id[1:4]
        same = next((n for n in range(3) if key[n : n + 1] != before[n : n + 1]), 3)
        makers = (_patient, _study, _series)
        for level in range(same, 3):
            ordinal = int(key[level][3:])
            _last(roots, level).append(makers[level](facts, ordinal))
        _last(roots, 3).append(leaf)
        before = key
    return roots


def _last(roots: list[_Record], level: int) -> list[_Record]:
    for _ in range(level):
        roots = roots[-1].below
    return roots


def _all(records: Iterable[_Record]) -> Iterable[_Record]:
    for record in records:
        yield record
        yield from _all(record.below)


def _lay_out(records: list[_Record], at: int) -> int:
    """Give each record its offset from the file's first byte; return where the last one ends."""
    for record in _all(records):
        record.offset = at
        at += len(record.encode())
    _chain(records)
    return at


def _chain(records: list[_Record]) -> None:
    for number, record in enumerate(records):
        record.following = records[number + 1].offset if number + 1 < len(records) else 0
        _chain(record.below)


def _uid_of(files: Iterable[Filed]) -> str:
    """Return the same UID for the same files (PS3.5 B.2, from a hash instead of a UUID)."""
    digest = hashlib.sha256(b"".join(one.instance.data_set_sha256 for one in files)).digest()
    return f"2.25.{int.from_bytes(digest[:16])}"


def _head(uid: str) -> bytes:
    meta = (
        _element(0x0002, 0x0001, b"OB", b"\0\1")
        + _text(0x0002, 0x0002, b"UI", MediaStorageDirectoryStorage)
        + _text(0x0002, 0x0003, b"UI", uid)
        + _text(0x0002, 0x0010, b"UI", ExplicitVRLittleEndian)
        + _text(0x0002, 0x0012, b"UI", IMPLEMENTATION_CLASS_UID)
    )
    length = _element(0x0002, 0x0000, b"UL", struct.pack("<L", len(meta)))
    return bytes(128) + b"DICM" + length + meta + _text(0x0004, 0x1130, b"CS", FILE_SET_ID)


def _pointers(first: int, last: int) -> bytes:
    return (
        _element(0x0004, 0x1200, b"UL", struct.pack("<L", first))
        + _element(0x0004, 0x1202, b"UL", struct.pack("<L", last))
        + _element(0x0004, 0x1212, b"US", struct.pack("<H", 0))
    )


def _patient(facts: InstanceFacts, ordinal: int) -> _Record:
    return _Record(
        "PATIENT",
        _text(0x0008, 0x0005, b"CS", _TEXT_CODE)
        + _text(0x0010, 0x0010, b"PN", _clean(facts.patient_name))
        + _text(0x0010, 0x0020, b"LO", _clean(facts.patient_id) or f"UNKNOWN {ordinal}"),
    )


def _study(facts: InstanceFacts, ordinal: int) -> _Record:
    return _Record(
        "STUDY",
        _text(0x0008, 0x0005, b"CS", _TEXT_CODE)
        + _text(0x0008, 0x0020, b"DA", facts.study_date if _DATE.match(facts.study_date) else "")
        + _text(0x0008, 0x0030, b"TM", "")
        + _text(0x0008, 0x0050, b"SH", "")
        + _text(0x0008, 0x1030, b"LO", _clean(facts.study_description))
        + _text(0x0020, 0x000D, b"UI", facts.study_instance_uid)
        + _text(0x0020, 0x0010, b"SH", str(ordinal)),
    )


def _series(facts: InstanceFacts, ordinal: int) -> _Record:
    number = facts.series_number if facts.series_number is not None else ordinal
    return _Record(
        "SERIES",
        _text(0x0008, 0x0005, b"CS", _TEXT_CODE)
        + _text(0x0008, 0x0060, b"CS", facts.modality if _CODE.match(facts.modality) else "OT")
        + _text(0x0008, 0x103E, b"LO", _clean(facts.series_description))
        + _text(0x0020, 0x000E, b"UI", facts.series_instance_uid)
        + _text(0x0020, 0x0011, b"IS", str(number)),
    )


def _leaf(one: Filed, facts: InstanceFacts, kind: str | None, keys_of: KeysOf) -> _Record | None:
    number = int(one.file_id[4][1:])
    keys: bytes | None = None
    if kind == IMAGE:
        known = facts.instance_number
        keys = _text(0x0020, 0x0013, b"IS", str(number if known is None else known))
    elif kind is not None:
        keys = keys_of(one.instance, kind, number)
    if kind is None or keys is None:
        return None
    claims = one.instance.claims
    return _Record(
        kind,
        _text(0x0004, 0x1500, b"CS", "\\".join(one.file_id))
        + _text(0x0004, 0x1510, b"UI", claims.sop_class_uid)
        + _text(0x0004, 0x1511, b"UI", claims.sop_instance_uid)
        + _text(0x0004, 0x1512, b"UI", claims.transfer_syntax_uid)
        + keys,
    )


def _order(row: Instance) -> tuple[str, str, str, int, int]:
    facts = row.facts
    assert facts is not None  # noqa: S101  # only those with facts are ordered
    return (
        repr((facts.patient_name, facts.patient_id, facts.birth_date, facts.sex)),
        facts.study_instance_uid,
        facts.series_instance_uid,
        facts.instance_number or 0,
        row.number,
    )


def _clean(untrusted: str) -> str:
    """Return what one value of a text may hold: no control, no backslash, 64 characters."""
    return _UNPRINTABLE.sub(" ", untrusted)[:_LONGEST].strip()


def _text(group: int, element: int, vr: bytes, value: str) -> bytes:
    data = value.encode()
    padding = b"\0" if vr == b"UI" else b" "
    return _element(group, element, vr, data + padding * (len(data) % 2))


def _element(group: int, element: int, vr: bytes, value: bytes) -> bytes:
    if vr in _LONG:
        return struct.pack("<HH2sHL", group, element, vr, 0, len(value)) + value
    return struct.pack("<HH2sH", group, element, vr, len(value)) + value
