"""Which of the things that are mounted are discs and sticks, and what they are called."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from passbox_client.window.volumes import Mounted, Volume, VolumeKind, inserted, volume_of
from passbox_dicom.drives import _is_removable_block, is_optical, is_removable
from tests.parts.programs import require
from tests.window.conftest import ROOT

STICK, DISC = VolumeKind.STICK, VolumeKind.DISC


@pytest.mark.parametrize(
    ("mounted", "kind"),
    [
        # Linux
        (Mounted(Path("/media/a/CT"), "CT", "iso9660", read_only=True), DISC),
        (Mounted(Path("/media/a/CT"), "CT", "udf", removable=True), DISC),
        (Mounted(Path("/media/a/STICK"), "STICK", "vfat", removable=True), STICK),
        (Mounted(Path("/"), "", "ext4"), None),
        # macOS
        (Mounted(Path("/Volumes/CT"), "CT", "cd9660", read_only=True, removable=True), DISC),
        (Mounted(Path("/Volumes/STICK"), "STICK", "msdos", removable=True), STICK),
        (Mounted(Path("/Volumes/Passbox"), "Passbox", "hfs", True, removable=True), None),
        (Mounted(Path("/Volumes/share"), "share", "smbfs", removable=True), None),
        # Windows
        (Mounted(Path("D:/"), "CT", "CDFS", read_only=True, optical=True), DISC),
        (Mounted(Path("E:/"), "STICK", "FAT32", removable=True), STICK),
        (Mounted(Path("C:/"), "Windows", "NTFS"), None),
    ],
)
def test_a_medium_is_what_a_person_plugged_in(mounted: Mounted, kind: VolumeKind | None) -> None:
    """A disc or stick shows; neither a hard disk, a share, nor the image of a program does."""
    volume = volume_of(mounted)
    assert (volume.kind if volume else None) is kind


def test_a_stick_without_a_name_is_called_by_its_place() -> None:
    """Nobody reads a whole path on a button."""
    volume = volume_of(Mounted(Path("/media/ada/1234-ABCD"), "", "vfat", removable=True))
    assert volume is not None
    assert volume.label == "1234-ABCD"


def test_another_disc_in_the_same_drive_was_inserted() -> None:
    """The place alone does not tell; the name does."""
    before = Volume(Path("/media/cd"), "CT_1", DISC)
    now = Volume(Path("/media/cd"), "CT_2", DISC)
    assert inserted([before], [now]) == (now,)
    assert inserted([before], [before]) == ()


def test_the_kernel_says_what_can_be_taken_out(tmp_path: Path) -> None:
    """A partition is as removable as its drive."""
    number = tmp_path.stat().st_dev
    drive = tmp_path / "devices" / "sdb"
    part = drive / "sdb1"
    part.mkdir(parents=True)
    (part / "partition").write_text("1\n")
    (drive / "removable").write_text("1\n")
    block = tmp_path / "block"
    block.mkdir()
    (block / f"{os.major(number)}:{os.minor(number)}").symlink_to(part)
    assert _is_removable_block(tmp_path, block)
    (drive / "removable").write_text("0\n")
    assert not _is_removable_block(tmp_path, block)


def test_the_real_listing_of_this_computer() -> None:
    """In a mount namespace of its own a stick is plugged in: it shows by its name, and only it."""
    unshare = str(require("unshare", package="util-linux"))
    look = (
        "from passbox_client.gui.watching import volumes;"
        "print([(str(v.root), v.label, v.kind.value) for v in volumes()])"
    )
    stick = "/media/ada/MY STICK"
    plug_in = (
        "mount -t tmpfs none /media && "
        f'mkdir -p "{stick}" && mount -t tmpfs none "{stick}" && exec "$@"'
    )
    shell = ["sh", "-c", plug_in, "sh", sys.executable, "-c", look]
    done = subprocess.run(
        [unshare, "--map-root-user", "--mount", *shell],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (stick, "MY STICK", "stick") in ast.literal_eval(done.stdout)
    assert "('/'," not in done.stdout


def test_a_folder_of_a_hard_disk_is_neither(tmp_path: Path) -> None:
    """What is on this computer's own disk is chosen as a folder."""
    assert not is_optical(tmp_path)
    assert not is_removable(tmp_path)
