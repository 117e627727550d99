"""What is wrong with a medium is said in a clear sentence and an exit code; the rest arrives."""

import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.builders.dicom import data_set, facts, part10, text, uid
from tests.client.media import PDF, images, two_patients, write
from tests.e2e.command import Said, passbox, send, sending
from tests.e2e.hospital import Hospital
from tests.parts.programs import require

SOME_IMAGES = 3


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A hospital to which the sender's line can be held."""
    with Hospital(tmp_path_factory.mktemp("media"), with_lines=True) as hospital:
        yield hospital.start("receiver", "viewer", "poller")


@pytest.fixture
def without_rights() -> tuple[str, ...]:
    """Words that start a program for which a file's permissions count, also where root tests."""
    if os.geteuid() != 0:
        return ()
    rights = "-dac_override,-dac_read_search"
    return (str(require("setpriv", "util-linux")), f"--bounding-set={rights}")


def results(said: Said) -> Mapping[str, tuple[str, str]]:
    """Return what became of each file of a `send --json`: path to result and reason."""
    files: list[dict[str, Any]] = said.json["files"]
    return {file["path"]: (file["result"], file["reason"]) for file in files}


def findings(said: Said) -> dict[str, int]:
    """Return the findings of a `scan --json`: code to count."""
    return {finding["code"]: finding["count"] for finding in said.json["findings"]}


NOTHING_TO_SEND = [
    ({}, "empty"),
    ({"README.TXT": b"hello", "AUTORUN.INF": b"[autorun]"}, "None of the 2 files"),
    ({"REPORT.PDF": PDF}, "only documents or pictures: 1"),
]


@pytest.mark.parametrize(
    ("files", "words"), NOTHING_TO_SEND, ids=["empty", "no DICOM", "documents"]
)
def test_a_folder_without_images_is_said_so(
    hospital: Hospital, tmp_path: Path, files: dict[str, bytes], words: str
) -> None:
    """An empty folder and one without DICOM are told in words, exit code 3; nothing is sent."""
    medium = write(tmp_path / "disc", files)
    before = len(hospital.transfers())

    for said in (passbox("scan", medium, "--lang", "en"), send(hospital, medium)):
        assert said.code == 3
        assert words in said.sentences
    assert len(hospital.transfers()) == before


def test_a_medium_that_is_not_there_is_said_so(hospital: Hospital, tmp_path: Path) -> None:
    """A drive without a disc is told in a sentence, exit code 3."""
    for said in (
        passbox("scan", tmp_path / "nothing", "--lang", "en"),
        send(hospital, tmp_path / "nothing"),
    ):
        assert said.code == 3
        assert "There is nothing at this place" in said.sentences


def test_an_unreadable_file_is_named_and_the_others_arrive(
    hospital: Hospital, tmp_path: Path, without_rights: tuple[str, ...]
) -> None:
    """A file that cannot be read is named as missing, exit code 1; the others are delivered."""
    medium = write(tmp_path / "disc", images(SOME_IMAGES))
    (medium / "IMG/I002").chmod(0)

    scanned = passbox("scan", medium, "--json", "--lang", "en", before=without_rights)
    said = send(hospital, medium, before=without_rights)

    assert (scanned.code, scanned.json["unreadable"]) == (0, 1)
    assert findings(scanned)["unreadable"] == 1
    assert (said.code, said.json["outcome"]) == (1, "partial")
    assert results(said) == {
        "IMG/I001": ("delivered", ""),
        "IMG/I002": ("not sent", "unreadable"),
        "IMG/I003": ("delivered", ""),
    }
    assert len(hospital.stored(said.json["transfer"])) == SOME_IMAGES - 1


def test_a_cut_file_is_refused_by_name_and_the_others_arrive(
    hospital: Hospital, tmp_path: Path
) -> None:
    """A file cut in the middle is warned of by the scan and refused inside by name, exit code 1."""
    files = images(SOME_IMAGES)
    files["IMG/I002"] = files["IMG/I002"][: len(files["IMG/I002"]) // 2 * 2 - 40]
    medium = write(tmp_path / "disc", files)

    scanned = passbox("scan", medium, "--json", "--lang", "en")
    said = send(hospital, medium)

    assert (scanned.code, findings(scanned)["cut_short"]) == (0, 1)
    assert (said.code, said.json["outcome"]) == (1, "partial")
    assert results(said)["IMG/I002"] == ("refused", "truncated")
    assert len(hospital.stored(said.json["transfer"])) == SOME_IMAGES - 1


def test_a_letter_named_as_image_is_left_out_and_said(hospital: Hospital, tmp_path: Path) -> None:
    """A non-DICOM file named .dcm is left out and told; the images arrive, exit code 0."""
    medium = write(tmp_path / "disc", {**images(2), "IMG/LETTER.DCM": b"Dear colleague " * 50})

    scanned = passbox("scan", medium, "--json", "--lang", "en")
    said = send(hospital, medium)

    assert (scanned.code, findings(scanned)["named_as_image"]) == (0, 1)
    assert [file["path"] for file in scanned.json["skipped"]] == ["IMG/LETTER.DCM"]
    assert said.code == 0
    assert len(hospital.stored(said.json["transfer"])) == 2


def test_several_patients_are_a_question(hospital: Hospital, tmp_path: Path) -> None:
    """More than one patient without a choice is a usage error, exit code 2, and nothing is sent."""
    medium = write(tmp_path / "disc", two_patients())
    before = len(hospital.transfers())

    said = passbox("send", medium, "--profile", hospital.rooms.profile, "--lang", "en")

    assert said.code == 2
    assert "--all-patients" in said.sentences
    assert len(hospital.transfers()) == before


def large_images() -> dict[str, bytes]:
    """Return images that do not compress: more than a sender keeps in memory on its way."""
    chance = random.Random(1)
    side = 1600
    values = {
        **facts(rows=side, columns=side),
        0x00100020: (b"LO", text("ID-1")),
        0x0020000D: (b"UI", uid("1.2.3")),
        0x0020000E: (b"UI", uid("1.2.3.4")),
    }
    return {
        f"IMG/I{number:03}": part10(
            data_set(
                {**values, 0x00080018: (b"UI", uid(f"1.2.3.4.{number}"))},
                chance.randbytes(2 * side * side),
            )
        )
        for number in range(1, 13)
    }


def _take_out(medium: Path) -> None:
    shutil.rmtree(medium.rename(medium.with_name("taken out")))  # a disc goes at once, not by files


def _shrink_all(medium: Path) -> None:
    for path in medium.rglob("I*"):
        if path.is_file():
            os.truncate(path, 1000)


SPOILT: list[tuple[Callable[[Path], None], int, str, str]] = [
    (_take_out, 3, "interrupted", "medium_gone"),
    (_shrink_all, 1, "partial", ""),
]


@pytest.mark.parametrize(
    ("spoil", "code", "outcome", "trouble"), SPOILT, ids=["taken out", "changed"]
)
def test_a_medium_that_is_spoilt_while_it_is_sent_is_told(
    hospital: Hospital,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    code: int,
    outcome: str,
    trouble: str,
) -> None:
    """A disc taken out or changed while it is read is told, and nothing unread is sworn to."""
    medium = write(tmp_path / "disc", large_images())
    line = hospital.lines.to_receiver
    line.hold_after(100_000)
    with sending(hospital, medium, state=tmp_path / "state") as client:
        line.await_held()
        spoil(medium)
        line.release()
        said = client.said()

    assert (said.code, said.json["outcome"]) == (code, outcome), said.sentences
    assert (said.json["trouble"] or "") == trouble
    reasons = {file["reason"] for file in said.json["files"] if file["result"] == "not sent"}
    assert reasons <= {"changed"}
    assert (outcome == "partial") == ("changed" in reasons)
