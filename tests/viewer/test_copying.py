import base64
import hashlib
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import UID, ExplicitVRLittleEndian, RLELossless

from passbox_dicom.worker import WorkerPool
from passbox_viewer import copying
from passbox_viewer.copying import Copier
from passbox_viewer.errors import CannotCopy
from passbox_viewer.instances import Forwarding, Instance, Reading
from passbox_viewer.lending import Lender
from passbox_viewer.settings import Pacs
from passbox_viewer.store import Claims, Store
from passbox_wire.canonical import Json
from tests.parts.dcmtk import Scp
from tests.viewer.house import a_transfer, running_house
from tests.viewer.pressing import last_event, press

_GROUP_LENGTH_END = 128 + 4 + 12
"""Preamble, prefix and the element that says how long the file meta go on from there."""
BIG_ENDIAN = ("MR_small_bigendian.dcm", "ExplVR_BigEnd.dcm", "rtdose_expb.dcm")
COMPRESSED = (
    "MR_small_RLE.dcm", "MR_small_jpeg_ls_lossless.dcm", "MR_small_jp2klossless.dcm",
    "SC_rgb_jpeg_gdcm.dcm", "SC_rgb_dcmtk_+eb+cy+np.dcm", "SC_rgb_rle_2frame.dcm",
)  # fmt: skip


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    """One real worker."""
    with WorkerPool(copying.TARGET, copying.LIMITS) as pool:
        yield pool


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


def copier(store: Store, workers: WorkerPool) -> Copier:
    """Return who copies what lies in a store."""
    return Copier(store, Lender(store), workers)


def stored(store: Store, file: Path) -> Instance:
    """Put a file where an instance lies."""
    store.prepare(a_transfer())
    shutil.copyfile(file, store.instance_path(a_transfer(), file.name))
    header = pydicom.dcmread(file, stop_before_pixels=True)
    claims = Claims(
        str(header.SOPClassUID), str(header.SOPInstanceUID), str(header.file_meta.TransferSyntaxUID)
    )
    return Instance(
        1, a_transfer(), file.name, claims, bytes(32), 100, False, Reading.READ, None,
        Forwarding.WAITING, None,
    )  # fmt: skip


def sample(name: str) -> Path:
    """Return one of pydicom's own test files."""
    return Path(str(get_testdata_file(name)))


@pytest.mark.filterwarnings("ignore:Invalid value")  # pydicom's own sample has an odd UID
@pytest.mark.parametrize("name", [*BIG_ENDIAN, *COMPRESSED])
def test_a_copy_has_the_same_pixels_and_the_same_elements(
    store: Store, workers: WorkerPool, name: str
) -> None:
    """Only what describes the pixels may differ; the copy is gone when it was lent."""
    with copier(store, workers).copy(stored(store, sample(name)), native=True) as copy:
        made, original = pydicom.dcmread(copy.path), pydicom.dcmread(sample(name))
        made_pixels = made.pixel_array
    assert not copy.path.exists()

    assert copy.claims.transfer_syntax_uid == ExplicitVRLittleEndian
    assert np.array_equal(made_pixels, original.pixel_array)
    changed = {element.keyword for element in original if element != made.get(element.tag)}
    assert changed <= {"PixelData", "PhotometricInterpretation", "PlanarConfiguration"}
    assert [element.tag for element in made] == [element.tag for element in original]


COERCION: dict[str, Json] = {
    "patient_id": "H-0815", "issuer": "", "accession": "", "new_uids": "", "source": "Praxis",
    "time": "20260102030405+0000",
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Invalid value")
@pytest.mark.parametrize(
    "name", ["MR_small_implicit.dcm", "reportsi.dcm", *BIG_ENDIAN, *COMPRESSED]
)
def test_another_patient_id_leaves_everything_else_byte_for_byte(
    store: Store, workers: WorkerPool, name: str
) -> None:
    """In every encoding the transfer syntax and all other elements stay, pixel data as bytes."""
    instance = stored(store, sample(name))
    with copier(store, workers).copy(instance, native=False, coercion=COERCION) as copy:
        made, original = pydicom.dcmread(copy.path), pydicom.dcmread(sample(name))
        assert copy.claims == instance.claims
        made.walk(lambda _, element: element.value)  # every element can be read
    assert made.PatientID == "H-0815"
    assert made.OriginalAttributesSequence[0].ModifiedAttributesSequence[0].PatientID == (
        original.get("PatientID", "")
    )
    unchanged = [e for e in original if e.keyword not in {"PatientID", "IssuerOfPatientID"}]
    assert [made.get(element.tag) for element in unchanged] == unchanged


def test_a_missing_frame_is_found(store: Store, workers: WorkerPool, tmp_path: Path) -> None:
    """An instance that says more frames than it has gets no copy."""
    image = pydicom.dcmread(sample("SC_rgb_rle_2frame.dcm"))
    image.NumberOfFrames = 3
    image.save_as(tmp_path / "missing.dcm")

    with (
        pytest.raises(CannotCopy),
        copier(store, workers).copy(stored(store, tmp_path / "missing.dcm"), native=True),
    ):
        pass
    assert list(store.incoming.iterdir()) == []


def test_what_cannot_be_copied_is_told(store: Store, workers: WorkerPool) -> None:
    """Single bits are not converted, and nothing is left behind."""
    with (
        pytest.raises(CannotCopy),
        copier(store, workers).copy(stored(store, sample("liver_expb_1frame.dcm")), native=True),
    ):
        pass
    assert list(store.incoming.iterdir()) == []


@pytest.mark.parametrize("coercion", [None, COERCION])
def test_a_deflated_image_is_inflated_byte_for_byte(
    store: Store, workers: WorkerPool, coercion: dict[str, Json] | None
) -> None:
    """The copy's data set is what inflating gives, another Patient ID apart; the pixels are too."""
    whole = sample("image_dfl.dcm")
    start = pydicom.filereader.read_file_meta_info(whole).FileMetaInformationGroupLength
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    data_set = inflater.decompress(whole.read_bytes()[_GROUP_LENGTH_END + start :])
    instance = stored(store, whole)
    with copier(store, workers).copy(instance, native=True, coercion=coercion) as copy:
        made, written = pydicom.dcmread(copy.path), copy.path.read_bytes()

    assert inflater.eof
    assert copy.claims.transfer_syntax_uid == ExplicitVRLittleEndian
    assert made.PixelData == pydicom.dcmread(whole).PixelData
    assert written.endswith(data_set) is (coercion is None)
    assert made.PatientID == ("H-0815" if coercion else pydicom.dcmread(whole).PatientID)
    assert list(store.incoming.iterdir()) == []


def test_deflated_bytes_that_stop_too_early_are_no_image(store: Store, workers: WorkerPool) -> None:
    """What was cut off inflates as far as it goes; that is never sent for the whole."""
    instance = stored(store, sample("image_dfl.dcm"))
    lies = store.instance_path(a_transfer(), instance.file_name)
    os.truncate(lies, lies.stat().st_size - 20)
    with (
        pytest.raises(CannotCopy, match="too early"),
        copier(store, workers).copy(instance, native=True),
    ):
        pass
    assert list(store.incoming.iterdir()) == []


class _Lying:
    """A worker that swaps a byte of what it inflates and hashes that too."""

    def __init__(self, workers: WorkerPool) -> None:
        self._workers = workers

    def run(self, request: Mapping[str, Json], *, byte_work: int = 0) -> dict[str, Json]:
        answer = self._workers.run(request, byte_work=byte_work)
        if request["op"] == "inflate":
            data_set = bytearray(base64.b64decode(str(answer["piece"])))
            data_set[-1] ^= 1
            answer["piece"] = base64.b64encode(data_set).decode()
            answer["sha256"] = hashlib.sha256(data_set).hexdigest()
        return answer


def test_a_pixel_that_changed_while_inflating_is_found(store: Store, workers: WorkerPool) -> None:
    """The copy is read once more: its pixel data have another hash, so it does not go out."""
    liar = Copier(store, Lender(store), _Lying(workers))
    with (
        pytest.raises(CannotCopy, match="something else"),
        liar.copy(stored(store, sample("image_dfl.dcm")), native=True),
    ):
        pass


@pytest.mark.parts
def test_dcmqrscp_gets_decoded_copies_of_what_it_refuses(
    tmp_path: Path, dcmqrscp: Scp, medium: Path
) -> None:
    """An archive without compression gets the same pixels; what it takes goes unchanged."""
    plain = pydicom.dcmread(sample("MR_small.dcm"))
    packed = pydicom.dcmread(sample("MR_small_RLE.dcm"))
    packed.SOPInstanceUID = UID(f"{plain.SOPInstanceUID}.9")
    packed.file_meta.MediaStorageSOPInstanceUID = packed.SOPInstanceUID
    plain.save_as(medium / "plain.dcm")
    packed.save_as(medium / "packed.dcm")
    flat = pydicom.dcmread(sample("image_dfl.dcm"))
    assert packed.file_meta.TransferSyntaxUID == RLELossless
    real = Pacs(name="PACS", host=dcmqrscp.host, port=dcmqrscp.port, ae_title=dcmqrscp.ae_title)

    with running_house(tmp_path, pacs=[real]) as house:
        page = house.visible(
            a_transfer(), [medium / "plain.dcm", medium / "packed.dcm", sample("image_dfl.dcm")]
        )
        seen = last_event(house)
        press(house, page)
        assert house.await_event(seen).in_pacs == 3
        assert [row.sent_decoded for row in house.instances(a_transfer())] == [False, True, True]
        html = house.browser.get(page, params={"lang": "en"}).text
        assert "2 images as uncompressed copies" in html
        assert list(house.running.inside.store.incoming.iterdir()) == []

    kept = {pydicom.dcmread(file).SOPInstanceUID: file for file in dcmqrscp.files()}
    assert np.array_equal(
        pydicom.dcmread(kept[packed.SOPInstanceUID]).pixel_array, packed.pixel_array
    )
    assert pydicom.dcmread(kept[plain.SOPInstanceUID]).PixelData == plain.PixelData
    assert pydicom.dcmread(kept[flat.SOPInstanceUID]).PixelData == flat.PixelData
