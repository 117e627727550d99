"""The file meta information that a file without one is given (PS3.10 section 7.1).

Only what is written before the data set is made here; the original bytes are kept and hashed by
whoever calls, and the data set follows unchanged.
"""

import struct
from typing import Final

from passbox_dicom.errors import NotDicom
from passbox_dicom.form import MAGIC, PREAMBLE_BYTES
from passbox_dicom.header import Header

IMPLEMENTATION_CLASS_UID: Final = "2.25.137840290096433971158308476536720361809"
"""Ours, made once from a random UUID (PS3.5 B.2)."""
IMPLEMENTATION_VERSION: Final = "PASSBOX"

_VERSION: Final = b"\x00\x01"


def file_meta(header: Header) -> bytes:
    """Return preamble, magic and group 0002 for the data set of ``header``.

    Raises:
        NotDicom: without usable UIDs no meta information can be made.

    """
    if not header.storable or header.sop_class_uid is None or header.sop_instance_uid is None:
        raise NotDicom("a file without usable UIDs cannot be wrapped")
    return file_meta_of(header.sop_class_uid, header.sop_instance_uid, header.transfer_syntax_uid)


def file_meta_of(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Return preamble, magic and group 0002 for what these UIDs, all in shape, say."""
    elements = b"".join(
        (
            _other_bytes(0x0001, _VERSION),
            _text(0x0002, b"UI", sop_class_uid),
            _text(0x0003, b"UI", sop_instance_uid),
            _text(0x0010, b"UI", transfer_syntax_uid),
            _text(0x0012, b"UI", IMPLEMENTATION_CLASS_UID),
            _text(0x0013, b"SH", IMPLEMENTATION_VERSION),
        )
    )
    length = struct.pack("<HH2sHI", 0x0002, 0x0000, b"UL", 4, len(elements))
    return bytes(PREAMBLE_BYTES) + MAGIC + length + elements


def _text(number: int, vr: bytes, text: str) -> bytes:
    value = text.encode("ascii")
    value += (b"\0" if vr == b"UI" else b" ") * (len(value) % 2)
    return struct.pack("<HH2sH", 0x0002, number, vr, len(value)) + value


def _other_bytes(number: int, value: bytes) -> bytes:
    return struct.pack("<HH2sHI", 0x0002, number, b"OB", 0, len(value)) + value
