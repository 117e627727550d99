"""CT slices that know how a table of contents names them."""

import struct
from dataclasses import dataclass, replace

from tests.builders.dicom import (
    CT_IMAGE,
    EXPLICIT_LITTLE,
    Values,
    data_set,
    facts,
    part10,
    text,
    uid,
)

SIDE = 16


@dataclass(frozen=True)
class Slice:
    """One image of a small phantom; ``number`` is its instance number and makes its UID."""

    number: int = 1
    patient: bytes = b"Doe^Jane"
    patient_id: str = "ID-1"
    birth_date: str = "19500102"
    study: str = "1.2.3"
    description: str = "Head"
    series: int = 4
    charset: str = ""
    sop_class: str = CT_IMAGE
    syntax: str = EXPLICIT_LITTLE
    fill: int = 0

    @property
    def uid(self) -> str:
        """The SOP Instance UID."""
        return f"{self.study}.{self.series}.{self.number}"

    def values(self) -> Values:
        """Return the elements without the pixels."""
        return facts(
            patient=self.patient,
            instance=self.uid,
            sop_class=self.sop_class,
            charset=self.charset,
            rows=SIDE,
            columns=SIDE,
            syntax=self.syntax,
        ) | {
            0x00081030: (b"LO", text(self.description)),
            0x0008103E: (b"LO", text(f"Axial {self.series}")),
            0x00100020: (b"LO", text(self.patient_id)),
            0x00100030: (b"DA", text(self.birth_date)),
            0x0020000D: (b"UI", uid(self.study)),
            0x0020000E: (b"UI", uid(f"{self.study}.{self.series}")),
            0x00200011: (b"IS", text(str(self.series))),
            0x00200013: (b"IS", text(str(self.number))),
        }

    def pixels(self) -> bytes:
        """Return a disc of light on a ramp, other for each number."""
        values = [
            (x + y) * 20
            + self.fill
            + (400 if (x - 8) ** 2 + (y - 8) ** 2 < 9 + self.number % 9 else 0)
            for y in range(SIDE)
            for x in range(SIDE)
        ]
        order = ">" if self.syntax.endswith("1.2.2") else "<"
        return struct.pack(f"{order}{SIDE * SIDE}H", *values)

    def bare(self) -> bytes:
        """Return the data set without preamble and meta header."""
        return data_set(self.values(), self.pixels(), syntax=self.syntax)

    def data(self) -> bytes:
        """Return the whole file."""
        return part10(self.bare(), syntax=self.syntax, sop_class=self.sop_class)


def series(count: int, first: Slice | None = None) -> list[Slice]:
    """Return ``count`` slices numbered from 1, else like ``first``."""
    return [replace(first or Slice(), number=number) for number in range(1, count + 1)]


def files(slices: list[Slice], folder: str = "IMAGES") -> dict[str, bytes]:
    """Return slices as files IM000001 and so on."""
    prefix = f"{folder}/" if folder else ""
    return {f"{prefix}IM{place:06}": image.data() for place, image in enumerate(slices, 1)}
