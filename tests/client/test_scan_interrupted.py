"""A medium that is taken out in the middle: a clear state, and the scan goes on when it is back."""

import shutil
from pathlib import Path

import pytest

from passbox_client.errors import ExitCode, MediumRefused, Trouble
from passbox_client.found import FindingCode
from passbox_client.progress import ScanProgress
from passbox_client.scan import scan
from tests.builders.dicom import dicomdir
from tests.client.media import images, listing, write

MANY = 300
"""More than is read ahead when the first progress is told."""


class Drive:
    """A folder that is a drive: its disc can be taken out and put in again."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "drive"
        self._aside = folder / "aside"
        write(self.path, images(MANY))
        self.questions = 0

    def take_out_at_once(self, progress: ScanProgress) -> None:
        """Take the disc out when the first files have been read."""
        if self.path.exists() and not self.questions and progress.files < MANY:
            shutil.copytree(self.path, self._aside)
            shutil.rmtree(self.path)

    def put_in(self) -> bool:
        """Put the disc in again, as a person who was asked does."""
        self.questions += 1
        shutil.copytree(self._aside, self.path)
        return True

    def put_in_another(self) -> bool:
        """Put in a disc of the same names and other sizes."""
        self.questions += 1
        write(self.path, images(MANY, side=9))
        return True

    def leave_it(self) -> bool:
        """Say that the disc will not come back."""
        self.questions += 1
        return False


@pytest.fixture
def drive(tmp_path: Path) -> Drive:
    """Return a drive with a disc in it."""
    return Drive(tmp_path)


def test_a_medium_that_comes_back_loses_nothing(drive: Drive) -> None:
    """What was read is kept, the rest is read when the medium is back; each image once."""
    result = scan(drive.path, drive.take_out_at_once, when_gone=drive.put_in)
    assert drive.questions == 1
    assert result.finished
    assert sorted(file.path for file in result.found) == sorted(images(MANY))
    assert (result.findings, result.skipped) == ((), ())


def test_a_medium_that_stays_away_is_told(drive: Drive) -> None:
    """The result has what was read and says that it is not all."""
    result = scan(drive.path, drive.take_out_at_once, when_gone=drive.leave_it)
    assert not result.finished
    assert 0 < len(result.found) < MANY
    assert result.findings[0].code is FindingCode.MEDIUM_GONE


def test_without_a_person_a_medium_that_goes_is_refused(drive: Drive) -> None:
    """Nobody is asked: the scan ends with the error for a medium that was taken out."""
    with pytest.raises(MediumRefused) as refused:
        scan(drive.path, drive.take_out_at_once)
    assert (refused.value.code, refused.value.exit_code) == (Trouble.MEDIUM_GONE, ExitCode.MEDIUM)


def test_another_medium_is_not_taken_for_the_first(drive: Drive) -> None:
    """What comes back must be the same medium, else the scan ends."""
    with pytest.raises(MediumRefused) as refused:
        scan(drive.path, drive.take_out_at_once, when_gone=drive.put_in_another)
    assert refused.value.code == Trouble.MEDIUM_CHANGED


def test_a_question_is_asked_again_until_the_medium_is_there(drive: Drive) -> None:
    """Answering yes without putting the medium in asks once more."""
    answers = iter([bool, drive.put_in])

    def answer() -> bool:
        next(answers)()
        return True

    result = scan(drive.path, drive.take_out_at_once, when_gone=answer)
    assert len(result.found) == MANY


def test_the_table_of_contents_is_read_after_the_interruption(drive: Drive) -> None:
    """The table of contents of a medium that came back is compared as ever."""
    names = sorted(images(MANY))
    (drive.path / "DICOMDIR").write_bytes(dicomdir(listing(*names, "IMG/GONE")))
    result = scan(drive.path, drive.take_out_at_once, when_gone=drive.put_in)
    assert (result.listed, result.listed_missing) == (MANY + 1, ("IMG/GONE",))
