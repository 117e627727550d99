"""What the receiver answered, read as the contract says; a wrong answer fails the test."""

import httpx

from passbox_wire.messages import (
    TransferStatus,
    parse_transfer_status,
)
from passbox_wire.problems import parse_problem


def good(answer: httpx.Response) -> bytes:
    """Return the body of a success; fail the test with the problem otherwise."""
    assert answer.is_success, f"{answer.status_code} {answer.text}"
    return answer.content


def status_in(answer: httpx.Response) -> TransferStatus:
    """Return the transfer status of a success."""
    return parse_transfer_status(good(answer))


def problem_in(answer: httpx.Response) -> str:
    """Return the code of a problem, checked to be one whose status is that of the answer."""
    problem = parse_problem(answer.content)
    assert answer.status_code == problem.status
    return problem.code.value
