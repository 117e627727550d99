"""The two codes people handle. docs/formats/codes.md is the same in words.

Receipt code: 80 random bits and a check character in Crockford's base 32, as XXXX-XXXX-XXXX-XXXX-C.
From it come, by HKDF-SHA256 (RFC 5869), the handle under which the receipt is looked up and the key
pair the report is sealed to. Phone code: 8 characters of the manifest digest; it opens nothing.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from passbox_wire.errors import CodeWrong
from passbox_wire.sealing import SEED_BYTES, SealingPrivateKey

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET_BYTES: Final = 10
HANDLE_BYTES: Final = 16
_CHECK_ALPHABET: Final = ALPHABET + "*~$=U"
_LETTERS: Final = 16
_PHONE_LETTERS: Final = 8
_MAX_TYPED: Final = 64
_DASHES: Final = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2212"
"""What word processors and PDF readers make of a hyphen."""
_LOOK_ALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys(_DASHES, ""))


@dataclass(frozen=True, slots=True, repr=False)
class ReceiptCode:
    """A receipt code; ``secret`` are its 10 random bytes."""

    secret: bytes

    def __post_init__(self) -> None:
        """Raise CodeWrong unless there are 10 bytes."""
        if len(self.secret) != SECRET_BYTES:
            raise CodeWrong(f"not {SECRET_BYTES} bytes")

    def __str__(self) -> str:
        """Return the form that is printed: four groups and the check character."""
        letters = _encode(self.secret)
        groups = [letters[at : at + 4] for at in range(0, _LETTERS, 4)]
        return "-".join([*groups, _check(letters)])

    @property
    def handle(self) -> bytes:
        """16 bytes that find the receipt. The receiver stores only their SHA-256."""
        return _derive(self.secret, b"passbox/v1/receipt-handle", HANDLE_BYTES)

    def report_key(self) -> SealingPrivateKey:
        """The key pair the report is sealed to."""
        return SealingPrivateKey(_derive(self.secret, b"passbox/v1/report-key", SEED_BYTES))


def parse_receipt_code(untrusted: str) -> ReceiptCode:
    """Return the code that was typed or pasted.

    Small letters, blanks, any dash, O for 0 and I or L for 1 are forgiven. Raises CodeWrong when it
    has a wrong length, letter or check character.
    """
    typed = "".join(untrusted.split()) if len(untrusted) <= _MAX_TYPED else ""
    # upper() would also turn letters of other scripts into ours: dotless i, long s.
    typed = "".join(letter.upper() if letter.isascii() else letter for letter in typed)
    typed = typed.translate(_LOOK_ALIKES)
    letters, check = typed[:-1], typed[-1:]
    if (
        len(letters) != _LETTERS
        or any(letter not in ALPHABET for letter in letters)
        or check != _check(letters)
    ):
        raise CodeWrong("no receipt code")
    number = 0
    for letter in letters:
        number = number * 32 + ALPHABET.index(letter)
    return ReceiptCode(number.to_bytes(SECRET_BYTES, "big"))


def phone_code(manifest_sha256: bytes) -> str:
    """Return the 8 characters both sides read out on the telephone, as XXXX-XXXX."""
    letters = _encode(manifest_sha256[:5])
    return f"{letters[:4]}-{letters[4:_PHONE_LETTERS]}"


def _encode(data: bytes) -> str:
    number = int.from_bytes(data, "big")
    count = len(data) * 8 // 5
    return "".join(ALPHABET[number >> 5 * at & 31] for at in reversed(range(count)))


def _check(letters: str) -> str:
    number = 0
    for letter in letters:
        number = number * 32 + ALPHABET.index(letter)
    # Modulo 37 (Crockford) finds every single wrong letter and every swap of neighbours.
    return _CHECK_ALPHABET[number % 37]


def _derive(secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=None, info=purpose).derive(secret)
