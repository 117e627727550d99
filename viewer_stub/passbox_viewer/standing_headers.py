"""What every answer to a browser says, whichever origin it comes from.

The rule: an answer keeps the headers it brings and gets those that stand for its origin besides,
so that no route can forget one. What only one origin says (its policy for scripts and frames) is
written with that origin's pages.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from fastapi import FastAPI, Request, Response

FOR_EVERY_ORIGIN: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "private, no-store",
}


def add_standing_headers(app: FastAPI, headers: Mapping[str, str]) -> None:
    """Put ``headers`` on every answer of ``app`` that does not bring its own.

    An exception handler for Exception stands outside: what it answers needs them put on by itself.
    """

    async def with_headers(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    app.middleware("http")(with_headers)
