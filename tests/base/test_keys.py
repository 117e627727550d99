import os
import stat
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.errors import AlreadyThere, KeyFileTooOpen, KeyFileUnusable
from passbox_base.keys import (
    MAX_KEY_BYTES,
    load_sealing_key,
    load_signing_key,
    read_private_file,
    save_private_file,
    save_sealing_key,
    save_signing_key,
)
from passbox_wire.sealing import SEED_BYTES, SealingPrivateKey


def test_signing_key_round_trip(tmp_path: Path) -> None:
    """A saved signing key is loaded as the same key."""
    key = Ed25519PrivateKey.generate()
    save_signing_key(tmp_path / "k", key)

    assert load_signing_key(tmp_path / "k").private_bytes_raw() == key.private_bytes_raw()


def test_sealing_key_round_trip(tmp_path: Path) -> None:
    """A saved sealing key is loaded as the same key."""
    key = SealingPrivateKey(os.urandom(SEED_BYTES))
    save_sealing_key(tmp_path / "k", key)

    assert load_sealing_key(tmp_path / "k").seeds == key.seeds


def test_secrets_are_born_private(tmp_path: Path) -> None:
    """A new key file is for its owner alone."""
    save_private_file(tmp_path / "k", b"secret")

    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    """Saving over a key is refused: it may be the only one that opens what is in flight."""
    save_private_file(tmp_path / "k", b"first")

    with pytest.raises(AlreadyThere):
        save_private_file(tmp_path / "k", b"second")
    assert read_private_file(tmp_path / "k") == b"first"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_open_modes_are_refused(tmp_path: Path, mode: int) -> None:
    """Any right for group or others is one too many."""
    save_private_file(tmp_path / "k", b"secret")
    (tmp_path / "k").chmod(mode)

    with pytest.raises(KeyFileTooOpen):
        read_private_file(tmp_path / "k")


def test_a_systemd_credential_is_fine(tmp_path: Path) -> None:
    """Mode 0400 is what service managers give."""
    save_private_file(tmp_path / "k", b"secret")
    (tmp_path / "k").chmod(0o400)

    assert read_private_file(tmp_path / "k") == b"secret"


def test_absent_folder_and_huge_are_unusable(tmp_path: Path) -> None:
    """What cannot be a key file is told as such."""
    save_private_file(tmp_path / "huge", b"x" * (MAX_KEY_BYTES + 1))

    for name in ("absent", ".", "huge"):
        with pytest.raises(KeyFileUnusable):
            read_private_file(tmp_path / name)


def test_a_wrong_kind_of_key_is_unusable(tmp_path: Path) -> None:
    """A signing key is no sealing key, and the other way round; the file is named, not quoted."""
    save_signing_key(tmp_path / "sign", Ed25519PrivateKey.generate())
    save_sealing_key(tmp_path / "seal", SealingPrivateKey(os.urandom(SEED_BYTES)))

    with pytest.raises(KeyFileUnusable, match="sign"):
        load_sealing_key(tmp_path / "sign")
    with pytest.raises(KeyFileUnusable, match="seal"):
        load_signing_key(tmp_path / "seal")


def _access_list(path: Path, *users: tuple[int, int], group: int = 0) -> None:
    """Give a file an access list: owner, (user, permission)..., group, mask, others."""
    entries = [(1, 4, 0xFFFFFFFF), *((2, may, user) for user, may in users)]
    entries += [(4, group, 0xFFFFFFFF), (0x10, 4, 0xFFFFFFFF), (0x20, 0, 0xFFFFFFFF)]
    packed = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(path, "system.posix_acl_access", packed)
    except OSError:
        pytest.skip("needs a file system with access lists")


def test_a_credential_of_systemd_is_read(tmp_path: Path) -> None:
    """An access list that lets in our user alone is as good as being the owner."""
    path = tmp_path / "credential"
    save_private_file(path, b"secret")
    path.chmod(0o400)
    _access_list(path, (os.geteuid(), 4))

    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    assert read_private_file(path) == b"secret"


@pytest.mark.parametrize(
    ("user", "may", "group"), [(12345, 4, 0), (None, 4, 4), (None, 6, 0), (None, 0, 4)]
)
def test_an_access_list_for_others_is_refused(
    tmp_path: Path, user: int | None, may: int, group: int
) -> None:
    """Another user, the group, or more than reading: the key is not used."""
    path = tmp_path / "credential"
    save_private_file(path, b"secret")
    _access_list(path, (os.geteuid() if user is None else user, may), group=group)
    with pytest.raises(KeyFileTooOpen):
        read_private_file(path)
