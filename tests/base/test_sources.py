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


def test_leaving_makes_room() -> None:
    """A source over its limit is let in when one of its connections ends; others never wait."""
    limit = SourceLimit(2)

    entered = [limit.enter("a"), limit.enter("a"), limit.enter("a"), limit.enter("b")]
    limit.leave("a")
    assert [*entered, limit.enter("a")] == [True, True, False, True, True]


def test_a_listener_hangs_up_on_the_greedy() -> None:
    """Beyond its limit a source's connection is closed at once; closing an old one makes room."""
    plain = socket.create_server(("127.0.0.1", 0))
    with LimitedListener.of(plain, SourceLimit(1)) as listener, contextlib.ExitStack() as stack:
        callers = [
            stack.enter_context(socket.create_connection(listener.getsockname(), timeout=10))
            for _ in range(3)
        ]
        first, _ = listener.accept()
        with pytest.raises(ConnectionAbortedError):
            listener.accept()
        assert callers[1].recv(1) == b""
        first.close()
        third, _ = listener.accept()
        third.close()
