"""A house whose own archive keeps the images: a real Orthanc with its DICOMweb plugin."""

import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from passbox_viewer.settings import Archive, Pacs
from passbox_viewer.store import data_set_of
from tests.parts.orthanc import DICOMWEB, Orthanc, running_orthanc
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import SERIES, an_image, data_set
from tests.viewer.pressing import last_event, press

pytestmark = [
    pytest.mark.parts,
    pytest.mark.skipif(not DICOMWEB.exists(), reason="install orthanc-dicomweb"),
]

REWRITTEN = "JPEG2000.dcm"
"""Orthanc writes this one anew: without its trailing padding."""
OUT_OF_RESOURCES = 0xA700


@pytest.fixture(scope="module")
def orthanc_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """One Orthanc with DICOMweb."""
    with running_orthanc(tmp_path_factory.mktemp("orthanc"), [DICOMWEB]) as running:
        yield running


@pytest.fixture
def orthanc(orthanc_of_all: Orthanc) -> Orthanc:
    """The archive, empty."""
    orthanc_of_all.empty()
    return orthanc_of_all


def archive_of(orthanc: Orthanc, *, cache_bytes: int = 2**30) -> Archive:
    """Return the settings for an archive of the house's own."""
    return Archive(
        host=orthanc.host, port=orthanc.dicom_port, ae_title=orthanc.ae_title,
        dicomweb=orthanc.dicomweb, cache_bytes=cache_bytes,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for a house."""
    folder = tmp_path / "house"
    folder.mkdir()
    return folder


@pytest.fixture
def house(folder: Path, orthanc: Orthanc) -> Iterator[House]:
    """A viewer that keeps images in the archive."""
    with running_house(folder, archive=archive_of(orthanc)) as running:
        yield running


def files_of(house: House) -> list[Path]:
    """Return the instances that lie in the store itself."""
    return sorted(house.settings.store.folder.glob("transfers/*/instances/*.dcm"))


def lent(house: House) -> list[Path]:
    """Return what was fetched for reading and is kept for a while."""
    return sorted(house.settings.store.folder.glob("transfers/*/lent/*"))


def altered(path: Path) -> bytes:
    """Return a file with the same UIDs and one other pixel."""
    image = pydicom.dcmread(path)
    image.PixelData = b"\xff\x0f" + image.PixelData[2:]
    written = io.BytesIO()
    image.save_as(written)
    return written.getvalue()


def picture(house: House, page: str, number: int) -> int:
    """Return the status of one picture of a page."""
    return house.browser.get(f"{page}/images/{number}.png", params={"size": 64}).status_code


def zipped(house: House, page: str) -> dict[str, bytes]:
    """Return the members of a page's ZIP."""
    with zipfile.ZipFile(io.BytesIO(house.browser.get(f"{page}/images.zip").content)) as read:
        return {name: read.read(name) for name in read.namelist()}


def test_the_archive_has_the_images_and_the_page_shows_them(
    house: House, orthanc: Orthanc, medium: Path
) -> None:
    """No image lies here; page and ZIP have what arrived, out of the archive."""
    first, second = an_image(medium, 1), an_image(medium, 2)
    compressed = shutil.copyfile(str(get_testdata_file(REWRITTEN)), medium / "compressed")

    page = house.visible(a_transfer(), [first, second, Path(compressed)])

    assert files_of(house) == []
    assert orthanc.instance_count() == 3
    rows = house.instances(a_transfer())
    assert [row.data_set_sha256 for row in rows[:2]] == [
        row.archived.data_set_sha256 for row in rows[:2] if row.archived
    ]
    assert rows[2].archived is not None
    assert rows[2].archived.data_set_sha256 != rows[2].data_set_sha256
    assert house.browser.get(page).status_code == 200
    assert [picture(house, page, row.number) for row in rows] == [200, 200, 200]
    images = [data for name, data in zipped(house, page).items() if name.startswith("IMAGES")]
    assert sorted(data_set(_put(medium / f"{n}", data)) for n, data in enumerate(images))[
        :2
    ] == sorted([data_set(first), data_set(second)])


def _put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_what_the_archive_writes_anew_says_and_shows_the_same(
    house: House, orthanc: Orthanc, medium: Path
) -> None:
    """An archive may write lengths and paddings anew; elements and pixels are compared then."""
    names = ("JPEG2000.dcm", "reportsi.dcm", "MR_small_bigendian.dcm", "liver_1frame.dcm")
    files = [Path(str(get_testdata_file(name))) for name in names]

    house.visible(a_transfer(), files)

    assert files_of(house) == []
    assert orthanc.instance_count() == len(names)


def test_an_image_that_the_archive_changed_is_not_shown_nor_handed_out(
    house: House, orthanc: Orthanc, medium: Path
) -> None:
    """Other bytes under the UID are never this patient's images, and the page says so."""
    changed, whole = an_image(medium, 1), an_image(medium, 2)
    page = house.visible(a_transfer(), [changed, whole])
    orthanc.replace(f"{SERIES}.1", altered(changed))

    first, second = house.instances(a_transfer())

    assert picture(house, page, first.number) == 422
    assert picture(house, page, second.number) == 200
    shown = house.browser.get(page, params={"image": 0, "lang": "en"}).text
    assert "no longer has what arrived" in shown
    assert "no longer has what arrived" not in house.browser.get(page, params={"image": 1}).text
    members = zipped(house, page)
    assert [name for name in members if name.startswith("MISSING")] == ["MISSING/I0000001.TXT"]
    assert sum(name.startswith("IMAGES") for name in members) == 1


def test_an_image_that_the_archive_lost_is_told(
    house: House, orthanc: Orthanc, medium: Path
) -> None:
    """What the archive deleted by its own clock is missed, not taken for something else."""
    page = house.visible(a_transfer(), [an_image(medium)])
    orthanc.empty()

    (row,) = house.instances(a_transfer())

    assert picture(house, page, row.number) == 422
    assert "no longer has what arrived" in house.browser.get(page, params={"lang": "en"}).text


def test_only_what_arrived_goes_to_the_pacs(
    folder: Path, tmp_path: Path, orthanc: Orthanc, medium: Path
) -> None:
    """A changed image is refused by name and not sent; the others are in the PACS."""
    files = [an_image(medium, number) for number in (1, 2, 3)]
    (tmp_path / "pacs").mkdir()
    with running_orthanc(tmp_path / "pacs") as other:
        pacs = Pacs(name="PACS", host=other.host, port=other.dicom_port, ae_title=other.ae_title)
        with running_house(folder, archive=archive_of(orthanc), pacs=[pacs]) as house:
            page = house.visible(a_transfer(), files)
            orthanc.replace(f"{SERIES}.2", altered(files[1]))
            before = last_event(house)

            assert press(house, page) == 303
            house.await_event(before)

            assert other.sop_instance_uids() == [f"{SERIES}.1", f"{SERIES}.3"]
            said = house.browser.get(page, params={"lang": "en"}).text
            assert "no longer has the image that arrived" in said


def test_the_same_uid_with_other_bytes_is_kept_beside(
    house: House, orthanc: Orthanc, medium: Path
) -> None:
    """The archive's image stays as it is, the second transfer's lies here, both are shown."""
    mine, theirs = an_image(medium), an_image(medium, tilt=9)
    one = house.visible(a_transfer(1), [mine])
    other = house.visible(a_transfer(2), [theirs])

    assert orthanc.instance_count() == 1
    assert data_set(_put(medium / "kept", orthanc.instance(f"{SERIES}.1"))) == data_set(mine)
    (here,) = files_of(house)
    assert here.parts[-3] == a_transfer(2)
    assert data_set_of(here)[0] == house.instances(a_transfer(2))[0].data_set_sha256
    for page, sent in ((one, mine), (other, theirs)):
        image = zipped(house, page)["IMAGES/PAT00001/STU00001/SER00001/I0000001"]
        assert data_set(_put(medium / "zipped", image)) == data_set(sent)


def test_the_same_uid_in_another_study_is_kept_beside(
    house: House, orthanc: Orthanc, medium: Path
) -> None:
    """Whoever has this number in another study there keeps it: nothing is given over it."""
    house.visible(a_transfer(1), [an_image(medium)])
    house.visible(a_transfer(2), [an_image(medium, study="1.2.3.4")])

    assert orthanc.instance_count() == 1
    assert len(files_of(house)) == 1


def test_the_same_image_of_two_transfers_is_one_in_the_archive(
    house: House, orthanc: Orthanc, medium: Path
) -> None:
    """Equal bytes need no second place; each transfer has its own row."""
    image = an_image(medium)
    house.visible(a_transfer(1), [image])
    house.visible(a_transfer(2), [image])

    assert orthanc.instance_count() == 1
    assert files_of(house) == []
    assert house.instances(a_transfer(2))[0].archived is not None


def test_what_the_archive_refuses_is_kept_here(house: House, medium: Path) -> None:
    """An image that the archive does not take for good is not lost and not sent back."""
    plan = Path(str(get_testdata_file("rtplan.dcm")))  # Orthanc: no Study Instance UID to go by
    page = house.visible(a_transfer(), [plan, an_image(medium)])

    assert len(files_of(house)) == 1
    assert house.browser.get(page).status_code == 200


def test_an_archive_that_is_away_is_tried_again(folder: Path, tmp_path: Path, medium: Path) -> None:
    """C-STORE fails as out of resources, so that the poller comes again; then it succeeds."""
    image = an_image(medium)
    there = tmp_path / "orthanc"
    there.mkdir()
    with running_orthanc(there, [DICOMWEB]) as first:
        settings, port = archive_of(first), first.dicom_port
    with running_house(folder, archive=settings) as house:
        title = house.register(a_transfer())
        assert house.store(title, [image]) == [OUT_OF_RESOURCES]
        assert house.instances(a_transfer()) == []
        assert files_of(house) == []
    with (
        running_orthanc(there, [DICOMWEB], dicom_port=port) as again,
        running_house(folder, archive=archive_of(again)) as house,
    ):
        assert house.store(title, [image]) == [0]
        assert again.instance_count() == 1


def test_a_restart_forgets_what_was_lent_and_shows_all(
    folder: Path, orthanc: Orthanc, medium: Path
) -> None:
    """The rows alone lead to the images, and copies for reading do not outlive the program."""
    with running_house(folder, archive=archive_of(orthanc)) as house:
        page = house.visible(a_transfer(), [an_image(medium)])
        assert zipped(house, page)
        assert len(lent(house)) == 1
    with running_house(folder, archive=archive_of(orthanc)) as house:
        assert lent(house) == []
        assert "IMAGES/PAT00001/STU00001/SER00001/I0000001" in zipped(house, page)


def test_copies_for_reading_are_bounded(folder: Path, orthanc: Orthanc, medium: Path) -> None:
    """What was lent longest ago goes first, when no more than so many bytes may stay."""
    files = [an_image(medium, number) for number in range(1, 5)]
    size = len(data_set(files[0]))
    with running_house(folder, archive=archive_of(orthanc, cache_bytes=2 * size + 64)) as house:
        page = house.visible(a_transfer(), files)

        assert sum(name.startswith("IMAGES") for name in zipped(house, page)) == 4

        assert len(lent(house)) == 2


def test_the_archive_keeps_what_is_deleted_here(
    house: House, orthanc: Orthanc, medium: Path
) -> None:
    """Our clock deletes nothing in the house's archive, and leaves nothing of it here."""
    page = house.visible(a_transfer(), [an_image(medium)])
    assert zipped(house, page)

    house.running.rooms.office.keeper.delete(a_transfer(), "test", "because")

    assert not list(house.settings.store.folder.glob(f"transfers/{a_transfer()}*"))
    assert orthanc.instance_count() == 1
    assert house.browser.get(page).status_code == 404
