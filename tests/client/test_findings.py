"""The words and numbers of findings: studies, folders, ranges, spelling, the account by study."""

from pathlib import Path

import pytest

from passbox_client.accounts import by_study
from passbox_client.found import FindingCode, ScanResult
from passbox_client.scan import scan
from passbox_client.sentences import advice_on, of_finding
from passbox_client.spelling import same_name, shown_name
from passbox_client.thumbnails import thumbnails
from tests.discs.contents import listed, table
from tests.discs.making import write
from tests.discs.not_dicom import lock
from tests.discs.register import MAKERS
from tests.discs.slices import files, series


def told(result: ScanResult, code: FindingCode, language: str = "en") -> str:
    """Return the one finding of a code in words."""
    (finding,) = (finding for finding in result.findings if finding.code is code)
    return of_finding(finding, language)


def test_a_missing_folder_is_named_and_nothing_is_lost(tmp_path: Path) -> None:
    """433 images below a folder that is not there: the folder is named, the images are found."""
    result = scan(MAKERS["folder_missing"](tmp_path / "disc"))
    assert len(result.found) == 433
    missing = told(result, FindingCode.FOLDER_MISSING, "de")
    assert "433 Dateien im Ordner DICOM." in missing
    assert "fehlt keines" in told(result, FindingCode.LISTED_ELSEWHERE, "de")
    assert FindingCode.NOT_LISTED not in {finding.code for finding in result.findings}


def test_what_is_missing_is_told_by_study(tmp_path: Path) -> None:
    """Each study that lacks something is named with its patient, date and count."""
    result = scan(MAKERS["records_by_level"](tmp_path / "disc"))
    sentence = told(result, FindingCode.LISTED_MISSING, "de")
    assert "Doe, Jane, Head, 02.01.2026 (1)" in sentence
    assert "Roe, Rick, Knee, 02.01.2026 (1)" in sentence


def test_the_account_adds_up(tmp_path: Path) -> None:
    """By study: listed is what is found, missing and unreadable of it."""
    slices = series(6)
    content = files(slices)
    del content["IMAGES/IM000006"]
    content["IMAGES/IM000001"] = b""
    disc = write(tmp_path / "disc", {**content, "DICOMDIR": table(listed(slices))})
    (account,) = by_study(scan(disc))
    assert (account.listed, account.found, account.missing, account.unreadable) == (6, 4, 1, 1)


def test_every_finding_of_every_disc_can_be_said(tmp_path: Path) -> None:
    """One and several, with and without advice: no brace and no empty word is left."""
    for name in ("half_copied", "copies", "two_ids", "cut_in_header", "blank_disc"):
        for finding in scan(MAKERS[name](tmp_path / name)).findings:
            for language in ("de", "en"):
                said = f"{of_finding(finding, language)} {advice_on(finding, language)}"
                assert "{" not in said
                assert "  " not in said.strip()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("Doe^Jane^^Dr", "Doe, Jane Dr"),
        ("DOE", "DOE"),
        ("^Jane", "Jane"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田, 太郎)"),
        ("=山田^太郎", "山田, 太郎"),
        ("", ""),
    ],
)
def test_names_are_shown_as_people_write_them(name: str, shown: str) -> None:
    """Family, given and other names; the ideographic form in brackets."""
    assert shown_name(name) == shown


def test_spellings_that_programs_make_are_the_same_name() -> None:
    """Umlauts spelled out, capitals and separators make no other name; letters do."""
    assert same_name("Müller^Jörg") == same_name("MUELLER^JOERG") == same_name("Muller Jorg")
    assert same_name("Müller^Jörg") != same_name("Möller^Jörg")


def test_a_password_opens_what_is_locked(tmp_path: Path) -> None:
    """Without the password and with a wrong one nothing is found, and it is said why."""
    medium = lock(tmp_path / "disc.zip", files(series(3)), b"geheim")
    assert len(scan(medium, password="geheim").found) == 3
    for password in (None, "falsch"):
        result = scan(medium, password=password)
        assert not result.found
        assert "ZIP with a password" in told(result, FindingCode.LOCKED)


def test_each_series_has_a_picture_also_behind_a_password(tmp_path: Path) -> None:
    """The middle image of a series is drawn by a worker; what cannot be drawn has none."""
    medium = lock(tmp_path / "disc.zip", files(series(3)), b"geheim")
    result = scan(medium, password="geheim")
    ((series_index, png),) = thumbnails(result, password="geheim")
    assert series_index == 0
    assert png is not None
    assert png.startswith(b"\x89PNG")
    assert [png for _, png in thumbnails(result)] == [None]
