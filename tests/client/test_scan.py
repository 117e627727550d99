"""Scanning a medium: every file is found, attached or skipped, and what is odd is told."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from passbox_client.errors import ExitCode, MediumRefused
from passbox_client.found import FindingCode, Listing, ScanResult, SkipReason
from passbox_client.scan import scan
from passbox_wire.inventory import FileKind
from tests.builders.dicom import dicomdir
from tests.client.media import PDF, PNG, an_image, images, listing, two_patients, write, zipped

if TYPE_CHECKING:
    from passbox_client.progress import ScanProgress


def codes(result: ScanResult) -> set[FindingCode]:
    """Return the codes of all findings."""
    return {finding.code for finding in result.findings}


def skipped(result: ScanResult) -> dict[str, SkipReason]:
    """Return what was skipped and why."""
    return {file.path: file.reason for file in result.skipped}


def test_each_file_is_found_attached_or_skipped(tmp_path: Path) -> None:
    """Images are found, documents attached, programs, directories and the rest skipped by name."""
    files = {
        **images(2),
        "DICOMDIR": dicomdir(listing("IMG/I001", "IMG/I002")),
        "report.pdf": PDF,
        "photo.png": PNG,
        "viewer.exe": b"MZ" + bytes(200),
        "readme.txt": b"Hello, this is a disc.",
        "nothing": b"",
    }
    result = scan(write(tmp_path / "disc", files))
    assert [file.path for file in result.found] == ["IMG/I001", "IMG/I002"]
    assert {(file.path, file.kind) for file in result.attached} == {
        ("report.pdf", FileKind.PDF),
        ("photo.png", FileKind.PICTURE),
    }
    assert skipped(result) == {
        "DICOMDIR": SkipReason.DIRECTORY,
        "viewer.exe": SkipReason.PROGRAM,
        "readme.txt": SkipReason.NOT_DICOM,
        "nothing": SkipReason.EMPTY,
    }
    assert result.files == len(files)


def test_patients_studies_and_series_form_a_tree(tmp_path: Path) -> None:
    """Two patients have a study and a series each, and each image knows whose it is."""
    result = scan(write(tmp_path / "disc", two_patients()))
    assert [p.patient_id for p in result.patients] == ["ID-1", "ID-2"]
    of = [result.studies[result.series[file.series].study].patient for file in result.found]
    assert of == [0, 0, 1, 1]
    assert [study.study_instance_uid for _, study in result.studies_of(1)] == ["1.2.9"]
    assert [series.modality for _, series in result.series_of(1)] == ["CT"]
    assert FindingCode.SEVERAL_PATIENTS in codes(result)


def test_spellings_that_programs_make_are_one_patient(tmp_path: Path) -> None:
    """Case, separators and a missing birth date make no second patient; the spelling is told."""
    files = {
        "a": an_image(1, patient="MUELLER^EVA"),
        "b": an_image(2, patient="Mueller^Eva", birth_date=""),
    }
    result = scan(write(tmp_path / "disc", files))
    assert len(result.patients) == 1
    assert codes(result) == {FindingCode.SEVERAL_SPELLINGS}


def test_another_birth_date_is_another_patient(tmp_path: Path) -> None:
    """One id and name with two birth dates are two patients: a person is asked."""
    files = {"a": an_image(1), "b": an_image(2, birth_date="19991231")}
    assert len(scan(write(tmp_path / "disc", files)).patients) == 2


def test_the_table_of_contents_is_a_claim(tmp_path: Path) -> None:
    """Listed and found, found but not listed, listed but missing: the difference is told."""
    files = {**images(2), "DICOMDIR": dicomdir(listing("img/i001.dcm", "IMG/GONE"))}
    result = scan(write(tmp_path / "disc", files))
    assert [file.listing for file in result.found] == [Listing.LISTED, Listing.UNLISTED]
    assert result.listed_missing == ("IMG/GONE",)
    assert result.listed == 2
    assert {FindingCode.LISTED_MISSING, FindingCode.NOT_LISTED} <= codes(result)


def test_equal_copies_are_one_image(tmp_path: Path) -> None:
    """A byte-equal copy is skipped; equal UID with other bytes keeps both, and is told."""
    files = {
        "a": an_image(1),
        "b": an_image(1),
        "c": an_image(1, fill=500),
    }
    result = scan(write(tmp_path / "disc", files))
    assert [file.path for file in result.found] == ["a", "c"]
    assert skipped(result) == {"b": SkipReason.DUPLICATE}
    assert codes(result) == {FindingCode.DUPLICATES, FindingCode.SAME_UID_OTHER_BYTES}


def test_a_zip_counts_as_its_members(tmp_path: Path) -> None:
    """Members of a ZIP are found under the ZIP's name; a ZIP alone is a medium, too."""
    disc = write(tmp_path / "disc", {"readme.txt": b"text of a disc"})
    archive = zipped(disc / "a.zip", images(2))
    assert [file.path for file in scan(disc).found] == ["a.zip/IMG/I001", "a.zip/IMG/I002"]
    assert [file.path for file in scan(archive).found] == ["IMG/I001", "IMG/I002"]


def test_a_file_cut_in_the_middle_is_told(tmp_path: Path) -> None:
    """A file that ends inside its pixels is still found, and its name told as cut short."""
    result = scan(write(tmp_path / "disc", {"a": an_image(1), "cut": an_image(2)[:-40]}))
    assert [file.path for file in result.found] == ["a", "cut"]
    (finding,) = result.findings
    assert (finding.code, finding.paths) == (FindingCode.CUT_SHORT, ("cut",))


def test_a_file_cut_in_its_header_is_lost_by_name(tmp_path: Path) -> None:
    """What ends before it says whose it is cannot be sent, and is a loss that is told."""
    result = scan(write(tmp_path / "disc", {"a": an_image(1), "cut": an_image(2)[:200]}))
    assert skipped(result) == {"cut": SkipReason.DAMAGED}
    assert codes(result) == {FindingCode.CUT_SHORT}


def test_a_text_named_like_an_image_is_none(tmp_path: Path) -> None:
    """A file is what its content says: a text called .dcm is skipped, and told."""
    result = scan(write(tmp_path / "disc", {"a": an_image(1), "b.dcm": b"no image at all " * 20}))
    assert skipped(result) == {"b.dcm": SkipReason.NOT_DICOM}
    assert codes(result) == {FindingCode.NAMED_AS_IMAGE}


def test_links_lead_nowhere(tmp_path: Path) -> None:
    """A link out of the medium is skipped, never followed."""
    secret = tmp_path / "secret"
    secret.write_bytes(an_image(9))
    disc = write(tmp_path / "disc", images(1))
    (disc / "link").symlink_to(secret)
    result = scan(disc)
    assert skipped(result) == {"link": SkipReason.LINK}
    assert len(result.found) == 1


def test_a_gap_in_a_series_is_told(tmp_path: Path) -> None:
    """Instance numbers 1 to 3 and 5 to 6: number 4 is missing."""
    files = {name: data for name, data in images(6).items() if not name.endswith("4")}
    (finding,) = scan(write(tmp_path / "disc", files)).findings
    assert (finding.code, finding.count, finding.detail) == (FindingCode.SERIES_GAP, 1, "4")


def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    """Scanning an empty folder is no error, it has no files."""
    assert scan(tmp_path).files == 0


def test_a_place_with_nothing_is_refused(tmp_path: Path) -> None:
    """A path that leads nowhere, and a file that is no medium, are refused with exit code 3."""
    (tmp_path / "file").write_bytes(b"no medium")
    for path, code in (("gone", "medium_missing"), ("file", "medium_unreadable")):
        with pytest.raises(MediumRefused) as refused:
            scan(tmp_path / path)
        assert (refused.value.code, refused.value.exit_code) == (code, ExitCode.MEDIUM)


def test_progress_ends_with_everything(tmp_path: Path) -> None:
    """Progress counts files as they come; the last event has all of them."""
    told: list[ScanProgress] = []
    disc = write(tmp_path / "disc", images(70))
    scan(disc, told.append)
    assert [progress.files for progress in told] == [8, 70]
    assert told[-1].instances == 70
    assert told[-1].bytes == sum(path.stat().st_size for path in disc.rglob("I*") if path.is_file())
