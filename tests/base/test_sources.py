import contextlib
import socket

import pytest

from passbox_base.sources import LimitedListener, SourceLimit, source_of


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_one_household_is_one_source(address: str, source: str) -> None:
    """IPv4 counts by address, IPv6 by /64, and a mapped address is the IPv4 one it carries."""
    assert source_of(address) == source


def test_what_is_no_address_is_told() -> None:
    """A name, or nothing, is not an address."""
    with pytest.raises(ValueError, match="not appear"):
        source_of("example.org")


class Line:
    """A connection that remembers whether it had to go."""

    def __init__(self) -> None:
        self.is_over = False

    def hang_up(self) -> None:
        self.is_over = True


def _lines(limit: SourceLimit, count: int, address: str = "192.0.2.7") -> list[Line]:
    lines = [Line() for _ in range(count)]
    for port, line in enumerate(lines):
        assert limit.enter((address, port), line)
    return lines


def test_who_waits_makes_room_for_the_next() -> None:
    """Of more idle connections than a source may have the oldest go; other sources keep theirs."""
    limit = SourceLimit(most=10, most_waiting=2)

    others = _lines(limit, 2, "192.0.2.8")
    lines = _lines(limit, 4)

    assert [line.is_over for line in lines] == [True, True, False, False]
    assert not any(line.is_over for line in others)


def test_who_is_served_stays() -> None:
    """A source whose connections are all being served is refused one more, and cuts off none."""
    limit = SourceLimit(most=2, most_waiting=2)
    lines = _lines(limit, 2)
    for port in range(2):
        limit.serves(("192.0.2.7", port))

    assert not limit.enter(("192.0.2.7", 9), Line())
    limit.waits(("192.0.2.7", 1))
    assert limit.enter(("192.0.2.7", 9), Line())
    assert [line.is_over for line in lines] == [False, True]


def test_a_source_without_connections_is_forgotten() -> None:
    """Nothing is kept of who left, whatever is heard of it later."""
    limit = SourceLimit(most=2, most_waiting=2)
    _lines(limit, 1)
    for _ in range(2):
        limit.leave(("192.0.2.7", 0))
        limit.serves(("192.0.2.7", 0))
        limit.waits(("192.0.2.7", 0))

    assert limit._sources == {}


def test_a_listener_hangs_up_on_the_slow() -> None:
    """Beyond its limit a source's oldest silent connection ends, and the new one is taken."""
    plain = socket.create_server(("127.0.0.1", 0))
    with LimitedListener.of(plain, SourceLimit(2, 1)) as listener, contextlib.ExitStack() as stack:
        callers = [
            stack.enter_context(socket.create_connection(listener.getsockname(), timeout=60))
            for _ in range(3)
        ]
        accepted = [stack.enter_context(listener.accept()[0]) for _ in callers]

        assert [callers[0].recv(1), callers[1].recv(1)] == [b"", b""]
        accepted[2].sendall(b"x")
        assert callers[2].recv(1) == b"x"


def test_a_listener_refuses_who_is_served_enough() -> None:
    """A source whose connections are all being served is hung up on until one of them ends."""
    plain = socket.create_server(("127.0.0.1", 0))
    limit = SourceLimit(1, 1)
    with LimitedListener.of(plain, limit) as listener, contextlib.ExitStack() as stack:
        callers = [
            stack.enter_context(socket.create_connection(listener.getsockname(), timeout=60))
            for _ in range(3)
        ]
        first, peer = listener.accept()
        limit.serves(peer)
        with pytest.raises(ConnectionAbortedError):
            listener.accept()
        assert callers[1].recv(1) == b""
        first.close()
        third, _ = listener.accept()
        third.close()
