"""What can go wrong in the receiver that is not already a fault of base or wire.

    ReceiverError
    ├── Refused            theirs: a request that gets a problem of the contract as its answer
    └── RuleRefused        ours: an administrator's change that makes no sense; nothing was changed

Wire's errors (Malformed, SignatureWrong, IllegalTransition) and base's (StoreFull, StoreFailed,
WrongLength, WrongDigest, PackConflict) pass through; answers.py is the one place that turns any of
them into a problem.
"""

from passbox_wire.problems import Code, Problem


class ReceiverError(Exception):
    """Root of everything this package raises on purpose."""


class Refused(ReceiverError):
    """A request is answered with ``problem``; nothing was changed by it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code.value)
        self.problem = problem

    @classmethod
    def because(cls, code: Code) -> "Refused":
        """Return a refusal that has no more to say than its code."""
        return cls(Problem(code))


class RuleRefused(ReceiverError):
    """An administrator asked for a limit or list entry that cannot be; the message says why."""
