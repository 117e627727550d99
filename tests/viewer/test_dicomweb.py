"""DICOMweb of one transfer: what a web viewer gets, and what nobody gets."""

import itertools
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import RLELossless

from passbox_viewer import dicomweb
from passbox_viewer.settings import Login
from passbox_viewer.tables import LINKS
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId
from tests.viewer.coded import coded_slices
from tests.viewer.house import House, a_transfer
from tests.viewer.images import SERIES, STUDY, an_image
from tests.viewer.web_house import Asker, an_empty_ohif, asking, running_web_house, value

ONE = f"/studies/{STUDY}/series/{SERIES}/instances/{SERIES}.1"


_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A viewer with an OHIF that nobody runs; each test has transfers of its own."""
    with running_web_house(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture
def transfer() -> TransferId:
    """A transfer that no other test has."""
    return a_transfer(next(_NUMBERS))


@pytest.fixture
def asker(house: House, transfer: TransferId, medium: Path) -> Iterator[Asker]:
    """Who has the link of three images of one series."""
    files = [an_image(medium, n, tilt=n, name="Müller^Jörg") for n in (1, 2, 3)]
    with asking(house, house.visible(transfer, files)) as one:
        yield one


def _pixels(path: Path) -> bytes:
    data: bytes = dcmread(path).PixelData
    return data


def test_search_tells_studies_series_and_instances(asker: Asker) -> None:
    """A search at each level answers with the attributes of the standard."""
    (study,) = asker.json("/studies")
    (series,) = asker.json(f"/studies/{STUDY}/series")
    instances = asker.json(f"/studies/{STUDY}/series/{SERIES}/instances")

    assert study["00100010"]["Value"] == [{"Alphabetic": "Müller^Jörg"}]
    assert (value(study, "0020000D"), value(study, "00201208")) == (STUDY, 3)
    assert (value(series, "0020000E"), value(series, "00201209")) == (SERIES, 3)
    assert [value(one, "00080018") for one in instances] == [f"{SERIES}.{n}" for n in (1, 2, 3)]


def test_search_keys_choose(asker: Asker) -> None:
    """Study, series, instance, Patient ID and modality choose; offset and limit cut."""
    assert len(asker.json(f"/studies?StudyInstanceUID={STUDY}&00100020=4711")) == 1
    assert asker.json("/studies?00100020=another") == []
    assert asker.json("/studies?0020000D=1.2.3") == []
    assert len(asker.json(f"/studies/{STUDY}/instances?limit=2&offset=1")) == 2
    assert asker.json(f"/studies/{STUDY}/series?Modality=MR") == []


def test_metadata_are_those_of_the_image(asker: Asker) -> None:
    """Metadata hold the image's attributes and its UIDs, but no pixels and no private elements."""
    series = asker.json(f"/studies/{STUDY}/series/{SERIES}/metadata")
    (one,) = asker.json(f"{ONE}/metadata")

    assert [value(image, "00200013") for image in series] == [1, 2, 3]
    assert one == series[0]
    assert (value(one, "00280010"), value(one, "00280100")) == (64, 16)
    assert value(one, "00080018") == f"{SERIES}.1"
    assert "7FE00010" not in one
    assert not [tag for tag in one if int(tag[:4], 16) % 2]


def test_native_frames_are_the_stored_bytes(house: House, medium: Path, asker: Asker) -> None:
    """A native little endian frame comes as it lies in the file."""
    expected = _pixels(next(medium.glob(f"{SERIES}-2-*")))
    assert asker.frames(f"/studies/{STUDY}/series/{SERIES}/instances/{SERIES}.2/frames/1") == [
        expected
    ]


def test_coded_frames_come_decoded(house: House, medium: Path, transfer: TransferId) -> None:
    """JPEG lossless, JPEG-LS, JPEG 2000, RLE and big endian come as the pixels they stand for."""
    (medium / "plain").mkdir()
    plain = [_pixels(an_image(medium / "plain", n, tilt=100 * n)) for n in range(1, 7)]
    with asking(house, house.visible(transfer, coded_slices(medium))) as one:
        at = f"/studies/{STUDY}/series/{SERIES}/instances/{SERIES}"
        assert [one.frames(f"{at}.{n}/frames/1") for n in range(1, 7)] == [[f] for f in plain]


@pytest.mark.parametrize(
    "name",
    ["JPEG2000.dcm", "examples_palette.dcm", "SC_rgb_jpeg_dcmtk.dcm", "examples_ybr_color.dcm"],
)
def test_metadata_fit_the_decoded_frames(house: House, name: str, transfer: TransferId) -> None:
    """A frame is as long as rows, columns, samples and bits of the metadata say, colours as RGB."""
    path = Path(str(get_testdata_file(name)))
    image = dcmread(path, stop_before_pixels=True)
    at = (
        f"/studies/{image.StudyInstanceUID}/series/{image.SeriesInstanceUID}"
        f"/instances/{image.SOPInstanceUID}"
    )
    with asking(house, house.visible(transfer, [path])) as one:
        (said,) = one.json(f"{at}/metadata")
        (frame,) = one.frames(f"{at}/frames/1")
    sides = value(said, "00280010") * value(said, "00280011")
    samples = value(said, "00280002")
    assert len(frame) == sides * samples * value(said, "00280100") // 8
    assert value(said, "00280004") == ("RGB" if samples == 3 else "MONOCHROME2")


def test_several_frames_in_one_answer(house: House, medium: Path, transfer: TransferId) -> None:
    """A list of frames comes in one answer, in the order asked for."""
    path = an_image(medium)
    image = dcmread(path)
    one_frame = image.PixelData
    image.NumberOfFrames = 3
    image.PixelData = one_frame + bytes(len(one_frame)) + one_frame
    image.save_as(path)
    with asking(house, house.visible(transfer, [path])) as one:
        assert one.frames(f"{ONE}/frames/3,2") == [one_frame, bytes(len(one_frame))]
        assert one.get(f"{ONE}/frames/4").status_code == 404


def test_large_decoded_frames_come_in_pieces(
    house: House, medium: Path, transfer: TransferId
) -> None:
    """A decoded frame that is larger than one piece arrives whole."""
    path = an_image(medium)
    image = dcmread(path)
    image.Rows = image.Columns = 1500
    pixels = np.random.default_rng(5).integers(0, 4096, 1500 * 1500, dtype="<u2").tobytes()
    image.PixelData = pixels
    image.compress(RLELossless, generate_instance_uid=False)
    image.save_as(path)
    with asking(house, house.visible(transfer, [path])) as one:
        assert one.frames(f"{ONE}/frames/1") == [pixels]


def test_pictures_are_drawn(asker: Asker) -> None:
    """Rendered images and thumbnails are PNG."""
    for path in (f"{ONE}/rendered", f"{ONE}/frames/1/rendered", f"{ONE}/thumbnail"):
        answer = asker.get(path)
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")


def test_another_transfers_images_are_unknown(house: House, medium: Path, asker: Asker) -> None:
    """No search, metadata, frame or picture tells of an image of another transfer."""
    study, series = "1.2.826.0.1.9", "1.2.826.0.1.9.1"
    house.visible(a_transfer(next(_NUMBERS)), [an_image(medium, 1, study=study, series=series)])
    at = f"/studies/{study}/series/{series}/instances/{series}.1"
    mixed = f"/studies/{STUDY}/series/{SERIES}/instances/{series}.1"

    for path in (
        f"/studies/{study}/series", f"/studies/{study}/metadata", f"/studies/{study}/instances",
        f"/studies/{STUDY}/series/{series}/metadata", f"{at}/metadata", f"{at}/frames/1",
        f"{at}/rendered", f"{at}/thumbnail", f"{mixed}/frames/1", f"{mixed}/metadata",
    ):  # fmt: skip
        assert asker.get(path).status_code == 404, path
    assert [value(one, "0020000D") for one in asker.json("/studies")] == [STUDY]
    assert asker.json(f"/studies?StudyInstanceUID={study}") == []


def test_same_patient_id_in_another_transfer_is_not_merged(
    house: House, medium: Path, asker: Asker
) -> None:
    """Asking for a Patient ID finds this transfer's studies only."""
    other = an_image(medium, 1, study="1.2.826.0.1.9", series="1.2.826.0.1.9.1")
    house.visible(a_transfer(next(_NUMBERS)), [other])
    assert len(asker.json("/studies?00100020=4711")) == 1


@pytest.mark.parametrize(
    "end",
    [{"revoked": int(time.time())}, {"minted": 1}, {"expires": int(time.time()) - 1}],
    ids=["revoked", "too old", "expired"],
)
def test_the_end_of_the_link_is_the_end_of_all(
    house: House, asker: Asker, transfer: TransferId, end: dict[str, int]
) -> None:
    """With a link that was revoked or has expired neither page nor image opens any more."""
    assert asker.get("/studies").status_code == 200
    with house.running.inside.engine.begin() as connection:
        theirs = LINKS.c.transfer == transfer
        connection.execute(sa.update(LINKS).where(theirs).values(**end))

    assert asker.client.get(asker.address).status_code == 404
    for path in ("/studies", f"{ONE}/metadata", f"{ONE}/frames/1", f"{ONE}/rendered"):
        assert asker.get(path).status_code == 404, path


def test_the_word_is_not_the_link(house: House, asker: Asker) -> None:
    """What OHIF's origin knows opens no page and presses no button."""
    word = asker.address.partition("?")[0].rpartition("/")[2]
    assert house.browser.get(f"/s/{word}").status_code == 404
    assert house.browser.post(f"/s/{word}/forward", data={"pacs": "PACS"}).status_code == 404
    assert asker.client.get(asker.root.replace(word, "A" * 22) + "/studies").status_code == 404


def test_foreign_pages_get_nothing(asker: Asker) -> None:
    """A request that a page of another origin sends is refused, and none is let in by CORS."""
    origin = asker.address.split("/o/")[0]
    assert asker.get("/studies", Origin="http://pages.example").status_code == 404
    assert asker.get("/studies", **{"Sec-Fetch-Site": "cross-site"}).status_code == 404
    assert asker.get("/studies", **{"Sec-Fetch-Site": "same-site"}).status_code == 404
    answer = asker.get("/studies", Origin=origin, **{"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_nothing_can_be_stored_or_deleted(asker: Asker) -> None:
    """There is no method but GET."""
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert asker.client.request(method, f"{asker.root}/studies").status_code == 405


@pytest.mark.parametrize("frames", ["0", "-1", "1,", "x", "1" * 20, ",".join(["1"] * 65)])
def test_misshapen_frame_numbers_are_no_address(asker: Asker, frames: str) -> None:
    """Only lists of a few numbers counted from 1 name frames."""
    assert asker.get(f"{ONE}/frames/{frames}").status_code == 404


def test_an_image_nobody_can_decode_costs_nobody_else(
    house: House, medium: Path, transfer: TransferId
) -> None:
    """Broken pixel data are told as not there; the other images of the series still come."""
    broken, good = an_image(medium, 1), an_image(medium, 2)
    image = dcmread(broken)
    image.compress(RLELossless, generate_instance_uid=False)
    image.PixelData = image.PixelData[:16] + bytes(len(image.PixelData) - 16)
    image.save_as(broken)
    with asking(house, house.visible(transfer, [broken, good])) as one:
        assert one.get(f"{ONE}/frames/1").status_code == 404
        assert one.frames(f"/studies/{STUDY}/series/{SERIES}/instances/{SERIES}.2/frames/1")
        assert len(one.json(f"/studies/{STUDY}/series/{SERIES}/metadata")) == 2


def test_of_two_images_with_one_uid_the_first_is_shown(
    house: House, medium: Path, transfer: TransferId
) -> None:
    """Other bytes under a UID that was there before are kept, but not handed to a web viewer."""
    first, second = an_image(medium, 1), an_image(medium, 1, tilt=7)
    with asking(house, house.visible(transfer, [first, second])) as one:
        assert one.frames(f"{ONE}/frames/1") == [_pixels(first)]
        assert len(one.json(f"/studies/{STUDY}/instances")) == 1


def test_a_required_login_holds_here_too(
    tmp_path: Path, medium: Path, transfer: TransferId
) -> None:
    """Where the house wants to know who looks, OHIF and its images want it as well."""
    login = Login(header="X-User", proxies=(ip_network("127.0.0.1/32"),), required=True)
    with running_web_house(tmp_path, login=login) as house:
        path = house.visible(transfer, [an_image(medium)])
        house.browser.headers["X-User"] = "dr.house"
        with asking(house, path) as one:
            assert one.get("/studies").status_code == 404
            assert one.client.get(one.address).status_code == 404
            assert one.get("/studies", **{"X-User": "dr.house"}).status_code == 200


def _known(house: House, transfer: TransferId, medium: Path) -> dicomweb.Row:
    with asking(house, house.visible(transfer, [an_image(medium)])):
        ((row, facts),) = dicomweb.shown(house.instances(transfer))
    return row, facts


@pytest.mark.parametrize(
    "untrusted",
    [
        [],
        {"00080018": {"vr": "UI", "BulkDataURI": "http://192.0.2.1/"}},
        {"0008": {"vr": "UI"}},
        {"00080018": {"vr": "UI", "Value": "text"}},
        {"00080018": {"vr": "UI", "Value": [["nested"]]}},
        {"00100010": {"vr": "PN", "Value": [{"BulkDataURI": "x"}]}},
        {"00081140": {"vr": "SQ", "Value": [{"00080018": {"vr": "UI", "x": 1}}]}},
    ],
)
def test_a_lying_worker_is_not_passed_on(
    house: House, medium: Path, untrusted: object, transfer: TransferId
) -> None:
    """What a worker says goes out only as DICOM JSON without references to elsewhere."""
    row, facts = _known(house, transfer, medium)
    with pytest.raises(Malformed):
        dicomweb.parse_attributes(untrusted, row, facts)


def test_a_lying_worker_cannot_change_what_an_image_is(
    house: House, medium: Path, transfer: TransferId
) -> None:
    """UIDs in metadata are those of the index, whatever the worker read."""
    row, facts = _known(house, transfer, medium)
    lie = {"0020000D": {"vr": "UI", "Value": ["1.2.3"]}}
    assert value(dicomweb.parse_attributes(lie, row, facts), "0020000D") == STUDY


def test_without_ohif_the_page_says_so(tmp_path: Path, medium: Path, transfer: TransferId) -> None:
    """Where OHIF is not installed the study page has its pictures, no button, and says why."""
    ohif = an_empty_ohif(tmp_path / "ohif")
    (ohif / "dist" / "app.bundle.00ff.js").unlink()
    with running_web_house(tmp_path, ohif) as house:
        path = house.visible(transfer, [an_image(medium)])
        page = house.browser.get(path, params={"lang": "en"}).text
    assert 'class="ohif"' not in page
    assert "OHIF is not installed here" in page
    assert "/images/" in page
