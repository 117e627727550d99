import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_base.durable import (
    READ_ONLY,
    disk_errors,
    make_folder,
    remove,
    remove_leftovers,
    write_exclusive,
    write_replacing,
)
from passbox_base.errors import AlreadyThere, StoreFailed, StoreFull


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_exclusive_writes_all_chunks(tmp_path: Path) -> None:
    """What is written is what was handed in, in order, and nothing else is left in the folder."""
    write_exclusive(tmp_path / "a", [b"one", b"", b"two"])

    assert (tmp_path / "a").read_bytes() == b"onetwo"
    assert _names(tmp_path) == ["a"]


def test_exclusive_never_changes_what_is_there(tmp_path: Path) -> None:
    """A taken name is refused and keeps its bytes."""
    write_exclusive(tmp_path / "a", [b"first"])

    with pytest.raises(AlreadyThere):
        write_exclusive(tmp_path / "a", [b"second"])

    assert (tmp_path / "a").read_bytes() == b"first"
    assert _names(tmp_path) == ["a"]


def test_exclusive_does_not_follow_a_link(tmp_path: Path) -> None:
    """A planted link at the final name is a taken name; nothing is written through it."""
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(AlreadyThere):
        write_exclusive(tmp_path / "a", [b"bytes"])

    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("mode", [0o600, READ_ONLY])
def test_mode_is_set_whatever_the_umask(tmp_path: Path, mode: int) -> None:
    """A file has the mode it was asked for, no more and no less."""
    before = os.umask(0)
    try:
        write_exclusive(tmp_path / "a", [b"x"], mode=mode)
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode


def test_failing_source_leaves_nothing(tmp_path: Path) -> None:
    """When the chunks end in an error nothing becomes visible."""

    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError("the sender hung up")

    with pytest.raises(RuntimeError):
        write_exclusive(tmp_path / "a", chunks())

    assert _names(tmp_path) == []


def test_replacing_swaps_whole_contents(tmp_path: Path) -> None:
    """A replaced file holds the new bytes only, whatever the lengths."""
    write_replacing(tmp_path / "a", b"a long first content")
    write_replacing(tmp_path / "a", b"short")

    assert (tmp_path / "a").read_bytes() == b"short"
    assert _names(tmp_path) == ["a"]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EIO, StoreFailed),
        (errno.EROFS, StoreFailed),
    ],
)
def test_disk_errors_are_typed(number: int, kind: type[StoreFailed]) -> None:
    """A full disk may be retried, a broken one not, and the errno is kept."""
    with pytest.raises(kind) as caught, disk_errors("writing"):
        raise OSError(number, "from the kernel")

    assert caught.value.number == number
    assert caught.value.may_be_retried is (kind is StoreFull)


def test_missing_folder_is_our_fault(tmp_path: Path) -> None:
    """Writing into a folder that is gone is a store failure, not a bare OSError."""
    with pytest.raises(StoreFailed):
        write_exclusive(tmp_path / "gone" / "a", [b"x"])


def test_make_folder_makes_parents_private(tmp_path: Path) -> None:
    """All missing folders are made for us alone; making them again is fine."""
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert (tmp_path / "a" / "b").is_dir()


def test_remove_says_whether_it_was_there(tmp_path: Path) -> None:
    """Removing twice is fine and tells the difference."""
    write_exclusive(tmp_path / "a", [b"x"])

    assert [remove(tmp_path / "a"), remove(tmp_path / "a")] == [True, False]


def test_leftovers_are_only_what_was_never_committed(tmp_path: Path) -> None:
    """Cleaning removes temporary files and nothing else."""
    write_exclusive(tmp_path / "kept", [b"x"])
    (tmp_path / "0123.incoming").write_bytes(b"half")
    (tmp_path / "link.incoming").symlink_to(tmp_path / "kept")

    assert remove_leftovers(tmp_path) == 1
    assert _names(tmp_path) == ["kept", "link.incoming"]
