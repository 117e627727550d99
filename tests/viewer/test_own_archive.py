"""A house whose own archive keeps the images: a real Orthanc with its DICOMweb plugin."""

import io
import itertools
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from passbox_viewer.settings import Archive, Pacs
from passbox_viewer.store import data_set_of
from passbox_wire.ids import TransferId
from tests.parts.orthanc import DICOMWEB, Orthanc, running_orthanc
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import STUDY, an_image, data_set
from tests.viewer.pressing import last_event, press

pytestmark = [
    pytest.mark.parts,
    pytest.mark.skipif(not DICOMWEB.exists(), reason="install orthanc-dicomweb"),
]

OUT_OF_RESOURCES = 0xA700
_CASES = itertools.count(1)


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """The archive of all tests here, each with a series of its own; one that overwrites."""
    folder = tmp_path_factory.mktemp("orthanc")
    with running_orthanc(folder, [DICOMWEB], overwrites=True) as running:
        yield running


def archive_of(orthanc: Orthanc, *, cache_bytes: int = 2**30) -> Archive:
    """Return the settings for an archive of the house's own."""
    return Archive(
        host=orthanc.host, port=orthanc.dicom_port, ae_title=orthanc.ae_title,
        dicomweb=orthanc.dicomweb, cache_bytes=cache_bytes,
    )  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, orthanc: Orthanc) -> Iterator[House]:
    """A viewer that keeps images in the archive."""
    with running_house(tmp_path_factory.mktemp("house"), archive=archive_of(orthanc)) as running:
        yield running


@dataclass
class Case:
    """What one test sends: transfers and a series that no other test knows."""

    medium: Path
    number: int = field(default_factory=lambda: next(_CASES))

    @property
    def series(self) -> str:
        return f"{STUDY}.{self.number}"

    def transfer(self, number: int = 1) -> TransferId:
        return a_transfer(100 * self.number + number)

    def image(self, number: int = 1, *, study: str = "", tilt: int = 0) -> Path:
        study = study or f"{STUDY}.{self.number}.0"
        return an_image(self.medium, number, study=study, series=self.series, tilt=tilt)

    def in_archive(self, orthanc: Orthanc) -> list[str]:
        """Return the UIDs of this series that the archive holds."""
        return [uid for uid in orthanc.sop_instance_uids() if uid.startswith(f"{self.series}.")]


@pytest.fixture
def case(medium: Path) -> Case:
    """A series of this test's own."""
    return Case(medium)


def files_of(house: House, transfer: TransferId) -> list[Path]:
    """Return the instances of a transfer that lie in the store itself."""
    return sorted(house.settings.store.folder.glob(f"transfers/{transfer}/instances/*.dcm"))


def lent(house: House, transfer: TransferId) -> list[Path]:
    """Return what was fetched for reading and is kept for a while."""
    return sorted(house.settings.store.folder.glob(f"transfers/{transfer}/lent/*"))


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


def data_sets(members: dict[str, bytes], folder: Path) -> set[bytes]:
    """Return the data set bytes of the images in a ZIP."""
    found = set()
    for name, content in members.items():
        if name.startswith("IMAGES"):
            (folder / "member").write_bytes(content)
            found.add(data_set(folder / "member"))
    return found


def test_the_archive_has_the_images_and_the_page_shows_them(
    house: House, orthanc: Orthanc, case: Case, tmp_path: Path
) -> None:
    """No image lies here; page and ZIP have what arrived, out of the archive."""
    files = [case.image(1), case.image(2)]

    page = house.visible(case.transfer(), files)

    assert files_of(house, case.transfer()) == []
    assert case.in_archive(orthanc) == [f"{case.series}.1", f"{case.series}.2"]
    rows = house.instances(case.transfer())
    assert [row.archived and row.archived.data_set_sha256 for row in rows] == [
        row.data_set_sha256 for row in rows
    ]
    assert house.browser.get(page).status_code == 200
    assert [picture(house, page, row.number) for row in rows] == [200, 200]
    assert data_sets(zipped(house, page), tmp_path) == {data_set(file) for file in files}


def test_what_the_archive_writes_anew_is_compared(
    house: House, orthanc: Orthanc, case: Case
) -> None:
    """An archive may write lengths and paddings anew; elements and pixels are the same then."""
    names = ("JPEG2000.dcm", "reportsi.dcm", "MR_small_bigendian.dcm", "liver_1frame.dcm")
    before = orthanc.instance_count()

    page = house.visible(case.transfer(), [Path(str(get_testdata_file(n))) for n in names])

    assert files_of(house, case.transfer()) == []
    assert orthanc.instance_count() == before + len(names)
    rows = house.instances(case.transfer())
    anew = [row.archived and row.archived.data_set_sha256 != row.data_set_sha256 for row in rows]
    assert anew[0], "Orthanc leaves out the padding of this one"
    assert picture(house, page, rows[0].number) == 200


def test_an_image_that_the_archive_changed_is_not_shown_nor_handed_out(
    house: House, orthanc: Orthanc, case: Case
) -> None:
    """Other bytes under the UID are never this patient's images, and the page says so."""
    changed = case.image(1)
    page = house.visible(case.transfer(), [changed, case.image(2)])
    orthanc.replace(f"{case.series}.1", altered(changed))

    first, second = house.instances(case.transfer())

    assert picture(house, page, first.number) == 422
    assert picture(house, page, second.number) == 200
    shown = house.browser.get(page, params={"image": 0, "lang": "en"}).text
    assert "no longer has what arrived" in shown
    other = house.browser.get(page, params={"image": 1, "lang": "en"}).text
    assert "no longer has what arrived" not in other
    members = zipped(house, page)
    assert [name for name in members if name.startswith("MISSING")] == ["MISSING/I0000001.TXT"]
    assert sum(name.startswith("IMAGES") for name in members) == 1


def test_an_image_that_the_archive_lost_is_told(house: House, orthanc: Orthanc, case: Case) -> None:
    """What the archive deleted by its own clock is missed, not taken for something else."""
    page = house.visible(case.transfer(), [case.image()])
    orthanc.forget(f"{case.series}.1")

    (row,) = house.instances(case.transfer())

    assert picture(house, page, row.number) == 422
    assert "no longer has what arrived" in house.browser.get(page, params={"lang": "en"}).text


def test_the_same_uid_with_other_bytes_is_kept_beside(
    house: House, orthanc: Orthanc, case: Case, tmp_path: Path
) -> None:
    """The archive's image stays as it is, the second transfer's lies here, both are shown."""
    mine, theirs = case.image(), case.image(tilt=9)
    one = house.visible(case.transfer(1), [mine])
    other = house.visible(case.transfer(2), [theirs])

    assert files_of(house, case.transfer(1)) == []
    (here,) = files_of(house, case.transfer(2))
    assert data_set_of(here)[0] == house.instances(case.transfer(2))[0].data_set_sha256
    (tmp_path / "kept").write_bytes(orthanc.instance(f"{case.series}.1"))
    assert data_set(tmp_path / "kept") == data_set(mine)
    assert data_sets(zipped(house, one), tmp_path) == {data_set(mine)}
    assert data_sets(zipped(house, other), tmp_path) == {data_set(theirs)}


def test_the_same_uid_in_another_study_is_kept_beside(
    house: House, orthanc: Orthanc, case: Case
) -> None:
    """Whoever has this number in another study there keeps it: nothing is given over it."""
    house.visible(case.transfer(1), [case.image()])
    house.visible(case.transfer(2), [case.image(study="1.2.3.4")])

    assert len(case.in_archive(orthanc)) == 1
    assert len(files_of(house, case.transfer(2))) == 1


def test_the_same_image_of_two_transfers_is_one_in_the_archive(
    house: House, orthanc: Orthanc, case: Case
) -> None:
    """Equal bytes need no second place; each transfer has its own row."""
    image = case.image()
    house.visible(case.transfer(1), [image])
    house.visible(case.transfer(2), [image])

    assert len(case.in_archive(orthanc)) == 1
    for number in (1, 2):
        assert files_of(house, case.transfer(number)) == []
        assert house.instances(case.transfer(number))[0].archived is not None


def test_an_image_that_comes_again_after_it_was_changed_is_kept_here(
    house: House, orthanc: Orthanc, case: Case
) -> None:
    """The poller may ask again what it was not told; what is right lies here from then on."""
    image = case.image()
    page = house.visible(case.transfer(), [image])
    orthanc.replace(f"{case.series}.1", altered(image))

    assert house.store(house.register(case.transfer()), [image]) == [0]

    (row,) = house.instances(case.transfer())
    assert row.archived is None
    assert len(files_of(house, case.transfer())) == 1
    assert picture(house, page, row.number) == 200


def test_what_the_archive_refuses_is_kept_here(house: House, case: Case) -> None:
    """An image that the archive does not take for good is neither lost nor sent back."""
    plan = shutil.copyfile(str(get_testdata_file("rtplan.dcm")), case.medium / "plan.dcm")
    page = house.visible(case.transfer(), [Path(plan), case.image()])

    assert len(files_of(house, case.transfer())) == 1
    assert house.browser.get(page).status_code == 200


def test_the_archive_keeps_what_is_deleted_here(house: House, orthanc: Orthanc, case: Case) -> None:
    """Our clock deletes nothing in the house's archive, and leaves nothing of it here."""
    page = house.visible(case.transfer(), [case.image()])
    assert zipped(house, page)
    assert len(lent(house, case.transfer())) == 1

    house.running.rooms.office.keeper.delete(case.transfer(), "test", "because")

    assert not list(house.settings.store.folder.glob(f"transfers/{case.transfer()}*"))
    assert len(case.in_archive(orthanc)) == 1
    assert house.browser.get(page).status_code == 404


def test_only_what_arrived_goes_to_the_pacs(tmp_path: Path, orthanc: Orthanc, case: Case) -> None:
    """A changed image is refused by name and not sent; the others are in the PACS."""
    files = [case.image(number) for number in (1, 2, 3)]
    for name in ("pacs", "house"):
        (tmp_path / name).mkdir()
    with running_orthanc(tmp_path / "pacs") as other:
        pacs = Pacs(name="PACS", host=other.host, port=other.dicom_port, ae_title=other.ae_title)
        with running_house(
            tmp_path / "house", archive=archive_of(orthanc, cache_bytes=0), pacs=[pacs]
        ) as house:
            page = house.visible(case.transfer(), files)
            orthanc.replace(f"{case.series}.2", altered(files[1]))
            before = last_event(house)

            assert press(house, page) == 303
            house.await_event(before)

            assert other.sop_instance_uids() == [f"{case.series}.1", f"{case.series}.3"]
            said = house.browser.get(page, params={"lang": "en"}).text
            assert "no longer has the image that arrived" in said
            assert "no longer has all that arrived" in said
            assert lent(house, case.transfer()) == []


def test_an_archive_that_is_away_is_tried_again(tmp_path: Path, case: Case) -> None:
    """C-STORE fails as out of resources, so that the poller comes again; then it succeeds.

    What was lent is bounded, and gone after the restart; the rows alone lead to the images.
    """
    files = [case.image(number) for number in (1, 2, 3)]
    for name in ("orthanc", "house"):
        (tmp_path / name).mkdir()
    with running_orthanc(tmp_path / "orthanc", [DICOMWEB]) as first:
        settings = archive_of(first, cache_bytes=2 * len(data_set(files[0])) + 64)
    with running_house(tmp_path / "house", archive=settings) as house:
        title = house.register(case.transfer())
        assert house.store(title, files[:1]) == [OUT_OF_RESOURCES]
        assert house.instances(case.transfer()) == []
        assert files_of(house, case.transfer()) == []
        with running_orthanc(
            tmp_path / "orthanc", [DICOMWEB],
            dicom_port=first.dicom_port, rest_port=first.rest_port,
        ) as again:  # fmt: skip
            page = house.visible(case.transfer(), files)
            assert again.instance_count() == len(files)
            assert len(data_sets(zipped(house, page), tmp_path)) == len(files)
            assert len(lent(house, case.transfer())) == 2
    with running_house(tmp_path / "house", archive=settings) as house:
        assert lent(house, case.transfer()) == []
        assert len(house.instances(case.transfer())) == len(files)
        shown = house.browser.get(page, params={"lang": "en"}).text
        assert "does not answer just now" in shown
        refused = house.browser.get(f"{page}/images.zip", params={"lang": "en"})
        assert (refused.status_code, "No ZIP just now" in refused.text) == (503, True)
