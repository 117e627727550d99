"""What every answer to a browser says, whichever origin it comes from.

The rule: an answer keeps the headers it brings and gets those that stand for its origin besides,
so that no route can forget one. What only one origin says (its policy for scripts and frames) is
written with that origin's pages. Nothing else of an answer is touched: one that cannot be finished
stays unfinished, which the framework's own way of adding headers would hide from the browser.
"""

from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
    app.add_middleware(_StandingHeaders, headers=headers)


class _StandingHeaders:
    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                brought = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    brought.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
