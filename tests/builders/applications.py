"""The smallest ASGI application: says how many bytes came and from whom, or answers as told."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class EchoLength:
    """Answers each request with {length} {client address}; ``answers`` overrides by path.

    ``requests`` holds the paths that came through.
    """

    def __init__(self, answers: dict[str, tuple[int, dict[str, str], bytes]] | None = None) -> None:
        self._answers = answers or {}
        self.requests: list[str] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.requests.append(scope["path"])
        length = await self._length(receive)
        plain = (200, dict[str, str](), f"{length} {scope['client'][0]}".encode())
        status, headers, body = self._answers.get(scope["path"], plain)
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    @staticmethod
    async def _length(receive: Receive) -> int:
        length, more = 0, True
        while more:
            message = await receive()
            length += len(message.get("body", b""))
            more = message.get("more_body", False)
        return length
