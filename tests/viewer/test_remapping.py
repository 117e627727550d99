"""New UIDs: the same for the same everywhere, and every other byte as it was."""

import io
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from passbox_dicom.elements import Encoding
from passbox_viewer.remapping import remapped
from passbox_viewer.renaming import Renaming

SALT = "6f1d0a52-6c0e-4d4e-9d5e-0a4a3f1b7c11"
RENAMING = Renaming(SALT)
CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY, SERIES, ONE, OTHER, FRAME = "1.9.1", "1.9.1.1", "1.9.1.1.1", "1.9.1.1.2", "1.9.7"
ENCODINGS = {
    Encoding.IMPLICIT_LITTLE: (True, True),
    Encoding.EXPLICIT_LITTLE: (False, True),
    Encoding.EXPLICIT_BIG: (False, False),
}


def written(image: Dataset, encoding: Encoding) -> bytes:
    """Return the data set's bytes."""
    implicit, little = ENCODINGS[encoding]
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit, little
    write_dataset(buffer, image)
    return buffer.getvalue()


def read(data: bytes, encoding: Encoding) -> Dataset:
    """Return what pydicom reads, every value of it."""
    implicit, little = ENCODINGS[encoding]
    image = read_dataset(io.BytesIO(data), implicit, little)
    image.walk(lambda _, element: element.value)
    return image


def reference(uid: str) -> Dataset:
    """Return an item that points to an instance."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CT, uid
    return item


def an_object(*, undefined: bool) -> Dataset:
    """Return a data set with references two levels deep."""
    image = Dataset()
    image.SOPClassUID, image.SOPInstanceUID = CT, ONE
    image.StudyInstanceUID, image.SeriesInstanceUID = STUDY, SERIES
    image.FrameOfReferenceUID = FRAME
    image.PatientName, image.PatientComments = "Doe^Jane", f"about {ONE}"
    image.FailedSOPInstanceUIDList = [ONE, OTHER]
    image.ReferencedImageSequence = [reference(OTHER), reference(ONE)]
    deep = Dataset()
    deep.ReferencedSOPSequence = [reference(OTHER)]
    deep.SeriesInstanceUID = SERIES
    image.ReferencedSeriesSequence = [deep]
    earlier = Dataset()
    earlier.ModifiedAttributesSequence = [Dataset()]
    earlier.ModifiedAttributesSequence[0].SOPInstanceUID = ONE
    image.OriginalAttributesSequence = [earlier]
    for keyword in ("ReferencedImageSequence", "ReferencedSeriesSequence"):
        image[keyword].is_undefined_length = undefined
    return image


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("encoding", list(Encoding))
def test_every_reference_follows(
    encoding: Encoding, undefined: bool
) -> None:  # a parameter of the test
    """Study, series, instance, frame of reference and all references change alike, however deep."""
    before = written(an_object(undefined=undefined), encoding)
    result = remapped(before, encoding, RENAMING)
    after = read(result.data, encoding)

    assert after.SOPInstanceUID == RENAMING.of(ONE)
    assert (after.StudyInstanceUID, after.SeriesInstanceUID, after.FrameOfReferenceUID) == (
        RENAMING.of(STUDY), RENAMING.of(SERIES), RENAMING.of(FRAME),
    )  # fmt: skip
    assert list(after.FailedSOPInstanceUIDList) == [RENAMING.of(ONE), RENAMING.of(OTHER)]
    references = [item.ReferencedSOPInstanceUID for item in after.ReferencedImageSequence]
    assert references == [RENAMING.of(OTHER), RENAMING.of(ONE)]
    (deep,) = after.ReferencedSeriesSequence
    assert deep.SeriesInstanceUID == RENAMING.of(SERIES)
    assert deep.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == RENAMING.of(OTHER)
    assert {0x00080018, 0x00200052, 0x00081140, 0x00081115} <= result.changed


@pytest.mark.parametrize("encoding", list(Encoding))
def test_what_is_no_identity_stays(encoding: Encoding) -> None:
    """Classes, text that names a UID and earlier prior values keep their bytes."""
    image = an_object(undefined=False)
    after = read(remapped(written(image, encoding), encoding, RENAMING).data, encoding)

    assert after.SOPClassUID == CT
    assert after.ReferencedImageSequence[0].ReferencedSOPClassUID == CT
    assert after.PatientComments == f"about {ONE}"
    prior = after.OriginalAttributesSequence[0].ModifiedAttributesSequence[0]
    assert prior.SOPInstanceUID == ONE


def test_a_private_element_follows_only_what_is_known() -> None:
    """A private UID that repeats ours changes with it; any other may be a class and stays."""
    image = an_object(undefined=False)
    image.add_new(0x00090010, "LO", "ACME")
    image.add_new(0x00091001, "UI", ONE)
    image.add_new(0x00091002, "UI", "1.3.99.4")
    encoding = Encoding.EXPLICIT_LITTLE
    after = read(remapped(written(image, encoding), encoding, RENAMING).data, encoding)

    assert after[0x00091001].value == RENAMING.of(ONE)
    assert after[0x00091002].value == "1.3.99.4"


def test_no_renaming_changes_nothing() -> None:
    """Without a salt the bytes are the same bytes."""
    before = written(an_object(undefined=True), Encoding.EXPLICIT_LITTLE)
    assert remapped(before, Encoding.EXPLICIT_LITTLE, Renaming()).data == before


uids = st.lists(st.integers(0, 10**9), min_size=2, max_size=8).map(
    lambda parts: "1." + ".".join(map(str, parts))
)


def trees(depth: int) -> st.SearchStrategy[Dataset]:
    """Return data sets of references, ``depth`` sequences deep at most."""

    @st.composite
    def tree(draw: st.DrawFn) -> Dataset:
        item = Dataset()
        item.ReferencedSOPInstanceUID = draw(uids)
        item.ReferencedSOPClassUID = CT
        item.PatientComments = draw(st.text("abc ", max_size=9))
        if depth:
            children = draw(st.lists(trees(depth - 1), max_size=3))
            item.ReferencedImageSequence = children
            item["ReferencedImageSequence"].is_undefined_length = draw(st.booleans())
        return item

    return tree()


def renamed_by_hand(item: Dataset) -> Dataset:
    """Return what pydicom makes of it when each reference is set."""
    item.ReferencedSOPInstanceUID = RENAMING.of(str(item.ReferencedSOPInstanceUID))
    for child in item.get("ReferencedImageSequence", ()):
        renamed_by_hand(child)
    return item


@settings(max_examples=60, deadline=None)
@given(trees(3), st.sampled_from(list(Encoding)))
def test_it_is_what_setting_each_reference_makes(tree: Dataset, encoding: Encoding) -> None:
    """For any tree of references the result reads like the one whose values were set one by one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = written(tree, encoding)
        after = read(remapped(before, encoding, RENAMING).data, encoding)
        assert after == renamed_by_hand(read(before, encoding))
