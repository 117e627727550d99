"""Runs in the killable worker: the keys of a directory record, from the object it leads to.

    {"kind", "ordinal"} -> {"keys"}, or {"cannot": true} without what the standard wants

pydicom's own table says which keys a type of record has (PS3.3 section F.5). Texts are written
anew in UTF-8. The file is handed over open (handed.py).
"""

import base64
from typing import BinaryIO, Final

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.fileset import DIRECTORY_RECORDERS
from pydicom.filewriter import write_dataset

from passbox_dicom.handed import opened
from passbox_dicom.part10 import inflated
from passbox_wire.canonical import Json

_MOST_KEY_BYTES: Final = 16 * 1024
_CONTENT: Final = "ContentSequence"
_OF_THE_TITLE: Final = "HAS CONCEPT MOD"


def record_keys(request: dict[str, Json]) -> dict[str, Json]:
    """Answer {"keys": base64 of explicit little endian}."""
    try:
        with opened(request) as file:
            keys = _keys(file, str(request["kind"]), str(request["ordinal"]))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # pydicom raises whatever it likes
        return {"cannot": True}
    if len(keys) > _MOST_KEY_BYTES:
        return {"cannot": True}
    return {"keys": base64.b64encode(keys).decode()}


def _keys(file: BinaryIO, kind: str, ordinal: str) -> bytes:
    described = dcmread(inflated(file), stop_before_pixels=True)
    described.decode()
    if not str(described.get("InstanceNumber") or ""):
        described.InstanceNumber = ordinal
    record = DIRECTORY_RECORDERS[kind](described)
    if _CONTENT in record:  # only what tells more of the title belongs here (PS3.3 F.5.24)
        items = [
            one for one in record[_CONTENT].value if one.get("RelationshipType") == _OF_THE_TITLE
        ]
        del record[_CONTENT]
        if items:
            record.ContentSequence = items
    return _written(record)


def _written(record: Dataset) -> bytes:
    record.SpecificCharacterSet = "ISO_IR 192"
    out = DicomBytesIO()
    out.is_little_endian, out.is_implicit_VR = True, False
    write_dataset(out, record)
    return out.getvalue()
