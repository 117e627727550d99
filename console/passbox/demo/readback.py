"""Reading back from the PACS: what it says it has (C-FIND) and what it gives back (C-GET).

The embedded PACS keeps the very bytes it was sent, so hashes are compared. A real one may rewrite
lengths and group lengths (Orthanc does), so there every element and the pixel bytes are compared.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom import AE, build_context, build_role, evt

from passbox.errors import DemoFailed

CALLING: Final = "PASSBOX"
# PS3.4 C.6.2: the query/retrieve models of the study root.
STUDY_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_ROOT_GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"
_PENDING: Final = (0xFF00, 0xFF01)
_DATA_SET_TRAILING_PADDING: Final = 0xFFFCFFFC
_MOST_STORAGE_CONTEXTS: Final = 126  # of 128 in one association; one is C-GET itself


@dataclass(frozen=True, slots=True)
class PacsAddress:
    """Where a PACS answers."""

    host: str
    port: int
    ae_title: str


@dataclass(frozen=True, slots=True)
class Held:
    """One instance the PACS says it has."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str


def instances_held(pacs: PacsAddress, studies: set[str]) -> list[Held]:
    """Return what the PACS answers for these studies by C-FIND, study root, down to image level."""
    entity = AE(ae_title=CALLING)
    entity.add_requested_context(STUDY_ROOT_FIND)
    association = entity.associate(pacs.host, pacs.port, ae_title=pacs.ae_title)
    if not association.is_established:
        raise DemoFailed(f"The PACS {pacs.ae_title} at {pacs.host}:{pacs.port} does not answer.")

    def ask(level: str, **keys: str) -> list[Dataset]:
        # A list, not a generator: one association carries one C-FIND at a time.
        answers = []
        query = Dataset()
        query.QueryRetrieveLevel = level
        for name, value in keys.items():
            setattr(query, name, value)
        model = STUDY_ROOT_FIND
        for status, identifier in association.send_c_find(query, model):
            if not status or status.Status not in (0x0000, *_PENDING):
                raise DemoFailed("The PACS refused a C-FIND.")
            if status.Status in _PENDING and identifier is not None:
                answers.append(identifier)
        return answers

    try:
        return [
            Held(
                study,
                str(series.SeriesInstanceUID),
                str(image.SOPInstanceUID),
            )
            for study in sorted(studies)
            for series in ask("SERIES", StudyInstanceUID=study, SeriesInstanceUID="")
            for image in ask(
                "IMAGE",
                StudyInstanceUID=study,
                SeriesInstanceUID=str(series.SeriesInstanceUID),
                SOPInstanceUID="",
            )
        ]
    finally:
        association.release()


def embedded_hashes(folder: Path) -> dict[str, bytes]:
    """Return {SOP Instance UID: SHA-256 of the data set} of what the embedded PACS keeps."""
    hashes = {}
    for note in folder.glob("*.json"):
        uid = json.loads(note.read_text())["uid"]
        hashes[uid] = hashlib.sha256(note.with_suffix(".dataset").read_bytes()).digest()
    return hashes


def equal_elements(pacs: PacsAddress, held: list[Held], originals: Mapping[str, Path]) -> set[str]:
    """Return the SOP Instance UIDs whose every element comes back as it is in the original.

    ``originals`` are files by UID. Read by C-GET, one series at a time, so that memory stays flat.
    """
    equal: set[str] = set()
    for study, series in sorted(
        {(item.study_instance_uid, item.series_instance_uid) for item in held}
    ):
        of_series = [item for item in held if item.series_instance_uid == series]
        paths = {
            item.sop_instance_uid: originals[item.sop_instance_uid]
            for item in of_series
            if item.sop_instance_uid in originals
        }
        # Of the originals and no other, so that the PACS has no reason to convert; not every PACS
        # names the SOP class in its answers.
        pairs = {_class_and_syntax(path) for path in paths.values()}
        for returned in _get_series(pacs, study, series, pairs):
            uid = str(returned.SOPInstanceUID)
            if uid in paths and not differences(dcmread(paths[uid], force=True), returned):
                equal.add(uid)
    return equal


def _class_and_syntax(path: Path) -> tuple[str, str]:
    original = dcmread(path, force=True, stop_before_pixels=True)
    syntax = original.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)
    return str(original.SOPClassUID), str(syntax)


def _get_series(
    pacs: PacsAddress, study: str, series: str, pairs: set[tuple[str, str]]
) -> list[Dataset]:
    returned: list[Dataset] = []

    def keep(event: evt.Event) -> int:
        data_set = event.dataset
        data_set.file_meta = event.file_meta
        returned.append(data_set)
        return 0x0000

    entity = AE(ae_title=CALLING)
    entity.add_requested_context(STUDY_ROOT_GET)
    for sop_class, syntax in sorted(pairs)[:_MOST_STORAGE_CONTEXTS]:
        entity.requested_contexts = [*entity.requested_contexts, build_context(sop_class, syntax)]
    roles: list[Any] = [
        build_role(sop_class, scp_role=True) for sop_class in sorted({pair[0] for pair in pairs})
    ]
    association = entity.associate(
        pacs.host,
        pacs.port,
        ae_title=pacs.ae_title,
        ext_neg=roles,
        evt_handlers=[(evt.EVT_C_STORE, keep)],
    )
    if not association.is_established:
        raise DemoFailed("The PACS does not offer C-GET.")
    query = Dataset()
    query.QueryRetrieveLevel = "SERIES"
    query.StudyInstanceUID, query.SeriesInstanceUID = study, series
    for status, _ in association.send_c_get(query, STUDY_ROOT_GET):
        if not status or status.Status not in (0x0000, *_PENDING):
            break  # what did not come back is not equal; the table says so
    association.release()
    return returned


def differences(original: Dataset, returned: Dataset) -> list[str]:
    """Return the tags that differ, group lengths and trailing padding left out (PS3.5 7.2, 7.5)."""
    one, other = _elements(original), _elements(returned)
    return sorted(tag for tag in one.keys() | other.keys() if one.get(tag) != other.get(tag))


def _elements(data_set: Dataset) -> dict[str, object]:
    elements: dict[str, object] = {}
    for element in data_set:
        if element.tag.element == 0 or element.tag == _DATA_SET_TRAILING_PADDING:
            continue
        value = element.value
        if element.VR == "SQ":
            elements[str(element.tag)] = [_elements(item) for item in value]
        elif isinstance(value, bytes):
            # An odd value may have got its pad byte on the way (PS3.5 6.2).
            elements[str(element.tag)] = value.rstrip(b"\0") if len(value) % 2 else value
        else:
            elements[str(element.tag)] = str(value)
    return elements
