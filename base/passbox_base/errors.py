"""What can go wrong below a program, in two halves: what we cause and what they cause.

    BaseError
    ├── OurFault                     this machine, its operator or our own code has to act
    │   ├── StoreFailed              the disk said no (EIO, EROFS ...): nothing was committed
    │   │   └── StoreFull            no space or quota left (ENOSPC, EDQUOT): may be retried later
    │   ├── AlreadyThere             the final name exists: somebody committed before us
    │   ├── NoSuchPack               asked for a pack that is not held
    │   ├── DamagedLog               a journal with a broken line that is not the torn last one
    │   ├── ChainBroken              the audit was altered, or the head it must contain is missing
    │   ├── LedgerUnusable           a database that is newer than the program, or no database
    │   ├── KeyFileTooOpen           others could read a private key
    │   ├── KeyFileUnusable          absent, too large, or no key of the expected kind
    │   ├── CertificateUnusable      certificate and key do not fit, or cannot be read
    │   ├── TooFewPins               one pin would brick the client at the first key change
    │   ├── SettingsError            every fault of a configuration at once, in words
    │   ├── CannotListen             address in use or not ours
    │   └── MailRefused              a mail that must not be built (address, line break)
    └── TheirFault                   a peer or its data; we stay up and say which rule was broken
        ├── WrongLength              a pack that is longer or shorter than it said
        ├── WrongDigest              a pack that is not what it said
        ├── PackConflict             other bytes under a number that is held
        └── PeerRefused              not the machine it should be, or not answering by our rules
            ├── ServerKeyNotPinned   right name, right chain, another key
            ├── ServerNotTrusted     chain, name, date or TLS version is not acceptable
            └── AnswerRefused        too long, encoded, or otherwise not an answer we read

Messages name our own files and numbers. They never repeat what came from outside.
"""

from collections.abc import Sequence
from pathlib import Path


class BaseError(Exception):
    """Root of everything this package raises on purpose."""

    may_be_retried = False


class OurFault(BaseError):
    """This machine, its operator or our own code has to act."""


class TheirFault(BaseError):
    """A peer, or data from a peer, broke a rule."""


class StoreFailed(OurFault):
    """A write-side call failed; nothing became visible. ``number`` is the errno, if any."""

    def __init__(self, doing: str, number: int | None = None) -> None:
        super().__init__(doing)
        self.number = number


class StoreFull(StoreFailed):
    """No space, inodes or quota left. The same call may succeed later."""

    may_be_retried = True


class AlreadyThere(OurFault):
    """The final name exists already and was not touched."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is already there")
        self.path = path


class NoSuchPack(OurFault):
    """The pack is not held: it never came, or it was released."""


class DamagedLog(OurFault):
    """Line ``line`` (from 1) of a journal cannot be read, and it is not a torn last one."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"{path.name}: line {line} is damaged")
        self.path = path
        self.line = line


class ChainBroken(OurFault):
    """The audit does not follow line by line; ``line`` (from 1) is the first wrong one."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"{path.name}: the chain is broken at line {line}")
        self.path = path
        self.line = line


class LedgerUnusable(OurFault):
    """The ledger cannot be opened by this version of the program."""


class KeyFileTooOpen(OurFault):
    """Others than the owner may read or change a private key."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


class KeyFileUnusable(OurFault):
    """A key file is absent, too large, or holds no key of the expected kind."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


class CertificateUnusable(OurFault):
    """A certificate, or the key beside it, cannot be used."""


class TooFewPins(OurFault):
    """Fewer than two pins: the first key change would lock every client out."""


class SettingsError(OurFault):
    """All faults of one configuration, each a sentence an operator can act on."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class CannotListen(OurFault):
    """The address is in use, or not one of this machine."""


class MailRefused(OurFault):
    """A mail that must not be built."""


class WrongLength(TheirFault):
    """A pack is longer or shorter than was declared."""

    def __init__(self, declared: int, came: int) -> None:
        super().__init__(f"{declared} bytes were declared, {came} came")
        self.declared = declared
        self.came = came


class WrongDigest(TheirFault):
    """The SHA-256 of the bytes is not the declared one."""


class PackConflict(TheirFault):
    """Other bytes are held under this number; they were not changed."""


class PeerRefused(TheirFault):
    """The machine at the other end is not acceptable."""


class ServerKeyNotPinned(PeerRefused):
    """The server showed a key that is none of the pinned ones. No request byte was sent."""


class ServerNotTrusted(PeerRefused):
    """Chain, name, date or TLS version is not acceptable. No request byte was sent."""


class AnswerRefused(PeerRefused):
    """An answer longer than we read, or encoded though we asked for plain bytes."""
