"""Small images to store, show and forward: gradients, so that a drawn one is told from none."""

import warnings
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

STUDY = "1.2.826.0.1.3680043.10.1"
SERIES = f"{STUDY}.1"


def an_image(
    folder: Path,
    number: int = 1,
    *,
    study: str = STUDY,
    series: str = SERIES,
    sop_class: str = CTImageStorage,
    tilt: int = 0,
    name: str = "Doe^Jane",
    **texts: str,
) -> Path:
    """Write a 64 x 64 CT image, the series' ``number``-th; ``tilt`` changes its pixels only."""
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 192"
    image.SOPClassUID = sop_class
    image.SOPInstanceUID = f"{series}.{number}"
    image.StudyInstanceUID, image.SeriesInstanceUID = study, series
    image.PatientID, image.PatientBirthDate = "4711", "19620314"
    image.PatientSex, image.StudyDate, image.Modality = "F", "20260102", "CT"
    image.StudyDescription, image.SeriesDescription = "Thorax", "Lung"
    image.SeriesNumber, image.InstanceNumber = 3, number
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of values the standard does not allow
        image.PatientName = name
        for keyword, value in texts.items():
            setattr(image, keyword, value)
    image.Rows = image.Columns = 64
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit, image.PixelRepresentation = 15, 0
    ramp = np.add.outer(np.arange(64), np.arange(64)) * 8 + tilt
    image.PixelData = ramp.astype("<u2").tobytes()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = folder / f"{series}-{number}-{tilt}-{len(list(folder.iterdir()))}.dcm"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image.save_as(path, enforce_file_format=True)
    return path


def data_set(path: Path) -> bytes:
    """Return the bytes after group 0002 of a file that pydicom wrote."""
    whole = path.read_bytes()
    return whole[144 + int.from_bytes(whole[140:144], "little") :]
