import io
import os
import struct
import zipfile
from pathlib import Path

import pytest

from passbox_dicom.archive import ArchiveLimits
from passbox_dicom.errors import (
    ArchiveRefused,
    MediumTooLarge,
    MediumUnreadable,
    NothingThere,
)
from passbox_dicom.medium import FileState, Medium, MediumFile, MediumLimits
from passbox_dicom.names import PathIndex
from passbox_dicom.rooted import PathRoot, PosixRoot, Root
from tests.builders import dicom


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def walked(path: Path, limits: MediumLimits | None = None) -> dict[tuple[str, ...], MediumFile]:
    """Return what the walk finds, by path."""
    with Medium.open(path, limits) as medium:
        return {file.path: file for file in medium.walk()}


def content(medium: Medium, path: tuple[str, ...]) -> bytes:
    """Return the bytes of a file on the medium."""
    with medium.open_file(path) as file:
        return file.read()


def test_a_folder_is_walked_whole(tmp_path: Path) -> None:
    """Every regular file is found with its size, in every depth."""
    (tmp_path / "A" / "B").mkdir(parents=True)
    (tmp_path / "one").write_bytes(b"1")
    (tmp_path / "A" / "B" / "two").write_bytes(b"22")
    found = walked(tmp_path)
    assert found == {
        ("one",): MediumFile(("one",), 1),
        ("A", "B", "two"): MediumFile(("A", "B", "two"), 2),
    }
    with Medium.open(tmp_path) as medium, medium.open_file(("A", "B", "two")) as file:
        assert file.read() == b"22"


def test_what_is_no_file_is_told_and_never_opened(tmp_path: Path) -> None:
    """Links, FIFOs and what they hide behind are reported, not followed (D6)."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    disc = tmp_path / "disc"
    disc.mkdir()
    (disc / "file_link").symlink_to(outside / "secret")
    (disc / "folder_link").symlink_to(outside)
    os.mkfifo(disc / "fifo")
    found = walked(disc)
    assert {path[0]: file.state for path, file in found.items()} == {
        "file_link": FileState.LINK,
        "folder_link": FileState.LINK,
        "fifo": FileState.SPECIAL,
    }


@pytest.mark.parametrize("kind", [PosixRoot, PathRoot])
@pytest.mark.parametrize(
    "path",
    [
        ("file_link",),
        ("folder_link", "secret"),
        ("..", "outside", "secret"),
        ("inside", "..", "..", "outside", "secret"),
        ("/etc/passwd",),
        ("", "etc", "passwd"),
        (".",),
        ("C:", "secret"),
        ("\\\\server\\share",),
        ("a\0b",),
        (),
    ],
)
def test_no_path_leads_out_of_the_root(
    tmp_path: Path, kind: type[PosixRoot] | type[PathRoot], path: tuple[str, ...]
) -> None:
    """Whatever a path says, nothing outside the root is opened (D6)."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"secret")
    disc = tmp_path / "disc"
    (disc / "inside").mkdir(parents=True)
    (disc / "file_link").symlink_to(tmp_path / "outside" / "secret")
    (disc / "folder_link").symlink_to(tmp_path / "outside")
    root: Root = kind(disc)
    with pytest.raises((NothingThere, MediumUnreadable)):
        root.open_file(path)
    root.close()


@pytest.mark.parametrize("kind", [PosixRoot, PathRoot])
def test_both_kinds_of_root_list_and_open_alike(
    tmp_path: Path, kind: type[PosixRoot] | type[PathRoot]
) -> None:
    """The root for Windows keeps the same rules."""
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "x").write_bytes(b"x")
    os.mkfifo(tmp_path / "A" / "fifo")
    root: Root = kind(tmp_path)
    kinds = {entry.name: entry.kind.value for entry in root.entries(("A",), 10)}
    assert kinds == {"x": "file", "fifo": "special"}
    with root.open_file(("A", "x")) as file:
        assert file.read() == b"x"
    with pytest.raises(MediumUnreadable):
        root.open_file(("A", "fifo"))
    with pytest.raises(MediumUnreadable):
        root.open_file(("A",))
    with pytest.raises(NothingThere):
        root.open_file(("A", "y"))
    root.close()


def test_a_zip_on_the_disc_counts_as_its_members(tmp_path: Path) -> None:
    """Members are found and opened under the ZIP's path, also nested once."""
    inner = zipped({"deep/x": b"deep"})
    (tmp_path / "Study.ZIP").write_bytes(zipped({"a/b": b"member", "inner.zip": inner}))
    with Medium.open(tmp_path) as medium:
        paths = [file.path for file in medium.walk()]
        assert paths == [("Study.ZIP", "a", "b"), ("Study.ZIP", "inner.zip", "deep", "x")]
        assert content(medium, paths[0]) == b"member"
        assert content(medium, paths[1]) == b"deep"


def test_a_zip_is_a_medium_of_its_own(tmp_path: Path) -> None:
    """A ZIP file can be given instead of a folder."""
    path = tmp_path / "disc.zip"
    path.write_bytes(zipped({"IMAGES/IM1": dicom.ct_slice()}))
    with Medium.open(path) as medium:
        (file,) = medium.walk()
        assert content(medium, file.path) == dicom.ct_slice()
        assert medium.find(("images", "im1.dcm")) == ("IMAGES", "IM1")


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "a/../../evil", "C:\\..\\evil", "..\\evil"]
)
def test_names_in_a_zip_never_lead_out(tmp_path: Path, name: str) -> None:
    """A member with a name that leaves is told as unreadable and cannot be opened."""
    (tmp_path / "x.zip").write_bytes(zipped({name: b"evil"}))
    (file,) = walked(tmp_path).values()
    assert file.state is FileState.UNREADABLE
    assert ".." not in file.path
    with Medium.open(tmp_path) as medium, pytest.raises(NothingThere):
        medium.open_file(("x.zip", *name.split("/")))


def test_a_zip_bomb_is_refused_by_what_it_claims(tmp_path: Path) -> None:
    """An archive that would unpack to far more than it holds is not opened."""
    (tmp_path / "bomb.zip").write_bytes(zipped({f"{n}": bytes(1_000_000) for n in range(20)}))
    limits = MediumLimits(archive=ArchiveLimits(free_total_bytes=1_000_000))
    (file,) = walked(tmp_path, limits).values()
    assert file.state is FileState.REFUSED_ARCHIVE


def test_an_archive_with_too_many_members_is_refused(tmp_path: Path) -> None:
    """The number of members is looked at before the directory is read."""
    (tmp_path / "many.zip").write_bytes(zipped({f"{n}": b"" for n in range(50)}))
    limits = MediumLimits(archive=ArchiveLimits(max_members=49))
    (file,) = walked(tmp_path, limits).values()
    assert file.state is FileState.REFUSED_ARCHIVE


def test_a_member_never_gives_more_than_it_claimed(tmp_path: Path) -> None:
    """A member whose size is a lie is read up to what it claimed, or is damaged."""
    data = bytearray(zipped({"liar": bytes(1_000_000)}))
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 10)
    (tmp_path / "x.zip").write_bytes(data)
    with Medium.open(tmp_path) as medium, medium.open_file(("x.zip", "liar")) as file:
        try:
            assert len(file.read()) <= 10
        except MediumUnreadable:
            return


def test_a_locked_member_is_told(tmp_path: Path) -> None:
    """An encrypted member is listed as locked."""
    data = bytearray(zipped({"locked": b"x" * 100}))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + at] |= 1
    (tmp_path / "x.zip").write_bytes(data)
    (file,) = walked(tmp_path).values()
    assert file.state is FileState.LOCKED


def test_a_damaged_zip_is_told(tmp_path: Path) -> None:
    """A ZIP cut in the middle is refused, and the walk goes on."""
    (tmp_path / "cut.zip").write_bytes(zipped({"a": b"x" * 1000}, zipfile.ZIP_STORED)[:500])
    (tmp_path / "whole").write_bytes(b"x")
    states = {path[0]: file.state for path, file in walked(tmp_path).items()}
    assert states == {"cut.zip": FileState.REFUSED_ARCHIVE, "whole": FileState.READABLE}


def test_a_file_called_zip_that_is_none_stays_a_file(tmp_path: Path) -> None:
    """The suffix alone makes no archive, and a folder may be called like one."""
    (tmp_path / "image.zip").write_bytes(dicom.ct_slice())
    (tmp_path / "folder.zip").mkdir()
    (tmp_path / "folder.zip" / "x").write_bytes(b"x")
    found = walked(tmp_path)
    assert set(found) == {("image.zip",), ("folder.zip", "x")}
    with Medium.open(tmp_path) as medium:
        assert content(medium, ("folder.zip", "x")) == b"x"


def test_more_files_than_the_limit_end_the_walk(tmp_path: Path) -> None:
    """What was yielded before the limit is right; then the walk says so."""
    for n in range(5):
        (tmp_path / str(n)).write_bytes(b"")
    with Medium.open(tmp_path, MediumLimits(max_entries=3)) as medium:
        walk = medium.walk()
        assert len([next(walk) for _ in range(3)]) == 3
        with pytest.raises(MediumTooLarge):
            next(walk)


def test_folders_too_deep_are_told(tmp_path: Path) -> None:
    """The walk goes down so far and says where it stopped."""
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (file,) = walked(tmp_path, MediumLimits(max_depth=2)).values()
    assert (file.path, file.state) == (("a", "b", "c"), FileState.TOO_DEEP)


def test_nothing_and_no_medium_are_different_errors(tmp_path: Path) -> None:
    """A wrong path, a plain file and a broken ZIP each get their own error."""
    with pytest.raises(NothingThere):
        Medium.open(tmp_path / "nowhere")
    plain = tmp_path / "plain.txt"
    plain.write_bytes(b"hello")
    with pytest.raises(MediumUnreadable):
        Medium.open(plain)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(ArchiveRefused):
        Medium.open(broken)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("IMAGES", "IM0001"), ("images", "im0001.dcm")),
        (("Images", "IM0001.DCM;1"), ("images", "im0001.dcm")),
        (("IMAGES", "IM0002."), ("images", "IM0002")),
        (("IMAGES", "Grüße"), ("images", "Gru\u0308ße")),
        (("IMAGES", "IM0003"), None),
        (("..", "IMAGES", "IM0001"), None),
        (("IM0001",), None),
    ],
)
def test_names_of_a_dicomdir_match_as_discs_are_copied(
    asked: tuple[str, ...], found: tuple[str, ...] | None
) -> None:
    """Case, ".dcm", ";1", trailing dots and composed letters make no difference."""
    index = PathIndex([("images", "im0001.dcm"), ("images", "IM0002"), ("images", "Gru\u0308ße")])
    assert index.find(asked) == found


def test_an_exact_name_wins() -> None:
    """Of two names that differ by case only, the one as written is taken."""
    index = PathIndex([("a",), ("A",)])
    assert (index.find(("A",)), index.find(("a",))) == (("A",), ("a",))
