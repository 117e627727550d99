"""Private keys and other secrets as files that nobody else can read.

Why here: each machine holds at least one key, and a key in a file with the wrong mode is found
out years later, if ever.

The rule: a secret is read only from a regular file that its owner alone may read or write, owned
by us or by root. systemd's credentials are root's and let us in by an access list, which shows as
bits of the group: then the list decides, and nobody but us may be on it. A secret is written once,
mode 0600, durable, and never replaced. The formats are wire's (sealing and signing keys) and PKCS
#8.

It does not encrypt keys at rest: a passphrase beside a service is no secret. Windows has no such
modes; there the folder's access list is the lock, and only existence and size are checked.
"""

import os
import stat
import struct
import sys
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.durable import write_exclusive
from passbox_base.errors import KeyFileTooOpen, KeyFileUnusable
from passbox_wire.errors import Malformed
from passbox_wire.keys import (
    sealing_key_from_pem,
    sealing_key_to_pem,
    signing_key_from_pem,
    signing_key_to_pem,
)
from passbox_wire.sealing import SealingPrivateKey

MAX_KEY_BYTES: Final = 64 * 1024

# As the kernel has them, include/uapi/linux/posix_acl_xattr.h.
_ACCESS_LIST: Final = "system.posix_acl_access"
_ACL_HEAD: Final = 4  # the version
_ACL_ENTRY: Final = struct.Struct("<HHI")  # tag, permission, user or group
_ACL_OWNER: Final = 0x01
_ACL_USER: Final = 0x02
_ACL_MASK: Final = 0x10
_ACL_READ: Final = 4


def read_private_file(path: Path) -> bytes:
    """Return the content of a secret file; raise KeyFileTooOpen or KeyFileUnusable."""
    try:
        with path.open("rb") as file:
            _check(path, os.fstat(file.fileno()))
            return file.read(MAX_KEY_BYTES)
    except OSError as error:
        raise KeyFileUnusable(path, "cannot be read") from error


def check_private_file(path: Path) -> None:
    """Raise as read_private_file would, for libraries that read the file themselves."""
    try:
        state = path.stat()
    except OSError as error:
        raise KeyFileUnusable(path, "cannot be read") from error
    _check(path, state)


def save_private_file(path: Path, secret: bytes) -> None:
    """Write a new secret file, mode 0600, durable; raise AlreadyThere, StoreFull, StoreFailed."""
    write_exclusive(path, [secret])


def load_signing_key(path: Path) -> Ed25519PrivateKey:
    """Return an Ed25519 key; raise KeyFileTooOpen or KeyFileUnusable."""
    try:
        return signing_key_from_pem(read_private_file(path))
    except Malformed as error:
        raise KeyFileUnusable(path, "no Ed25519 key in PEM") from error


def save_signing_key(path: Path, key: Ed25519PrivateKey) -> None:
    """Write a new key file; raise AlreadyThere, StoreFull, StoreFailed."""
    save_private_file(path, signing_key_to_pem(key))


def load_sealing_key(path: Path) -> SealingPrivateKey:
    """Return the key that opens packs; raise KeyFileTooOpen or KeyFileUnusable."""
    try:
        return sealing_key_from_pem(read_private_file(path))
    except Malformed as error:
        raise KeyFileUnusable(path, "no Passbox sealing key in PEM") from error


def save_sealing_key(path: Path, key: SealingPrivateKey) -> None:
    """Write a new key file; raise AlreadyThere, StoreFull, StoreFailed."""
    save_private_file(path, sealing_key_to_pem(key))


def _check(path: Path, state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise KeyFileUnusable(path, "is not a regular file")
    if state.st_size > MAX_KEY_BYTES:
        raise KeyFileUnusable(path, "is too large for a key")
    if sys.platform == "win32":
        return
    if state.st_mode & stat.S_IRWXO or (state.st_mode & stat.S_IRWXG and not _only_we_may(path)):
        raise KeyFileTooOpen(path, "others may read or change it; chmod 600")
    if state.st_uid not in {os.geteuid(), 0}:
        raise KeyFileTooOpen(path, "belongs to another user")


def _only_we_may(path: Path) -> bool:
    """Return whether an access list (acl(5)) lets in our user to read, and nobody else."""
    try:
        entries = os.getxattr(path, _ACCESS_LIST)[_ACL_HEAD:]
    except (OSError, AttributeError):  # no list, or a system without
        return False
    others = {
        (tag, permission, user)
        for tag, permission, user in _ACL_ENTRY.iter_unpack(entries)
        if permission and tag not in {_ACL_OWNER, _ACL_MASK}
    }
    return others == {(_ACL_USER, _ACL_READ, os.geteuid())}
