"""Which directory record an object gets, and the keys of those that are no images (PS3.3 annex F).

An image's keys are in the index. Others want what only their files say (titles, flags, concept
names): a killable worker reads it, and what it says is taken for elements only after a walk through
them. Whoever has not what the standard wants of its record gets none: it lies beside the
directory, which PS3.10 allows.
"""

import base64
import binascii
import io
from typing import Final

from passbox_dicom.elements import Encoding, walk
from passbox_dicom.errors import DicomError, WorkerFailed
from passbox_dicom.preview import Runner
from passbox_dicom.sources import FileSource
from passbox_dicom.worker import WorkerLimits
from passbox_viewer.errors import ArchiveChanged, ArchiveFailed
from passbox_viewer.instances import Instance
from passbox_viewer.lending import Lending
from passbox_wire.canonical import Json
from passbox_wire.errors import Malformed

TARGET: Final = "passbox_viewer.record_target:record_keys"
MOST_KEY_BYTES: Final = 16 * 1024
"""Of one record."""
IMAGE: Final = "IMAGE"

_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
_LAST_OF_DIRECTORY: Final = 0x0004FFFF
_KINDS: Final = {
    "4.2": "SPECTROSCOPY",
    "66": "RAW DATA",
    "66.1": "REGISTRATION",
    "66.2": "FIDUCIAL",
    "66.3": "REGISTRATION",
    "66.5": "SURFACE",
    "66.6": "TRACT",
    "67": "VALUE MAP",
    "77.1.5.3": "STEREOMETRIC",
    "78.6": "SR DOCUMENT",
    "79.1": "SR DOCUMENT",
    "80.1": "MEASUREMENT",
    "88.59": "KEY OBJECT DOC",
    "90.1": "ASSESSMENT",
    "131": "PRESENTATION",
    "481.1": IMAGE,
    "481.2": "RT DOSE",
    "481.3": "RT STRUCTURE SET",
    "481.4": "RT TREAT RECORD",
    "481.5": "RT PLAN",
    "481.6": "RT TREAT RECORD",
    "481.7": "RT TREAT RECORD",
    "481.8": "RT PLAN",
    "481.9": "RT TREAT RECORD",
    "481.23": IMAGE,
    "481.24": IMAGE,
}
"""By what follows the root of the storage classes (PS3.4 annex B.5; PS3.3 section F.5)."""
_FAMILIES: Final = {
    "9.": "WAVEFORM",
    "11.": "PRESENTATION",
    "68.": "SURFACE SCAN",
    "78.": "MEASUREMENT",
    "88.": "SR DOCUMENT",
    "104.": "ENCAP DOC",
    "481.": "RADIOTHERAPY",
}


def limits(memory_bytes: int, cpu_seconds: float) -> WorkerLimits:
    """Return what one request to TARGET may cost."""
    return WorkerLimits(cpu_seconds=cpu_seconds, memory_bytes=memory_bytes, opens_files=False)


def kind_of(sop_class_uid: str, *, has_pixels: bool) -> str | None:
    """Return the type of directory record, None for what has none that we know of."""
    name = sop_class_uid.removeprefix(_STORAGE)
    if name != sop_class_uid:
        if name in _KINDS:
            return _KINDS[name]
        for family, kind in _FAMILIES.items():
            if name.startswith(family):
                return kind
    return IMAGE if has_pixels else None


class Records:
    """Has keys read. May be shared by threads."""

    def __init__(self, lender: Lending, workers: Runner) -> None:
        self._lender = lender
        self._workers = workers

    def keys(self, instance: Instance, kind: str, ordinal: int) -> bytes | None:
        """Return the keys of a record in Explicit VR Little Endian, None without a record.

        ``ordinal`` is the instance number of one that has none.
        """
        try:
            with self._lender.lend(instance) as path:
                request: dict[str, Json] = {"path": str(path), "kind": kind, "ordinal": ordinal}
                return parse_keys(self._workers.run(request).get("keys"))
        except (ArchiveChanged, ArchiveFailed, Malformed, OSError, WorkerFailed):
            return None


def parse_keys(untrusted: Json) -> bytes:
    """Return elements that are whole, and none of the directory itself; raise Malformed."""
    if not isinstance(untrusted, str) or len(untrusted) > 2 * MOST_KEY_BYTES:
        raise Malformed("keys", "not of this form")
    try:
        keys = base64.b64decode(untrusted, validate=True)
        source = FileSource(io.BytesIO(keys), len(keys))
        tags = [
            element.tag
            for element in walk(source, Encoding.EXPLICIT_LITTLE, 0, into_sequences=True)
            if not element.depth
        ]
    except (binascii.Error, ValueError, DicomError) as error:
        raise Malformed("keys", "not of this form") from error
    if tags != sorted(set(tags)) or any(tag <= _LAST_OF_DIRECTORY for tag in tags):
        raise Malformed("keys", "not in their order")
    return keys
