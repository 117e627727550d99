"""A cap on the rate of sending."""

from dataclasses import dataclass, field
from datetime import datetime

import requests

from passbox_client.rate import PIECE_BYTES, RateCap
from tests.builders.clocks import FakeClock


@dataclass
class Hours:
    """A clock that goes on only while somebody pauses."""

    seconds: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return FakeClock().now()

    def monotonic(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds


def test_a_body_leaves_at_the_rate() -> None:
    """One megabyte at 8 Mbit/s takes a second but for the first piece, and comes out whole."""
    hours = Hours()
    data = bytes(range(250)) * 4000
    body = RateCap(8e6, hours, hours.pause).body(data)
    came = b"".join(iter(lambda: body.read(64 * 1024), b""))
    assert came == data
    assert 1.0 - PIECE_BYTES / 1e6 - 0.01 <= hours.seconds <= 1.0


def test_all_threads_share_one_cap() -> None:
    """Two bodies at once take as long as one of their length."""
    hours = Hours()
    cap = RateCap(8e6, hours, hours.pause)
    bodies = [cap.body(bytes(500_000)) for _ in range(2)]
    for _ in range(500_000 // PIECE_BYTES + 1):
        for body in bodies:
            body.read(PIECE_BYTES)
    assert 0.95 <= hours.seconds <= 1.0


def test_an_idle_line_saves_nothing_up() -> None:
    """After a pause no more than the rate leaves either."""
    hours = Hours()
    cap = RateCap(8e6, hours, hours.pause)
    hours.seconds = 100.0
    cap.let_pass(1_000_000)
    cap.let_pass(1)
    assert hours.pauses == [1.0]


def test_a_capped_body_says_how_long_it_is() -> None:
    """A pack is never sent chunked: its length stands in the request, capped or not."""
    hours = Hours()
    body = RateCap(8e6, hours, hours.pause).body(bytes(100_000))
    request = requests.Request("PUT", "https://receiver.example/", data=body).prepare()
    assert request.headers["Content-Length"] == "100000"
    assert "Transfer-Encoding" not in request.headers
