"""What is no plain image, or not coded as one: overlays, segmentations, waveforms, documents."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import (
    UID,
    BasicTextSRStorage,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    GrayscaleSoftcopyPresentationStateStorage,
    RTDoseStorage,
    RTPlanStorage,
    RTStructureSetStorage,
    SegmentationStorage,
    TwelveLeadECGWaveformStorage,
)

from tests.parts.programs import require
from tests.viewer.images import STUDY, an_image

SIDE = 64
ECG_SAMPLES = 2000


def with_overlay(path: Path, side: int = SIDE, *, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """Put a filled square into an image's overlay plane, in place; return the plane's bytes."""
    bits = np.zeros((side, side), np.uint8)
    bits[side // 4 : side // 2, side // 4 : side // 2] = 1
    plane = np.packbits(bits, bitorder="little").tobytes()
    image = dcmread(path)
    block = image.private_block(0x6001, "SOMEBODY", create=True)
    block.add_new(0x10, "LO", "private words")
    image.add_new(0x60000010, "US", side)
    image.add_new(0x60000011, "US", side)
    image.add_new(0x60000040, "CS", "G")
    image.add_new(0x60000050, "SS", [1, 1])
    image.add_new(0x60000100, "US", 1)
    image.add_new(0x60000102, "US", 0)
    image.add_new(0x60003000, "OW", plane)
    image.file_meta.TransferSyntaxUID = UID(syntax)
    implicit = syntax == "1.2.840.10008.1.2"
    image.save_as(path, implicit_vr=implicit, little_endian=True)
    return plane


def deflated(path: Path) -> Path:
    """Write an image anew, deflated."""
    image = dcmread(path)
    image.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    image.save_as(path)
    return path


def of_twelve_bits(path: Path) -> Path:
    """Let an image of at most 4095 say that it has 12 bits."""
    image = dcmread(path)
    image.BitsStored, image.HighBit = 12, 11
    image.save_as(path)
    return path


def jpeg_extended(path: Path) -> Path:
    """Compress an image of 12 bits in place as JPEG extended, nearly without loss."""
    program = require("dcmcjpeg", package="dcmtk")
    of_twelve_bits(path)
    command = [str(word) for word in (program, "+ee", "+q", "95", "+un", path, path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def an_object(sop_class: str, modality: str, series: str) -> Dataset:
    """Return the beginning of an object that is no image, of the usual patient and study."""
    one = Dataset()
    one.SpecificCharacterSet = "ISO_IR 192"
    one.SOPClassUID, one.SOPInstanceUID = sop_class, f"{series}.1"
    one.StudyInstanceUID, one.SeriesInstanceUID = STUDY, series
    one.PatientName, one.PatientID, one.PatientBirthDate = "Doe^Jane", "4711", "19620314"
    one.PatientSex, one.StudyDate, one.Modality = "F", "20260102", modality
    one.SeriesDescription, one.SeriesNumber, one.InstanceNumber = modality, 9, 1
    one.ContentDate, one.ContentTime = "20260102", "101500"
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return one


def saved(one: Dataset, folder: Path) -> Path:
    """Write an object into a folder."""
    path = folder / f"{one.SOPInstanceUID}.dcm"
    one.save_as(path, enforce_file_format=True)
    return path


def an_ecg(folder: Path, series: str = f"{STUDY}.70") -> tuple[Path, bytes]:
    """Write a twelve lead ECG; return it and its samples."""
    one = an_object(TwelveLeadECGWaveformStorage, "ECG", series)
    seconds = np.arange(ECG_SAMPLES) / 500
    beat = 900 * np.exp(-(((seconds % 0.8) - 0.4) ** 2) / 0.0004)
    leads = [beat * (1 + n / 12) + 50 * np.sin(seconds * (n + 1)) for n in range(12)]
    samples = np.stack(leads, axis=1).astype("<i2").tobytes()
    group = Dataset()
    group.WaveformOriginality, group.MultiplexGroupLabel = "ORIGINAL", "RHYTHM"
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = 12, ECG_SAMPLES
    group.SamplingFrequency = 500
    group.ChannelDefinitionSequence = Items([_channel(n) for n in range(12)])
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.add_new(0x54001010, "OW", samples)
    one.WaveformSequence = Items([group])
    return saved(one, folder), samples


def _channel(number: int) -> Dataset:
    channel = Dataset()
    channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor = 1, 1
    channel.ChannelBaseline, channel.WaveformBitsStored = 0, 16
    channel.ChannelSourceSequence = Items([_code(str(number), "MDC", f"Lead {number + 1}")])
    channel.ChannelSensitivityUnitsSequence = Items([_code("uV", "UCUM", "microvolt")])
    return channel


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def a_pdf(words: str) -> bytes:
    """Return a PDF that shows ``words`` and is longer than what stands in metadata."""
    text = f"BT /F1 40 Tf 60 700 Td ({words}) Tj ET %{' ' * 20_000}".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R %s"
        % b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % at for at in offsets)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )


def a_document(
    folder: Path,
    content: bytes,
    kind: str = "application/pdf",
    series: str = f"{STUDY}.71",
    sop_class: str = EncapsulatedPDFStorage,
) -> Path:
    """Write an encapsulated document that says it is of this kind."""
    one = an_object(sop_class, "DOC", series)
    one.EncapsulatedDocumentLength = len(content)
    one.DocumentTitle, one.MIMETypeOfEncapsulatedDocument = "Report", kind
    one.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    return saved(one, folder)


def a_report(folder: Path, series: str = f"{STUDY}.73") -> Path:
    """Write a structured report whose title has an umlaut in another character set."""
    one = an_object(BasicTextSRStorage, "SR", series)
    one.SpecificCharacterSet = "ISO_IR 100"
    one.CompletionFlag, one.VerificationFlag = "COMPLETE", "UNVERIFIED"
    one.ValueType, one.ContinuityOfContent = "CONTAINER", "SEPARATE"
    one.ConceptNameCodeSequence = Items([_code("121071", "DCM", "Befund Übersicht")])
    text = Dataset()
    text.RelationshipType, text.ValueType, text.TextValue = "CONTAINS", "TEXT", "Kein Befund"
    text.ConceptNameCodeSequence = Items([_code("121071", "DCM", "Finding")])
    one.ContentSequence = Items([text])
    return saved(one, folder)


def a_presentation(folder: Path, series: str = f"{STUDY}.74") -> Path:
    """Write a presentation state."""
    one = an_object(GrayscaleSoftcopyPresentationStateStorage, "PR", series)
    one.PresentationCreationDate, one.PresentationCreationTime = "20260102", "101500"
    one.ContentLabel, one.ContentDescription = "WINDOW", "as it was read"
    return saved(one, folder)


def of_radiotherapy(folder: Path) -> list[Path]:
    """Write a structure set, a plan and a dose."""
    structures = an_object(RTStructureSetStorage, "RTSTRUCT", f"{STUDY}.75")
    structures.StructureSetLabel = "PLAN 1"
    plan = an_object(RTPlanStorage, "RTPLAN", f"{STUDY}.76")
    plan.RTPlanLabel = "PLAN 1"
    dose = dcmread(in_space(an_image(folder, series=f"{STUDY}.77", sop_class=RTDoseStorage), 1))
    dose.Modality, dose.DoseSummationType = "RTDOSE", "PLAN"
    return [saved(one, folder) for one in (structures, plan, dose)]


def in_space(path: Path, number: int) -> Path:
    """Give an image of a series a place, so that things can be laid over it."""
    image = dcmread(path)
    image.FrameOfReferenceUID = f"{STUDY}.99"
    image.ImagePositionPatient = [0, 0, float(number)]
    image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    image.PixelSpacing, image.SliceThickness = [1, 1], 1
    image.save_as(path)
    return path


def a_segmentation(
    folder: Path, images: Sequence[Path], series: str = f"{STUDY}.72"
) -> tuple[Path, list[bytes]]:
    """Write a binary segmentation over images in space; return it and its frames as bytes of 0, 1.

    Bits are packed without a gap between frames (PS3.5 8.1.1).
    """
    first = dcmread(images[0])
    one = an_object(SegmentationStorage, "SEG", series)
    one.ContentLabel, one.ContentDescription, one.ContentCreatorName = "SEG", "square", "Doe"
    one.ImageType, one.SegmentationType = ["DERIVED", "PRIMARY"], "BINARY"
    one.FrameOfReferenceUID = first.FrameOfReferenceUID
    one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
    one.BitsAllocated = one.BitsStored = 1
    one.HighBit = one.PixelRepresentation = 0
    one.LossyImageCompression = "00"
    one.Rows, one.Columns, one.NumberOfFrames = first.Rows, first.Columns, len(images)
    one.SegmentSequence = Items([_segment()])
    one.ReferencedSeriesSequence = Items([_referenced(images)])
    one.SharedFunctionalGroupsSequence = Items([_shared()])
    one.PerFrameFunctionalGroupsSequence = Items(
        [_per_frame(path, n) for n, path in enumerate(images, 1)]
    )
    frames = np.zeros((len(images), one.Rows, one.Columns), np.uint8)
    for number in range(len(images)):
        frames[number, 10 : 30 + number, 5:40] = 1
    packed = np.packbits(frames.ravel(), bitorder="little").tobytes()
    one.PixelData = packed + b"\0" * (len(packed) % 2)
    return saved(one, folder), [frame.tobytes() for frame in frames]


def _segment() -> Dataset:
    segment = Dataset()
    segment.SegmentNumber, segment.SegmentLabel = 1, "Square"
    segment.SegmentAlgorithmType = "MANUAL"
    segment.SegmentedPropertyCategoryCodeSequence = Items([_code("85756007", "SCT", "Tissue")])
    segment.SegmentedPropertyTypeCodeSequence = Items([_code("85756007", "SCT", "Tissue")])
    segment.RecommendedDisplayCIELabValue = [34885, 53485, 50171]
    return segment


def _referenced(images: Sequence[Path]) -> Dataset:
    referenced = Dataset()
    referenced.SeriesInstanceUID = dcmread(images[0]).SeriesInstanceUID
    referenced.ReferencedInstanceSequence = Items([_reference(path) for path in images])
    return referenced


def _reference(path: Path) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID = CTImageStorage
    reference.ReferencedSOPInstanceUID = dcmread(path).SOPInstanceUID
    return reference


def _shared() -> Dataset:
    measures, orientation, shared = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [1, 1], 1
    measures.SpacingBetweenSlices = 1
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence = Items([measures])
    shared.PlaneOrientationSequence = Items([orientation])
    return shared


def _per_frame(path: Path, number: int) -> Dataset:
    content, place, segment, frame = Dataset(), Dataset(), Dataset(), Dataset()
    content.DimensionIndexValues = [1, number]
    place.ImagePositionPatient = dcmread(path).ImagePositionPatient
    segment.ReferencedSegmentNumber = 1
    derived, source = Dataset(), _reference(path)
    derived.SourceImageSequence = Items([source])
    frame.DerivationImageSequence = Items([derived])
    frame.FrameContentSequence = Items([content])
    frame.PlanePositionSequence = Items([place])
    frame.SegmentIdentificationSequence = Items([segment])
    return frame
