"""What changes in an image that gets the house's Patient ID or new UIDs. Pure; runs in the worker.

PS3.3 C.12.1.1.9: what was there goes into a new item of the Original Attributes Sequence, reason
COERCE; earlier items stay. Instance Coercion DateTime says when, and an item of the Contributing
Equipment Sequence (purpose MEDIM of CID 7005) by whom. Prior values are copied as bytes, never
decoded. What belongs to a replaced value alone, its issuer, goes with it.
"""

import contextlib
import struct
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from pydicom.charset import python_encoding
from pydicom.dataset import Dataset

from passbox_dicom.elements import Encoding
from passbox_viewer.remapping import ORIGINAL_ATTRIBUTES, remapped
from passbox_viewer.renaming import Renaming
from passbox_viewer.splicing import element_of, encoded, sequence, spliced, with_item
from passbox_wire.canonical import Json

MODIFYING_SYSTEM: Final = "PASSBOX"
_CHARSET: Final = 0x00080005
_ACCESSION_ISSUER: Final = 0x00080051
_PATIENT_ID: Final = 0x00100020
_ISSUER: Final = 0x00100021
_ISSUER_QUALIFIERS: Final = 0x00100024
_EQUIPMENT: Final = 0x0018A001
_MODIFIED: Final = 0x04000550
_SOURCE: Final = 0x04000564
_MAX_SOURCE: Final = 64
_GIVEN: Final = ("patient_id", "issuer", "accession", "new_uids", "source")
_CHARSETS: Final = frozenset(
    {*(f"ISO_IR {n}" for n in (100, 101, 109, 110, 126, 127, 138, 144, 148, 166, 192)), "GB18030"}
)
"""Without code extensions (PS3.3 C.12.1.1.2); in others we write ASCII only."""


def coerced(head: bytes, encoding: Encoding, coercion: Mapping[str, Json]) -> bytes:
    """Return what stands before the pixel data as it goes out; raise DicomError.

    ``coercion``: patient_id, issuer, accession (may be empty; without a patient_id none of them is
    touched), new_uids (the salt of renaming.py, empty to keep them), source (whose the prior values
    are) and time (DT).
    """
    given = {name: str(coercion[name]) for name in _GIVEN}
    time = str(coercion["time"])
    changed = Dataset()
    changed.InstanceCoercionDateTime = time
    elements = encoded(changed, encoding)
    if given["patient_id"]:
        elements |= _identity(encoding, given)
    renamed = remapped(head, encoding, Renaming(given["new_uids"]))
    prior = _prior(head, encoding, {*elements, *renamed.changed})
    original = _original(encoding, prior, time, _source(head, encoding, given["source"]))
    elements[ORIGINAL_ATTRIBUTES] = with_item(
        head, encoding, ORIGINAL_ATTRIBUTES, _item(encoding, original)
    )
    equipment = b"".join(encoded(_equipment(time), encoding).values())
    elements[_EQUIPMENT] = with_item(renamed.data, encoding, _EQUIPMENT, _item(encoding, equipment))
    return spliced(renamed.data, encoding, elements)


def _identity(encoding: Encoding, given: Mapping[str, str]) -> dict[int, bytes]:
    """Return the elements of the house's identity, empty ones to be left out."""
    changed = Dataset()
    changed.PatientID = given["patient_id"]
    removed = [_ISSUER_QUALIFIERS]
    if given["issuer"]:
        changed.IssuerOfPatientID = given["issuer"]
    else:
        removed.append(_ISSUER)
    if given["accession"]:
        changed.AccessionNumber = given["accession"]
        removed.append(_ACCESSION_ISSUER)
    return encoded(changed, encoding) | dict.fromkeys(removed, b"")


def _prior(head: bytes, encoding: Encoding, tags: AbstractSet[int]) -> bytes:
    """Return the prior values: as they stand there, empty where an attribute was added."""
    added = Dataset()
    added.AccessionNumber, added.PatientID, added.IssuerOfPatientID = "", "", ""
    empty = encoded(added, encoding)
    if _PATIENT_ID in tags:
        tags = tags | {_ISSUER}  # it says whose the old Patient ID was
    return b"".join(element_of(head, encoding, tag) or empty.get(tag, b"") for tag in sorted(tags))


def _original(encoding: Encoding, prior: bytes, time: str, source: bytes) -> bytes:
    """Return the content of an item of the Original Attributes Sequence (table C.12.1.1.9-1)."""
    rest = Dataset()
    rest.AttributeModificationDateTime = time
    rest.ModifyingSystem = MODIFYING_SYSTEM
    after = Dataset()
    after.ReasonForTheAttributeModification = "COERCE"
    return b"".join(
        (
            sequence(encoding, _MODIFIED, _item(encoding, prior)),
            *encoded(rest, encoding).values(),
            source,
            *encoded(after, encoding).values(),
        )
    )


def _source(head: bytes, encoding: Encoding, name: str) -> bytes:
    """Return Source of Previous Values in the object's character set, empty where it cannot be."""
    text = " ".join(name.replace("\\", " ").split())[:_MAX_SOURCE].strip()
    charset = element_of(head, encoding, _CHARSET)[8:].decode("ascii", "replace").strip("\0 ")
    source = Dataset()
    source.SourceOfPreviousValues = text if text.isascii() else ""
    if not text.isascii() and charset in _CHARSETS:
        with contextlib.suppress(UnicodeError):
            text.encode(python_encoding[charset])
            source.SpecificCharacterSet, source.SourceOfPreviousValues = charset, text
    return encoded(source, encoding)[_SOURCE]


def _equipment(time: str) -> Dataset:
    """Return an item of the Contributing Equipment Sequence (PS3.3 table C.12-1)."""
    purpose = Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator = "MEDIM", "DCM"
    purpose.CodeMeaning = "Portable Media Importer Equipment"
    item = Dataset()
    item.Manufacturer = "Passbox"
    item.StationName = MODIFYING_SYSTEM
    item.ContributionDateTime = time
    item.ContributionDescription = "Import of images from outside"
    item.PurposeOfReferenceCodeSequence = [purpose]
    return item


def _item(encoding: Encoding, content: bytes) -> bytes:
    return struct.pack(encoding.order + "HHI", 0xFFFE, 0xE000, len(content)) + content
