"""The administrator's password: argon2id by argon2-cffi, with its RFC 9106 low-memory profile.

The rule: one hashing at a time. It costs 64 MiB and a noticeable moment on purpose, so strangers
who try passwords wait for each other and not the clinicians' pages for them.
"""

import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from passbox_viewer.errors import OrderRefused

LEAST_LETTERS: Final = 12
MOST_LETTERS: Final = 200

_HASHER: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_ONE_AT_A_TIME: Final = threading.Lock()


def hash_of(password: str) -> str:
    """Return what is kept of a password; raise OrderRefused when it is too short or too long."""
    if not LEAST_LETTERS <= len(password) <= MOST_LETTERS:
        raise OrderRefused(f"a password has at least {LEAST_LETTERS} characters")
    with _ONE_AT_A_TIME:
        return _HASHER.hash(password)


def matches(kept_hash: str, untrusted_password: str) -> bool:
    """Return whether this is the password."""
    if len(untrusted_password) > MOST_LETTERS:
        return False
    with _ONE_AT_A_TIME:
        try:
            return _HASHER.verify(kept_hash, untrusted_password)
        except (VerificationError, InvalidHashError):
            return False
