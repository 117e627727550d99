"""Every answer that is no success: one place turns an error into a problem of the contract.

The rule: the body is a Problem and nothing else: no exception's message, no word of the request.
What we did not foresee is `internal`, and is logged by type and place only.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from passbox_base.errors import BaseError, PackConflict, StoreFull, WrongDigest, WrongLength
from passbox_base.logs import get_logger
from passbox_receiver.errors import Refused
from passbox_receiver.uploads import ENDED
from passbox_wire.errors import (
    IllegalTransition,
    Malformed,
    SignatureWrong,
    TooLarge,
    WireError,
)
from passbox_wire.problems import CONTENT_TYPE, Code, Problem
from passbox_wire.states import UploadState

HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

_CODES: Final[dict[type[Exception], Code]] = {
    ClientDisconnect: Code.LENGTH_WRONG,  # nobody reads it
    WrongLength: Code.LENGTH_WRONG,
    WrongDigest: Code.DIGEST_WRONG,
    PackConflict: Code.PACK_CONFLICT,
    StoreFull: Code.STORE_FULL,
    TooLarge: Code.TOO_LARGE,
    Malformed: Code.MALFORMED,
    SignatureWrong: Code.SIGNATURE_WRONG,
}
_HTTP_CODES: Final = {404: Code.NOT_FOUND, 405: Code.WRONG_METHOD}

_log = get_logger(__name__)


def problem_of(error: Exception) -> Problem:
    """Return the problem that answers an error."""
    if isinstance(error, Refused):
        return error.problem
    if isinstance(error, IllegalTransition):
        return Problem(_illegal(error))
    if isinstance(error, HTTPException):
        return Problem(_HTTP_CODES.get(error.status_code, Code.MALFORMED))
    for kind in type(error).__mro__:
        if kind in _CODES:
            return Problem(_CODES[kind])
    return Problem(Code.INTERNAL)


def answer(body: bytes, status: int = 200) -> Response:
    """Return a message of the contract."""
    return Response(body, status, HEADERS, media_type="application/json")


def nothing(status: int = 204) -> Response:
    """Return an answer without a body."""
    return Response(status_code=status, headers=HEADERS)


def problem_answer(problem: Problem) -> Response:
    """Return a problem as it travels."""
    headers = dict(HEADERS)
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    return Response(problem.encode(), problem.status, headers, media_type=CONTENT_TYPE)


def add_problem_handlers(app: FastAPI, refused: Callable[[Problem], Awaitable[None]]) -> None:
    """Make ``app`` answer every error with a problem; ``refused`` hears of each."""

    async def handle(_request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if problem.code is Code.INTERNAL:
            _log.error("request failed", exc_info=error)
        await refused(problem)
        return problem_answer(problem)

    for kind in (Refused, WireError, BaseError, HTTPException, ClientDisconnect, Exception):
        app.add_exception_handler(kind, handle)


def _illegal(error: IllegalTransition) -> Code:
    state = error.state
    if isinstance(state, UploadState) and state in ENDED:
        return ENDED[state]
    return Code.CLOSED if state is UploadState.CLOSED else Code.HELD_DIFFERS
