"""Tables of contents (DICOMDIR) whose records link as the standard says, or otherwise."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tests.builders.dicom import (
    DIRECTORY,
    Values,
    data_set,
    element,
    item,
    part10,
    short,
    text,
    uid,
)
from tests.discs.slices import Slice

Order = Literal["tree", "levels"]
Links = Literal["right", "shifted", "circle", "none"]


@dataclass
class _Record:
    kind: str
    values: Values
    file_id: str | None = None
    image: Slice | None = None
    parent: int | None = None


def _records(listed: Sequence[tuple[str, Slice]]) -> list[_Record]:
    """Return the records depth first; a record's parent comes before it."""
    records: list[_Record] = []
    known: dict[tuple[object, ...], int] = {}

    def level(key: tuple[object, ...], kind: str, values: Values, parent: int | None) -> int:
        if key not in known:
            known[key] = len(records)
            records.append(_Record(kind, values, parent=parent))
        return known[key]

    for path, image in listed:
        whole = image.values()
        patient = level(
            (image.patient_id, image.patient),
            "PATIENT",
            {tag: whole[tag] for tag in (0x00080005, 0x00100010, 0x00100020, 0x00100030)},
            None,
        )
        study = level(
            (patient, image.study),
            "STUDY",
            {tag: whole[tag] for tag in (0x00080020, 0x00081030, 0x0020000D)},
            patient,
        )
        of = level(
            (study, image.series),
            "SERIES",
            {tag: whole[tag] for tag in (0x00080060, 0x0020000E, 0x00200011)},
            study,
        )
        file_id = path.replace("/", "\\")
        records.append(_Record("IMAGE", {}, file_id, image, of))
    return records


def _encoded(record: _Record, next_offset: int, lower_offset: int) -> bytes:
    content = (
        element(0x00041400, b"UL", struct.pack("<I", next_offset))
        + element(0x00041410, b"US", short(0xFFFF))
        + element(0x00041420, b"UL", struct.pack("<I", lower_offset))
        + element(0x00041430, b"CS", text(record.kind))
    )
    if record.file_id is not None and record.image is not None:
        content += element(0x00041500, b"CS", text(record.file_id))
        content += element(0x00041510, b"UI", uid(record.image.sop_class))
        content += element(0x00041511, b"UI", uid(record.image.uid))
    return item(content + data_set(record.values))


def table(
    listed: Sequence[tuple[str, Slice]], *, order: Order = "tree", links: Links = "right"
) -> bytes:
    """Return a DICOMDIR that names each slice by its path.

    ``order`` "levels" writes all patients, then all studies and so on: only links tell the tree.
    """
    records = _records(listed)
    places = list(range(len(records)))
    if order == "levels":
        kinds = ("PATIENT", "STUDY", "SERIES", "IMAGE")
        places.sort(key=lambda place: kinds.index(records[place].kind))
    start = len(_file(0, b""))
    offsets: dict[int, int] = {}
    for place in places:
        offsets[place] = start
        start += len(_encoded(records[place], 0, 0))
    return _file(*_linked(records, places, offsets, links))


def _linked(
    records: list[_Record], places: list[int], offsets: dict[int, int], links: Links
) -> tuple[int, bytes]:
    children: dict[int | None, list[int]] = {}
    for place, record in enumerate(records):
        children.setdefault(record.parent, []).append(place)
    shift = {"right": 0, "shifted": 8, "circle": 0, "none": 0}[links]

    def offset(place: int | None) -> int:
        return 0 if place is None or links == "none" else offsets[place] + shift

    coded = []
    for place in places:
        siblings = children[records[place].parent]
        after = siblings[siblings.index(place) + 1 :]
        below = children.get(place, [])
        following = place if links == "circle" else (after[0] if after else None)
        lower = offset(below[0] if below else None)
        coded.append(_encoded(records[place], offset(following), lower))
    first = children.get(None, [])
    return offset(first[0] if first else None), b"".join(coded)


def _file(first_record: int, records: bytes) -> bytes:
    body = (
        element(0x00041130, b"CS", text("DISC"))
        + element(0x00041200, b"UL", struct.pack("<I", first_record))
        + element(0x00041202, b"UL", struct.pack("<I", first_record))
        + element(0x00041220, b"SQ", records)
    )
    return part10(body, sop_class=DIRECTORY)


def listed(slices: Sequence[Slice], folder: str = "IMAGES") -> list[tuple[str, Slice]]:
    """Return slices with the paths that slices.files() gives them."""
    prefix = f"{folder}/" if folder else ""
    return [(f"{prefix}IM{place:06}", image) for place, image in enumerate(slices, 1)]
