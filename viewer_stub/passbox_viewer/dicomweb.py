"""The words of DICOMweb: search answers and metadata as DICOM JSON (PS3.18 8.3, 10.6, F.2).

Pure. It knows the instances of one transfer and nothing else: a UID that is not among them is
unknown, whoever else may hold it. Of two instances with one UID only the first is there, because a
viewer could not tell them apart. Search keys other than those in ``_MATCHED`` are not matched.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from passbox_viewer.instances import Instance, InstanceFacts
from passbox_wire.canonical import Json
from passbox_wire.errors import Malformed

Row = tuple[Instance, InstanceFacts]

ENCAPSULATED_PDF: Final = "1.2.840.10008.5.1.4.1.1.104.1"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
MOST_ANSWERS: Final = 10_000
_MAX_DEPTH: Final = 16
_TAG: Final = re.compile(r"[0-9A-F]{8}\Z")
_VR: Final = re.compile(r"[A-Z]{2}\Z")
_PLACE: Final = re.compile(r"[0-9A-F]{8}(?:/[0-9]{1,6}/[0-9A-F]{8}){0,16}\Z")
_KEYS: Final = frozenset({"vr", "Value", "InlineBinary", "BulkDataURI"})
_BINARY: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_DOCUMENT, _DOCUMENT_TYPE = "00420011", "00420012"
_PN_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")

_MATCHED: Final[Mapping[str, Callable[[Instance, InstanceFacts], str]]] = {
    "0020000D": lambda _, facts: facts.study_instance_uid,
    "0020000E": lambda _, facts: facts.series_instance_uid,
    "00080018": lambda row, _: row.claims.sop_instance_uid,
    "00100020": lambda _, facts: facts.patient_id,
    "00080060": lambda _, facts: facts.modality,
}
_KEYWORDS: Final = {
    "StudyInstanceUID": "0020000D",
    "SeriesInstanceUID": "0020000E",
    "SOPInstanceUID": "00080018",
    "PatientID": "00100020",
    "Modality": "00080060",
}


def shown(instances: Iterable[Instance]) -> list[Row]:
    """Return the instances a viewer may ask for, with their facts."""
    return [(row, row.facts) for row in instances if row.facts is not None and not row.beside]


def of_study(rows: Iterable[Row], study: str) -> list[Row]:
    """Return the rows of a study, none for one of another transfer."""
    return [row for row in rows if row[1].study_instance_uid == study]


def of_series(rows: Iterable[Row], series: str) -> list[Row]:
    """Return the rows of a series."""
    return [row for row in rows if row[1].series_instance_uid == series]


def matching(rows: Iterable[Row], untrusted_query: Iterable[tuple[str, str]]) -> list[Row]:
    """Return the rows a search asks for; a list of values separated by commas matches any."""
    wanted = [
        (_MATCHED[tag], frozenset(value.split(",")))
        for key, value in untrusted_query
        if (tag := _KEYWORDS.get(key, key.upper())) in _MATCHED and value
    ]
    return [row for row in rows if all(of(*row) in values for of, values in wanted)]


def page_of(answers: Sequence[Json], untrusted_query: Iterable[tuple[str, str]]) -> list[Json]:
    """Return the part of the answers that ``offset`` and ``limit`` ask for."""
    query = dict(untrusted_query)
    offset, limit = _count(query.get("offset"), 0), _count(query.get("limit"), MOST_ANSWERS)
    return list(answers[offset : offset + min(limit, MOST_ANSWERS)])


def studies(rows: Sequence[Row]) -> list[Json]:
    """Return one answer a study (PS3.18 table 10.6.3-3)."""
    return [
        _study(of_study(rows, uid)) | {"00080005": _element("CS", "ISO_IR 192")}
        for uid in dict.fromkeys(facts.study_instance_uid for _, facts in rows)
    ]


def series(rows: Sequence[Row]) -> list[Json]:
    """Return one answer a series."""
    found: list[Json] = []
    pairs = dict.fromkeys((f.study_instance_uid, f.series_instance_uid) for _, f in rows)
    for study, uid in pairs:
        members = of_series(of_study(rows, study), uid)
        facts = members[0][1]
        found.append(
            {
                "00080005": _element("CS", "ISO_IR 192"),
                "00080060": _element("CS", facts.modality),
                "0008103E": _element("LO", facts.series_description),
                "0020000D": _element("UI", study),
                "0020000E": _element("UI", uid),
                "00200011": _element("IS", facts.series_number),
                "00201209": _element("IS", len(members)),
            }
        )
    return found


def instances(rows: Sequence[Row]) -> list[Json]:
    """Return one answer an instance."""
    return [_instance(row, facts) for row, facts in rows]


def least(row: Instance, facts: InstanceFacts) -> dict[str, Json]:
    """Return what can be said of an instance whose header gave its worker trouble."""
    return {**_study([(row, facts)]), **_instance(row, facts)}


def parse_attributes(untrusted: Json, row: Instance, facts: InstanceFacts) -> dict[str, Json]:
    """Return DICOM JSON of exactly this instance: its UIDs are those of the index.

    Long values are told by their place in it (dicomweb_target.py) for with_addresses().

    Raises Malformed when it is none, or refers to anything outside itself.
    """
    attributes = _data_set(untrusted, "")
    if _DOCUMENT in attributes:  # a browser takes it for what this says
        is_pdf = row.claims.sop_class_uid == ENCAPSULATED_PDF
        kind = "application/pdf" if is_pdf else "application/octet-stream"
        attributes[_DOCUMENT_TYPE] = _element("LO", kind)
    return attributes | {
        "00080016": _element("UI", row.claims.sop_class_uid),
        "00080018": _element("UI", row.claims.sop_instance_uid),
        "0020000D": _element("UI", facts.study_instance_uid),
        "0020000E": _element("UI", facts.series_instance_uid),
        "00083002": _element("UI", EXPLICIT_LITTLE),
    }


def path_of(row: Instance, facts: InstanceFacts) -> str:
    """Return an instance's path below the service's root."""
    return (
        f"/studies/{facts.study_instance_uid}/series/{facts.series_instance_uid}"
        f"/instances/{row.claims.sop_instance_uid}"
    )


def with_addresses(encoded: bytes, instance_url: str) -> bytes:
    """Return an instance's encoded DICOM JSON with places made addresses below the instance's.

    No text in it can be taken for the key: encode() puts a backslash before a text's quotes.
    """
    key = b'"BulkDataURI":"'
    return encoded.replace(key, key + f"{instance_url}/bulkdata/".encode("ascii"))


def is_place(untrusted: str) -> bool:
    """Return whether this can be the place of a value in an instance."""
    return bool(_PLACE.match(untrusted))


def encode(value: Json) -> bytes:
    """Return JSON in ASCII; numbers may be fractions, unlike in the contract's."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _data_set(untrusted: Json, place: str) -> dict[str, Json]:
    if not isinstance(untrusted, dict) or place.count("/") > 2 * _MAX_DEPTH:
        raise Malformed("DICOM JSON", "not of this form")
    return {tag: _checked(tag, element, place) for tag, element in untrusted.items()}


def _checked(tag: str, element: Json, place: str) -> Json:
    """Return the element; bulk data are said to be where the element itself stands, or nowhere."""
    if not _TAG.match(tag) or not isinstance(element, dict) or not element.keys() <= _KEYS:
        raise Malformed("DICOM JSON", "not of this form")
    vr, values = element.get("vr"), element.get("Value", [])
    if not isinstance(vr, str) or not _VR.match(vr) or not isinstance(values, list):
        raise Malformed("DICOM JSON", "not of this form")
    if not isinstance(element.get("InlineBinary", ""), str):
        raise Malformed("DICOM JSON", "not of this form")
    here = f"{place}{tag}"
    if "BulkDataURI" in element and (vr not in _BINARY or element["BulkDataURI"] != here):
        raise Malformed("DICOM JSON", "not of this form")
    if vr == "SQ":
        items = [_data_set(item or {}, f"{here}/{n}/") for n, item in enumerate(values)]
        return {"vr": vr, "Value": list[Json](items)}
    for value in values:
        if not (_is_name(value) if isinstance(value, dict) else _is_plain(value)):
            raise Malformed("DICOM JSON", "not of this form")
    return element


def _is_name(value: dict[str, Json]) -> bool:
    return all(key in _PN_GROUPS and isinstance(text, str) for key, text in value.items())


def _is_plain(value: Json) -> bool:
    return value is None or isinstance(value, str | int | float)


def _study(rows: Sequence[Row]) -> dict[str, Json]:
    facts = rows[0][1]
    modalities = dict.fromkeys(one.modality for _, one in rows)
    return {
        "00080020": _element("DA", facts.study_date),
        "00080061": {"vr": "CS", "Value": list[Json](m for m in modalities if m)},
        "00081030": _element("LO", facts.study_description),
        "00100010": _name(facts.patient_name),
        "00100020": _element("LO", facts.patient_id),
        "00100030": _element("DA", facts.birth_date),
        "00100040": _element("CS", facts.sex),
        "0020000D": _element("UI", facts.study_instance_uid),
        "00201206": _element("IS", len({one.series_instance_uid for _, one in rows})),
        "00201208": _element("IS", len(rows)),
    }


def _instance(row: Instance, facts: InstanceFacts) -> dict[str, Json]:
    return {
        "00080016": _element("UI", row.claims.sop_class_uid),
        "00080018": _element("UI", row.claims.sop_instance_uid),
        "00080060": _element("CS", facts.modality),
        "0008103E": _element("LO", facts.series_description),
        "0020000D": _element("UI", facts.study_instance_uid),
        "0020000E": _element("UI", facts.series_instance_uid),
        "00200011": _element("IS", facts.series_number),
        "00200013": _element("IS", facts.instance_number),
        "00280008": _element("IS", facts.frames),
        "00280010": _element("US", facts.rows),
        "00280011": _element("US", facts.columns),
    }


def _element(vr: str, value: str | int | None) -> Json:
    return {"vr": vr} if value in {None, ""} else {"vr": vr, "Value": [value]}


def _name(name: str) -> Json:
    groups = dict(zip(_PN_GROUPS, name.split("="), strict=False))
    value: dict[str, Json] = {key: text for key, text in groups.items() if text}
    return {"vr": "PN", "Value": [value]} if value else {"vr": "PN"}


def _count(untrusted: str | None, default: int) -> int:
    plain = untrusted is not None and untrusted.isascii() and untrusted.isdecimal()
    return int(untrusted[:9]) if untrusted is not None and plain else default
