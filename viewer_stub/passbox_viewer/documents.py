"""Encapsulated documents as downloads: a PDF, a CDA letter, a model; see documents_app.py. Pure.

The rule: what a document is called is ours: by its SOP class, and for a PDF by its first bytes too,
never by what it says of itself. It leaves as a download that no browser opens, sandboxed, under a
name of ours; markup (CDA is XML, which can carry script) has no type that anything would run. A
killable worker reads it. OHIF shows PDFs; nothing here shows the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from passbox_viewer.dicomweb_images import Content
from passbox_viewer.instances import Instance

PLACE: Final = "00420011"
"""Encapsulated Document."""
POLICY: Final = "default-src 'none'; sandbox"
_CLASSES: Final = "1.2.840.10008.5.1.4.1.1.104."
_OCTETS: Final = "application/octet-stream"
_PDF: Final = b"%PDF-"


class DocumentKind(StrEnum):
    """What a document is by its SOP class (PS3.4 table B.5-1)."""

    PDF = "1"
    CDA = "2"
    STL = "3"
    OBJ = "4"
    MTL = "5"
    OTHER = ""

    @property
    def suffix(self) -> str:
        """The suffix of a download's name."""
        return {self.CDA: ".xml", self.OTHER: ".bin"}.get(self, f".{self.name.lower()}")

    @property
    def media_type(self) -> str:
        """What the browser is told; nothing that it would run or show."""
        models = {self.STL: "model/stl", self.OBJ: "model/obj", self.MTL: "model/mtl"}
        return models.get(self, "application/pdf" if self is self.PDF else _OCTETS)


@dataclass(frozen=True, slots=True)
class Document:
    """One of the page's list: ``number`` is the instance's in the index, ``title`` the sender's."""

    number: int
    kind: DocumentKind
    title: str


def document_of(row: Instance) -> Document | None:
    """Return the document an instance is by its class, None for anything else."""
    uid = row.claims.sop_class_uid
    if row.facts is None or not uid.startswith(_CLASSES):
        return None
    last = uid.removeprefix(_CLASSES)
    kind = DocumentKind(last) if last in set(DocumentKind) else DocumentKind.OTHER
    return Document(row.number, kind, row.facts.series_description)


def looked_into(claimed: DocumentKind, content: Content) -> tuple[DocumentKind, Content]:
    """Return what it is and the same content: a PDF is what begins like one, and nothing else."""
    first = next(content.pieces, b"")

    def pieces() -> Iterator[bytes]:
        yield first
        yield from content.pieces

    is_pdf = first.startswith(_PDF)
    kind = claimed
    if is_pdf or claimed is DocumentKind.PDF:
        kind = DocumentKind.PDF if is_pdf else DocumentKind.OTHER
    return kind, Content(content.size, pieces())
