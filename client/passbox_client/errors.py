"""What can keep a transfer from being made or finished, each with a stable code and an exit code.

ClientError
├── UsageRefused       ours: somebody in front of the screen has to choose or type again
├── MediumRefused      ours: nothing to read, or nothing on it that could be sent
├── StateFailed        ours: this computer cannot keep the transfer's state
├── ProfileUnusable    theirs: the hospital's address card must not be used
├── LineFailed         theirs: no connection, or not the machine it should be
├── ReceiverRefused    theirs: the receiver answered with a problem of the contract
├── ReceiptRefused     theirs: a receipt that is forged, replayed or about something else
└── NoReceiptYet       nobody's fault: the inside has not signed yet
OutOfTurn              ours, and never to be caught: a mistake in this program

The sentence for a person is made from ``code`` and ``facts`` in sentences.py. Messages never repeat
what came from outside; ``facts`` may (a patient's id), so they are for the screen, not for a log.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import ClassVar, Final

from passbox_wire.errors import ProfileRefusal
from passbox_wire.problems import Problem


class ExitCode(IntEnum):
    """What a command says to the shell."""

    ALL = 0
    PARTIAL = 1
    USAGE = 2
    MEDIUM = 3
    CONNECTION = 4
    REFUSED = 5
    PROFILE = 6


class Trouble(StrEnum):
    """Stable names of what this program itself finds wrong; told to help desks, never reused."""

    SEVERAL_PATIENTS = "several_patients"
    UNKNOWN_PATIENT = "unknown_patient"
    UNKNOWN_DESTINATION_NAME = "unknown_destination_name"
    WRONG_DEPARTMENT = "wrong_department"
    WRONG_RECIPIENT = "wrong_recipient"
    WRONG_CODE = "wrong_code"
    NOTHING_TO_RESUME = "nothing_to_resume"
    MEDIUM_MISSING = "medium_missing"
    MEDIUM_EMPTY = "medium_empty"
    MEDIUM_WITHOUT_IMAGES = "medium_without_images"
    ONLY_DOCUMENTS = "only_documents"
    MEDIUM_UNREADABLE = "medium_unreadable"
    MEDIUM_GONE = "medium_gone"
    MEDIUM_CHANGED = "medium_changed"
    MEDIUM_WANTED = "medium_wanted"
    MEDIUM_TWICE = "medium_twice"
    OTHER_PATIENT = "other_patient"
    STATE_FULL = "state_full"
    STATE_FAILED = "state_failed"
    PROFILE_MISSING = "profile_missing"
    PROFILE_DAMAGED = "profile_damaged"
    NO_CONNECTION = "no_connection"
    WRONG_PIN = "wrong_pin"
    NOT_TRUSTED = "not_trusted"
    INSPECTED = "inspected"
    ODD_ANSWER = "odd_answer"
    PROXY_ADDRESS = "proxy_address"
    PROXY_DEAD = "proxy_dead"
    PROXY_KIND = "proxy_kind"
    PROXY_LOGIN = "proxy_login"
    PROXY_REFUSED = "proxy_refused"
    PACK_LOST = "pack_lost"
    RECEIPT_FORGED = "receipt_forged"
    RECEIPT_REPLAYED = "receipt_replayed"
    RECEIPT_OF_ANOTHER = "receipt_of_another"
    NO_RECEIPT_YET = "no_receipt_yet"
    REPORT_KIND = "report_kind"
    REPORT_PLACE = "report_place"
    REPORT_FAILED = "report_failed"


RETRYABLE: Final = frozenset(
    {Trouble.NO_CONNECTION, Trouble.ODD_ANSWER, Trouble.PROXY_DEAD, Trouble.PROXY_KIND}
)
"""A line comes back by itself; a pin, a chain or a signature does not."""


class ClientError(Exception):
    """Base of everything this package raises on purpose."""

    exit_code: ClassVar[ExitCode] = ExitCode.REFUSED
    may_be_retried = False
    """Whether the same step may succeed later without anybody doing anything."""

    def __init__(self, trouble: StrEnum, **facts: str | int) -> None:
        super().__init__(trouble.value)
        self.code = trouble.value
        self.facts: Mapping[str, str | int] = facts


class UsageRefused(ClientError):
    """Somebody has to choose, or typed something that cannot be."""

    exit_code = ExitCode.USAGE


class MediumRefused(ClientError):
    """There is nothing to read, or nothing on it that could be sent."""

    exit_code = ExitCode.MEDIUM


class StateFailed(ClientError):
    """This computer cannot keep the state: nothing is sent that could not be resumed."""

    exit_code = ExitCode.USAGE


class ProfileUnusable(ClientError):
    """The address card must not be used; ``code`` is ``profile_`` and the contract's refusal."""

    exit_code = ExitCode.PROFILE

    @classmethod
    def because(cls, refusal: ProfileRefusal) -> "ProfileUnusable":
        """Return the error for a refusal of the contract."""
        error = cls(refusal)
        error.code = f"profile_{refusal.value}"
        return error


class LineFailed(ClientError):
    """No connection, or not the machine it should be. Nothing held was lost."""

    exit_code = ExitCode.CONNECTION

    def __init__(self, trouble: Trouble, issuer: str = "", *, proxy: str = "") -> None:
        super().__init__(trouble, issuer=issuer, proxy=proxy)
        self.may_be_retried = trouble in RETRYABLE


class ReceiverRefused(ClientError):
    """The receiver answered with a problem; its code is ours."""

    exit_code = ExitCode.REFUSED

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code, text=problem.text or "")
        self.problem = problem
        self.may_be_retried = problem.retry


class ReceiptRefused(ClientError):
    """A receipt that proves nothing: forged, replayed, or about another transfer."""

    exit_code = ExitCode.REFUSED


class NoReceiptYet(ClientError):
    """Nobody inside has signed anything under this code yet, or the receiver does not know it."""

    exit_code = ExitCode.PARTIAL

    def __init__(self) -> None:
        super().__init__(Trouble.NO_RECEIPT_YET)


class OutOfTurn(Exception):
    """The engine was told of a step it had not handed out: no person can do anything about it."""
