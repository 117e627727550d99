"""What is sent: a real CT where there is one beside the repository, else a drawn one."""

import os
from pathlib import Path
from typing import Final

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    generate_uid,
)

from passbox.demo.phantom import write_phantom
from tests.e2e.hospital import ROOT

SLICES: Final = 58
_SIDE: Final = 512
_SMALL_SIDE: Final = 99
_FRAMES_TOGETHER: Final = 64


def ct(folder: Path) -> Path:
    """Return a folder with a CT of 30 MB: PASSBOX_BENCH_DATA, a neighbour's, or a drawn one."""
    given = os.environ.get("PASSBOX_BENCH_DATA")
    if given:
        return Path(given)
    found = next(ROOT.parent.glob("*/data/ct_philips"), None)
    if found is not None:
        return found
    write_phantom(folder / "ct", slices=SLICES)
    return folder / "ct"


def files(medium: Path) -> list[Path]:
    """Return the files of a medium."""
    return sorted(path for path in medium.rglob("*") if path.is_file())


def small_files(folder: Path, count: int) -> Path:
    """Write ``count`` CT slices of 20 KB and return their folder."""
    folder.mkdir()
    chance = np.random.default_rng(7)
    x, y = np.meshgrid(np.arange(_SMALL_SIDE), np.arange(_SMALL_SIDE))
    study, series = generate_uid(), generate_uid()
    for number in range(count):
        smooth = 1000 + 300 * np.hypot(x - 50, y - 50 - number % 9) / 50
        image = (smooth + chance.normal(0, 14, smooth.shape)).astype("<u2")
        data_set = _data_set(CTImageStorage, study, series, _SMALL_SIDE)
        data_set.InstanceNumber = number + 1
        data_set.PixelData = image.tobytes()
        data_set.save_as(folder / f"I{number:05d}", enforce_file_format=True)
    return folder


def multi_frame(folder: Path, size: int) -> Path:
    """Write one instance of about ``size`` bytes in 16-bit frames and return its folder."""
    folder.mkdir()
    frames = max(
        _FRAMES_TOGETHER, size // (2 * _SIDE * _SIDE) // _FRAMES_TOGETHER * _FRAMES_TOGETHER
    )
    data_set = _data_set(
        MultiFrameGrayscaleWordSecondaryCaptureImageStorage, generate_uid(), generate_uid(), _SIDE
    )
    data_set.NumberOfFrames = frames
    data_set.PixelData = b""
    path = folder / "MULTI"
    data_set.save_as(path, enforce_file_format=True)
    chance = np.random.default_rng(11)
    x, y = np.meshgrid(np.arange(_SIDE), np.arange(_SIDE))
    smooth = 1000 + 900 * np.sin(x / 40) * np.cos(y / 55)
    block = b"".join(
        (smooth + chance.normal(0, 12, smooth.shape)).astype("<u2").tobytes()
        for _ in range(_FRAMES_TOGETHER)
    )
    with path.open("r+b") as file:
        # The pixel data is the last element: its length, still 0, are the file's last four bytes.
        file.seek(-4, 2)
        file.write((frames * 2 * _SIDE * _SIDE).to_bytes(4, "little"))
        for _ in range(frames // _FRAMES_TOGETHER):
            file.write(block)
    return folder


def _data_set(sop_class: UID, study: str, series: str, side: int) -> Dataset:
    data_set = Dataset()
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data_set.file_meta = meta
    data_set.SOPClassUID = sop_class
    data_set.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    data_set.PatientName, data_set.PatientID = "Bench^Line", "BENCH"
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID = study, series
    data_set.StudyDate, data_set.Modality = "20261119", "CT"
    data_set.Rows = data_set.Columns = side
    data_set.SamplesPerPixel, data_set.PhotometricInterpretation = 1, "MONOCHROME2"
    data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit = 16, 12, 11
    data_set.PixelRepresentation = 0
    return data_set
