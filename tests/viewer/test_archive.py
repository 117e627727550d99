"""The download: a ZIP whose DICOMDIR other people's programs and our own scanner read."""

import base64
import contextlib
import io
import json
import re
import subprocess
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pydicom
import pytest
from pydicom.fileset import FileSet
from pydicom.uid import UID, BasicTextSRStorage
from typer.testing import CliRunner

from passbox.cli import app
from passbox_base import audit
from passbox_base.serving import Listener
from passbox_viewer.archive import archive
from passbox_viewer.errors import ArchiveFailed
from passbox_viewer.instances import Instance
from passbox_viewer.lending import Lending
from passbox_viewer.media_directory import filed, media_directory
from passbox_viewer.media_records import parse_keys
from passbox_viewer.pages_app import pages_app
from passbox_wire.errors import Malformed
from tests.builders.dicom import element
from tests.builders.listening import listening
from tests.viewer.house import House, a_transfer
from tests.viewer.images import an_image, data_set
from tests.viewer.objects import (
    a_document,
    a_pdf,
    a_presentation,
    a_report,
    a_segmentation,
    an_ecg,
    in_space,
    of_radiotherapy,
)

OTHER_SERIES = "1.2.826.0.1.3680043.10.2"
MIB = 1024 * 1024
LEVELS = {"PATIENT", "STUDY", "SERIES"}
HOSTILE = "../../etc/passwd\\..\\x<script>\x1b[31m"


def stored(house: House) -> list[Path]:
    """Return the files of the first transfer's images in the store."""
    return sorted(house.settings.store.folder.glob(f"transfers/{a_transfer()}/instances/*"))


def unpacked(house: House, page: str, folder: Path) -> Path:
    """Download a page's ZIP and unpack it."""
    answer = house.browser.get(f"{page}/images.zip")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


class _Found:
    """A file-set as pydicom finds it, with an end to the folder it opens for changes."""

    def __init__(self, disc: Path) -> None:
        self.files = FileSet(pydicom.dcmread(disc / "DICOMDIR"))

    def close(self) -> None:
        self.files._stage["t"].cleanup()


@pytest.fixture
def disc(house: House, medium: Path, tmp_path: Path) -> Path:
    """Two patients, two series, one image beside another, and an attachment."""
    images = [
        an_image(medium, 1),
        an_image(medium, 2),
        an_image(medium, 1, series=OTHER_SERIES, name="Möller^Änne"),
        an_image(medium, 2, tilt=7),
    ]
    page = house.visible(a_transfer(), images)
    house.attach(a_transfer(), 7, b"%PDF-1.7 letter")
    return unpacked(house, page, tmp_path / "disc")


def test_every_file_is_there_byte_for_byte(disc: Path, medium: Path) -> None:
    """Data sets are those that were sent, also the one beside; the attachment is too."""
    files = [path for path in disc.rglob("*") if path.is_file() and path.name[0] in "IO"]

    assert sorted(map(data_set, files)) == sorted(map(data_set, medium.iterdir()))
    assert (disc / "ATTACH" / "A0000007.PDF").read_bytes() == b"%PDF-1.7 letter"
    assert b"not for primary diagnosis" in (disc / "README.TXT").read_bytes()


def test_the_directory_leads_pydicom_to_every_image(disc: Path) -> None:
    """A FileSet finds both patients, all three images, and each under its own UID."""
    with contextlib.closing(_Found(disc)) as found:
        names = sorted(str(name) for name in found.files.find_values("PatientName"))
        uids = [(one.SOPInstanceUID, one.load().SOPInstanceUID) for one in found.files]

    assert names == ["Doe^Jane", "Möller^Änne"]
    assert len(uids) == 3
    assert all(claimed == read for claimed, read in uids)


@pytest.mark.parts
def test_dcmtk_reads_and_extends_the_directory(disc: Path) -> None:
    """Dcmdump reads it without a complaint, dcmmkdir checks it and adds a file to it."""
    dumped = subprocess.run(
        ["dcmdump", "+E", "DICOMDIR"], cwd=disc, capture_output=True, text=True, check=True
    )
    assert dumped.stdout.count("DirectoryRecordType") == 2 + 2 + 2 + 3
    assert "W:" not in dumped.stderr + dumped.stdout
    (disc / "MORE").write_bytes((disc / "OTHER" / "O0000001").read_bytes())
    data = pydicom.dcmread(disc / "MORE")
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = UID(f"{OTHER_SERIES}.99")
    data.add_new(0x00200010, "SH", "1")
    data.add_new(0x00080030, "TM", "120000")
    data.save_as(disc / "MORE")

    added = subprocess.run(
        ["dcmmkdir", "-Pgp", "+A", "--invent", "--no-backup", "MORE"],
        cwd=disc, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert added.returncode == 0, added.stderr
    with contextlib.closing(_Found(disc)) as found:
        assert len(found.files) == 4


def test_our_own_scan_finds_what_the_directory_claims(disc: Path) -> None:
    """The scan of the unpacked ZIP sees the images and misses none that is claimed."""
    shown = CliRunner().invoke(app, ["scan", str(disc), "--json"])

    assert shown.exit_code in {0, 1}, shown.output
    assert '"missing"' not in shown.output or '"missing": 0' in shown.output
    assert "Doe" in shown.output


def test_no_word_of_the_sender_is_a_name(house: House, medium: Path) -> None:
    """Names are 8.3, upper case and ours, whatever stands in the images."""
    image = an_image(
        medium, name=HOSTILE, PatientID=HOSTILE, StudyDescription=HOSTILE, Modality=HOSTILE
    )
    page = house.visible(a_transfer(), [image])
    answer = house.browser.get(f"{page}/images.zip")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        directory = pydicom.dcmread(io.BytesIO(archive.read("DICOMDIR")))
    assert names == ["README.TXT", "DICOMDIR", "IMAGES/PAT00001/STU00001/SER00001/I0000001"]
    disposition = answer.headers["content-disposition"]
    assert disposition == f'attachment; filename="images-{a_transfer()[:8]}.zip"'
    record = directory.DirectoryRecordSequence[0]
    assert "\x1b" not in str(record.PatientID)
    assert record.PatientID == record.PatientID.replace("\\", " ")


def test_the_download_is_in_the_audit_before_the_first_byte(house: House, medium: Path) -> None:
    """Who downloads is written down, by the link that was used; nothing else changes."""
    page = house.visible(a_transfer(), [an_image(medium)])
    before = house.read(a_transfer())

    house.browser.get(f"{page}/images.zip")

    *_, last = audit.entries(house.settings.store.folder / "audit.jsonl")
    assert (last["event"], last["transfer_id"]) == ("downloaded", a_transfer())
    assert house.read(a_transfer()) == before
    assert house.browser.get(f"/s/{'A' * 22}/images.zip").status_code == 404


def test_a_report_without_a_title_lies_beside_the_directory(house: House, medium: Path) -> None:
    """What has not what its record wants is in the ZIP and has no record."""
    page = house.visible(a_transfer(), [an_image(medium, sop_class=BasicTextSRStorage)])
    house.browser.get(page)
    (row,) = house.instances(a_transfer())
    assert row.facts is not None

    (one,) = filed([replace(row, facts=replace(row.facts, rows=None))])
    directory = pydicom.dcmread(io.BytesIO(media_directory([one], lambda *_: None)))

    assert one.file_id[0] == "IMAGES"
    assert len(directory.DirectoryRecordSequence) == 0


@pytest.fixture
def mixed(house: House, medium: Path, tmp_path: Path) -> Path:
    """One object of each kind of record that discs have, unpacked from a ZIP."""
    image = in_space(an_image(medium), 1)
    files = [image, a_segmentation(medium, [image])[0], an_ecg(medium)[0]]
    files += [a_document(medium, a_pdf("Report")), a_report(medium), a_presentation(medium)]
    files += of_radiotherapy(medium)
    return unpacked(house, house.visible(a_transfer(), files), tmp_path / "mixed")


@pytest.mark.parts
def test_each_object_has_the_record_of_its_kind(mixed: Path) -> None:
    """Reports, presentations, waveforms, documents, plans and doses are listed as what they are."""
    dumped = subprocess.run(
        ["dcmdump", "+E", "+L", "+P", "DirectoryRecordType", "DICOMDIR"],
        cwd=mixed, capture_output=True, text=True, check=True,
    )  # fmt: skip
    kinds = re.findall(r"CS \[(.+?) *\]", dumped.stdout)
    leaves = sorted(kind for kind in kinds if kind not in LEVELS)

    assert "W:" not in dumped.stderr + dumped.stdout
    assert leaves == sorted(
        ["IMAGE", "IMAGE", "WAVEFORM", "ENCAP DOC", "SR DOCUMENT", "PRESENTATION", "RT DOSE",
         "RT PLAN", "RT STRUCTURE SET"]
    )  # fmt: skip
    directory = pydicom.dcmread(mixed / "DICOMDIR")
    report = next(r for r in directory.DirectoryRecordSequence if "CompletionFlag" in r)
    assert report.ConceptNameCodeSequence[0].CodeMeaning == "Befund Übersicht"
    assert "ContentSequence" not in report


@pytest.mark.parts
def test_others_find_every_object_by_the_directory(mixed: Path) -> None:
    """Pydicom and our own scan find each file that is listed, and none that is not."""
    with contextlib.closing(_Found(mixed)) as found:
        listed = {Path(one.path).relative_to(mixed) for one in found.files}
    there = {path.relative_to(mixed) for path in mixed.rglob("I0*")}
    shown = CliRunner().invoke(app, ["scan", str(mixed), "--json"])

    assert listed == there
    told = json.loads(shown.stdout)
    wrong = ("listed_missing", "listed_elsewhere", "unlisted", "unreadable")
    assert (told["instances_found"], told["listed"]) == (9, 9)
    assert [told[count] for count in wrong] == [0] * 4


@pytest.mark.parametrize(
    "keys",
    [b"", b"\x08", element(0x00041430, b"CS", b"IMAGE "),
     element(0x00080005, b"CS", b"X", length=9),
     element(0x00100010, b"PN", b"A ") + element(0x00080005, b"CS", b"X ")],
)  # fmt: skip
def test_a_lying_worker_writes_no_directory(keys: bytes) -> None:
    """Keys that are no whole elements, or those of the directory itself, are not taken."""
    with pytest.raises(Malformed):
        parse_keys(base64.b64encode(keys).decode() if keys else None)


class _GoingAway:
    """A lender whose archive stops to answer after so many images."""

    def __init__(self, lender: Lending, answers: int) -> None:
        self._lender = lender
        self._left = answers

    def lend(self, instance: Instance) -> contextlib.AbstractContextManager[Path]:
        self._left -= 1
        if self._left < 0:
            raise ArchiveFailed("away")
        return self._lender.lend(instance)


def test_a_download_that_cannot_be_whole_is_no_whole_file(house: House, medium: Path) -> None:
    """Known before: words, no ZIP. In the middle: the answer breaks off; what came is no ZIP."""
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2, 3)])
    rooms = house.running.rooms
    (first, *_) = [path for path in stored(house) if path.suffix == ".dcm"]
    came = io.BytesIO()

    lender = _GoingAway(rooms.lender, 1)
    with listening(Listener(pages_app(replace(rooms, lender=lender)), "127.0.0.1", 0)) as port:
        url = f"http://127.0.0.1:{port}{page}/images.zip"
        with httpx.stream("GET", url, trust_env=False, timeout=60) as answer:
            with pytest.raises(httpx.RemoteProtocolError):
                came.writelines(answer.iter_raw())
            assert answer.status_code == 200
    first.unlink()
    refused = house.browser.get(f"{page}/images.zip", params={"lang": "en"})

    assert b"I0000001" in came.getvalue()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(came)
    assert refused.status_code == 503
    assert "Nothing was downloaded" in refused.text
    assert "content-disposition" not in refused.headers


def test_memory_does_not_grow_with_the_images(house: House, medium: Path) -> None:
    """A transfer of 128 MiB goes out within 8 MiB."""
    house.visible(a_transfer(), [an_image(medium)])
    (row,) = house.instances(a_transfer())
    store = house.settings.store.folder
    large = store / "transfers" / a_transfer() / "instances" / "large"
    with large.open("wb") as file:
        file.truncate(32 * MIB)
    rows = [replace(row, number=n, file_name="large", facts=None) for n in range(4)]
    rooms = house.running.rooms
    pieces = archive(
        rooms.store, rooms.lender, a_transfer(), rows, (), rooms.records.keys, datetime.now(UTC)
    )

    next(pieces)
    tracemalloc.start()
    size = sum(len(piece) for piece in pieces)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 128 * MIB
    assert most < 8 * MIB
