import errno
from pathlib import Path
from typing import Any

import pytest

from passbox_dicom.drives import is_optical, used_bytes
from passbox_dicom.errors import MediumGone, MediumUnreadable
from passbox_dicom.medium import Medium
from passbox_dicom.rooted import PAUSES, PatientFile, _translated


class Scratched(PatientFile):
    """A file whose next reads fail as said."""

    failures: list[int]

    def _read_once(self, buffer: Any) -> int | None:
        if self.failures:
            raise OSError(self.failures.pop(0), "from the drive")
        return super()._read_once(buffer)


def scratched(path: Path, *failures: int) -> tuple[Scratched, list[float]]:
    """Return such a file and the pauses it makes."""
    path.write_bytes(b"the bytes")
    pauses: list[float] = []
    file = Scratched(path, pauses.append)
    file.failures = list(failures)
    return file, pauses


def test_a_sector_is_tried_again(tmp_path: Path) -> None:
    """I/O errors that pass cost pauses and nothing else."""
    file, pauses = scratched(tmp_path / "f", errno.EIO, errno.EIO)
    with file:
        assert file.readall() == b"the bytes"
    assert pauses == list(PAUSES)


def test_a_sector_that_stays_bad_is_an_error(tmp_path: Path) -> None:
    """After the last try the error is told as it is; another error at once."""
    file, pauses = scratched(tmp_path / "f", *[errno.EIO] * 3)
    with file, pytest.raises(OSError, match="from the drive"):
        file.readinto(bytearray(10))
    assert pauses == list(PAUSES)
    file, pauses = scratched(tmp_path / "f", errno.ENXIO)
    with file, pytest.raises(OSError, match="from the drive"):
        file.readinto(bytearray(10))
    assert pauses == []


@pytest.mark.parametrize("number", ["ENOMEDIUM", "ENODEV", "ENXIO", "ESTALE"])
def test_a_lost_drive_is_told_apart_from_a_bad_file(number: str) -> None:
    """What the system says when a disc was taken out is an error of its own."""
    assert isinstance(_translated(OSError(getattr(errno, number), "")), MediumGone)
    bad = _translated(OSError(errno.EIO, ""))
    assert isinstance(bad, MediumUnreadable)
    assert not isinstance(bad, MediumGone)


def test_a_medium_knows_whether_it_is_still_there(tmp_path: Path) -> None:
    """A folder that was removed, and one that was replaced by another, are gone."""
    disc = tmp_path / "disc"
    disc.mkdir()
    with Medium.open(disc) as medium:
        assert medium.is_present()
        disc.rename(tmp_path / "aside")
        assert not medium.is_present()
        disc.mkdir()
        assert not medium.is_present()


def test_a_folder_is_no_optical_drive_and_has_no_capacity(tmp_path: Path) -> None:
    """A folder on a disk is read by two, and nobody knows its bytes beforehand."""
    assert not is_optical(tmp_path)
    assert not is_optical(tmp_path / "gone")
    assert used_bytes(tmp_path) is None
