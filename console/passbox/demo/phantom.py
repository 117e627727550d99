"""A chest CT worth looking at, drawn by arithmetic: nobody's images, 512 x 512, 12 bits.

Ellipsoids in a body 36 cm wide: lungs with branching vessels, heart, spine, ribs, table, noise.
It is no anatomy to learn from, but enough to see that scrolling and windows work.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, generate_uid

SIZE: Final = 512
_MILLIMETRES: Final = 0.75
_SPACING: Final = 6.0
_AIR: Final = -1000.0
_UID_LENGTH: Final = 64
_Image = NDArray[np.float64]
_SAME_FOR_ALL: Final = {
    "SpecificCharacterSet": "ISO_IR 192",
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    "StudyDate": "20261119",
    "StudyTime": "101500",
    "AccessionNumber": "",
    "Modality": "CT",
    "Manufacturer": "Passbox phantom",
    "ReferringPhysicianName": "Weber^Anna",
    "SeriesDescription": "Thorax 6.0 Weichteil",
    "PatientSex": "M",
    "StudyID": "1",
    "SeriesNumber": 2,
    "PositionReferenceIndicator": "",
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "SliceThickness": _SPACING,
    "PixelSpacing": [_MILLIMETRES, _MILLIMETRES],
    "KVP": 120,
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "Rows": SIZE,
    "Columns": SIZE,
    "BitsAllocated": 16,
    "BitsStored": 12,
    "HighBit": 11,
    "PixelRepresentation": 0,
    "RescaleIntercept": -1024,
    "RescaleSlope": 1,
    "WindowCenter": [40, -500],
    "WindowWidth": [400, 1500],
}


@dataclass(frozen=True, slots=True)
class PhantomPatient:
    """Who the images claim to be of. Names in DICOM's form; ``birth_date`` YYYYMMDD."""

    name: str = "Müller-Lüdenscheidt^Jörg"
    patient_id: str = "PB-1961-0815"
    birth_date: str = "19610407"
    study_description: str = "CT Thorax nativ"


@dataclass(frozen=True, slots=True)
class _Ellipsoid:
    hounsfield: float
    centre: tuple[float, float, float]
    radii: tuple[float, float, float]

    def at(self, x: _Image, y: _Image, z: float) -> NDArray[np.bool_]:
        """Return where the ellipsoid is in the slice at height ``z``; all in millimetres."""
        (cx, cy, cz), (rx, ry, rz) = self.centre, self.radii
        inside: NDArray[np.bool_] = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1 - (
            (z - cz) / rz
        ) ** 2
        return inside


_ORGANS: Final = (
    _Ellipsoid(-80, (0, 0, 0), (178, 118, 900)),  # fat under the skin
    _Ellipsoid(45, (0, 0, 0), (166, 106, 900)),  # muscle
    _Ellipsoid(-840, (-78, -8, 0), (66, 84, 120)),  # right lung
    _Ellipsoid(-840, (80, -4, 0), (62, 80, 112)),  # left lung
    _Ellipsoid(42, (22, -30, -28), (58, 48, 62)),  # heart
    _Ellipsoid(55, (-70, 4, -118), (86, 76, 62)),  # liver under the diaphragm
    _Ellipsoid(160, (20, 34, 0), (13, 13, 900)),  # aorta, with contrast
    _Ellipsoid(-990, (0, 0, 60), (9, 9, 70)),  # trachea
    _Ellipsoid(420, (0, 66, 0), (22, 19, 900)),  # vertebral body, cortex
    _Ellipsoid(180, (0, 66, 0), (18, 15, 900)),  # and its spongy inside
    _Ellipsoid(20, (0, 90, 0), (8, 8, 900)),  # spinal canal
    _Ellipsoid(380, (0, -98, 20), (20, 6, 90)),  # sternum
    _Ellipsoid(60, (96, 10, 24), (9, 9, 9)),  # what the surgeon wants to see tonight
)


def write_phantom(
    folder: Path, slices: int = 24, patient: PhantomPatient | None = None
) -> list[Path]:
    """Write one CT series of ``slices`` files into ``folder``; return their paths by slice."""
    patient = patient or PhantomPatient()
    folder.mkdir(parents=True, exist_ok=True)
    uids = (_new_uid(), _new_uid(), _new_uid())
    noise = np.random.default_rng(20150309)  # the day the paper was accepted
    paths = []
    for number in range(slices):
        z = (number - slices / 2) * _SPACING
        path = folder / f"IM{number + 1:04d}"
        _data_set(patient, uids, number + 1, z, _draw(z, noise)).save_as(
            path, enforce_file_format=True
        )
        paths.append(path)
    return paths


def _new_uid() -> UID:
    """Return a new UID of the full length, so that a disc made twice is of one size."""
    return next(uid for uid in iter(generate_uid, None) if len(uid) == _UID_LENGTH)


def _draw(z: float, noise: np.random.Generator) -> NDArray[np.int16]:
    """Return one slice at height ``z`` mm in Hounsfield units."""
    axis = (np.arange(SIZE) - SIZE / 2 + 0.5) * _MILLIMETRES
    x, y = np.meshgrid(axis, axis)
    image = np.full((SIZE, SIZE), _AIR)
    for organ in _ORGANS:
        image[organ.at(x, y, z)] = organ.hounsfield
    _draw_vessels(image, x, y, z)
    _draw_ribs(image, x, y, z)
    table = np.abs(np.hypot(x, y + 320) - 448) < 2.5  # noqa: PLR2004  # a thin arc below the back
    image[table & (image < _AIR + 1)] = -150
    image = _blur(image) + noise.normal(0, 14, image.shape)
    limited: NDArray[np.int16] = np.clip(np.rint(image), -1024, 3071).astype(np.int16)
    return limited


def _draw_vessels(image: _Image, x: _Image, y: _Image, z: float) -> None:
    lung = image < -800  # noqa: PLR2004  # nothing else inside the body is that thin
    for side in (-1, 1):
        for branch in range(14):
            angle = 2.4 * branch + z / 55
            reach = 18 + 4.1 * branch
            cx = side * (34 + reach * abs(np.cos(angle)))
            cy = -6 + reach * np.sin(angle)
            image[lung & (np.hypot(x - cx, y - cy) < 5.2 - 0.27 * branch)] = 30


def _draw_ribs(image: _Image, x: _Image, y: _Image, z: float) -> None:
    ring = np.abs(np.hypot(x / 150, y / 94) - 1) < 0.045  # noqa: PLR2004  # a shell of ribs
    slope = np.sin((np.arctan2(y, np.abs(x)) * 26 + z) / 4.2)
    image[ring & (slope > 0.35) & (y < 88)] = 310  # noqa: PLR2004  # open where the spine is


def _blur(image: _Image) -> _Image:
    for axis in (0, 1):
        image = (np.roll(image, 1, axis) + 2 * image + np.roll(image, -1, axis)) / 4
    return image


def _data_set(
    patient: PhantomPatient,
    uids: tuple[str, str, str],
    number: int,
    z: float,
    image: NDArray[np.int16],
) -> FileDataset:
    study, series, frame_of_reference = uids
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = _new_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data_set = FileDataset("", Dataset(), file_meta=meta, preamble=b"\0" * 128)
    corner = -(SIZE / 2) * _MILLIMETRES
    values = {
        **_SAME_FOR_ALL,
        "SOPClassUID": meta.MediaStorageSOPClassUID,
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "StudyDescription": patient.study_description,
        "PatientName": patient.name,
        "PatientID": patient.patient_id,
        "PatientBirthDate": patient.birth_date,
        "StudyInstanceUID": study,
        "SeriesInstanceUID": series,
        "InstanceNumber": number,
        "FrameOfReferenceUID": frame_of_reference,
        "ImagePositionPatient": [corner, corner, z],
        "SliceLocation": z,
        "PixelData": (image.astype(np.int32) + 1024).astype("<u2").tobytes(),
    }
    for keyword, value in values.items():
        setattr(data_set, keyword, value)
    return data_set
