import base64
from pathlib import Path

import pytest

from passbox_dicom.aes_member import sealing_of
from passbox_dicom.errors import ArchiveLocked, MediumUnreadable
from passbox_dicom.medium import FileState, Medium

PLAIN = b"hello " * 40
# Written by another program (pyzipper 0.4.0): deflated, AES-256, password "geheim".
ARCHIVE = base64.b64decode(
    "UEsDBBQAAQBjAFekdV0AAAAAJwAAAPAAAAALAAsAYS9oZWxsby50eHQBmQcAAgBBRQMIAMV4syiX7g1ato89ZDhqavR7"
    "es/dG5DfT7e3xUFK9pNZ49hpR84sHVBLAQIUAxQAAQBjAFekdV0AAAAAJwAAAPAAAAALAAsAAAAAAAAAAACAAQAAAABh"
    "L2hlbGxvLnR4dAGZBwACAEFFAwgAUEsFBgAAAAABAAEARAAAAFsAAAAAAA=="
)
NAME = ("a", "hello.txt")


def opened(folder: Path, data: bytes = ARCHIVE, password: bytes | None = b"geheim") -> Medium:
    """Return the archive as a medium."""
    path = folder / "locked.zip"
    path.write_bytes(data)
    return Medium.open(path, password=password)


def test_what_another_program_encrypted_is_read(tmp_path: Path) -> None:
    """The plain bytes come back, in pieces, from the middle and again from the start."""
    with opened(tmp_path) as medium, medium.open_file(NAME) as file:
        assert file.read(7) == PLAIN[:7]
        assert file.seek(100) == 100
        assert file.read(20) == PLAIN[100:120]
        assert file.seek(0) == 0
        assert file.read() == PLAIN
        assert file.read() == b""
        assert file.seek(0, 2) == len(PLAIN)


def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    """No password and a wrong one are locked, not damaged."""
    with opened(tmp_path, password=None) as medium:
        assert [file.state for file in medium.walk()] == [FileState.LOCKED]
    with opened(tmp_path, password=b"falsch") as medium, pytest.raises(ArchiveLocked):
        medium.open_file(NAME)


def test_a_changed_member_is_told(tmp_path: Path) -> None:
    """One bit changed in the encrypted bytes is found out by the code behind them."""
    changed = bytearray(ARCHIVE)
    changed[80] ^= 1
    with (
        opened(tmp_path, bytes(changed)) as medium,
        medium.open_file(NAME) as file,
        pytest.raises(MediumUnreadable),
    ):
        file.read()


@pytest.mark.parametrize(
    "extra",
    [
        b"",
        b"\x01\x99\x07\x00\x02\x00AE\x09\x08\x00",
        b"\x01\x99\x07\x00\x02\x00XX\x03\x08\x00",
        b"\x01\x99",
    ],
)
def test_an_extra_field_that_makes_no_sense_is_none(extra: bytes) -> None:
    """Absent, of unknown strength, of another vendor, cut off: nothing is made of it."""
    assert sealing_of(extra) is None
