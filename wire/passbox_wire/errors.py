"""What can be wrong with bytes that follow (or should follow) the contract.

WireError
├── Malformed            theirs: bytes that are not what the contract says
│   └── TooLarge         theirs: over a limit, refused before it was parsed
├── SealError            theirs: a sealed message that does not open
│   ├── WrongSealingKey  sealed to a key we do not hold
│   └── SealBroken       altered, truncated or bound to another header
├── SignatureWrong       theirs: a signature that does not verify
├── ProfileRefused       theirs: an address card that must not be used
├── CodeWrong            theirs: a receipt code with a typing mistake
└── IllegalTransition    ours: an event a state does not allow
"""

from enum import StrEnum


class WireError(Exception):
    """Base of every error of the contract."""


class Malformed(WireError):
    """Bytes from outside are not what the contract says.

    ``where`` names the field, never its content: it may be logged.
    """

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


class TooLarge(Malformed):
    """A message or field is over its limit and was not parsed."""


class SealError(WireError):
    """A sealed message does not open."""


class WrongSealingKey(SealError):
    """Sealed to a key that is not ours."""


class SealBroken(SealError):
    """Altered, truncated, or bound to another header."""


class SignatureWrong(WireError):
    """A signature does not verify."""


class ProfileRefusal(StrEnum):
    """Why a profile must not be used; the sentence for it lives in the client."""

    UNSIGNED = "unsigned"
    ALTERED = "altered"
    EXPIRED = "expired"
    TOO_FEW_PINS = "too_few_pins"
    OTHER_SIGNER = "other_signer"
    OLDER_SERIAL = "older_serial"


class ProfileRefused(WireError):
    """An address card must not be used; ``refusal`` says why."""

    def __init__(self, refusal: ProfileRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class CodeWrong(WireError):
    """A receipt code that cannot be one: wrong length, letter or check character."""


class IllegalTransition(WireError):
    """An event that the state does not allow; nothing was changed."""

    def __init__(self, state: StrEnum, event: StrEnum) -> None:
        super().__init__(f"{event.value} is not possible in state {state.value}")
        self.state = state
        self.event = event
