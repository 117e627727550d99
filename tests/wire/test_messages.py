"""What client, receiver, poller and viewer say: the rules beyond their form."""

import inspect
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passbox_wire import canonical, problems, routes
from passbox_wire.errors import Malformed
from passbox_wire.inner.viewer import Registered, parse_registered
from passbox_wire.messages import (
    HeldPacks,
    OpenTransfer,
    coarse_bytes,
    parse_held_packs,
    parse_open_transfer,
)
from passbox_wire.problems import TABLE, Code, Problem, parse_problem
from tests.builders.wire import an_open_transfer
from tests.wire.documents import HELD

SEEDED = settings(derandomize=True, max_examples=100, deadline=None, database=None)


@SEEDED
@given(st.integers(0, 2**50))
def test_a_coarse_size_has_room_and_tells_little(total: int) -> None:
    """It is never smaller, at most a quarter larger, and one of four steps per power of two."""
    coarse = coarse_bytes(total)
    assert coarse >= total
    assert coarse == 2**20 or coarse <= total * 5 // 4 + 1
    assert coarse_bytes(coarse) == coarse
    assert coarse >> (coarse.bit_length() - 3) << (coarse.bit_length() - 3) == coarse


@pytest.mark.parametrize(
    "reserved",
    [{"reply_to": ""}, {"sender_signature": "00"}, {"hop_limit": 1}, {"message_class": 2}],
    ids=lambda reserved: next(iter(reserved)),
)
def test_what_open_reserves_stays_empty(reserved: dict[str, object]) -> None:
    """Reply-to key, sender signature, hop limit and the exchange class are Malformed for now."""
    whole = canonical.decode(an_open_transfer().encode(), max_bytes=10_000)
    assert isinstance(parse_open_transfer(canonical.encode(whole)), OpenTransfer)
    with pytest.raises(Malformed):
        parse_open_transfer(canonical.encode(whole | reserved))


def test_held_packs_are_listed_once_in_order() -> None:
    """A page with a number twice or out of order is Malformed: a client counts on it."""
    for packs in (HELD.packs[::-1], (HELD.packs[0], HELD.packs[0])):
        with pytest.raises(Malformed):
            parse_held_packs(HeldPacks(packs, None).encode())


def test_a_full_page_of_held_packs_is_read() -> None:
    """500 packs fit on a page, 501 do not."""
    packs = tuple(replace(HELD.packs[0], number=number) for number in range(501))
    assert len(parse_held_packs(HeldPacks(packs[:500], 499).encode()).packs) == 500
    with pytest.raises(Malformed):
        parse_held_packs(HeldPacks(packs, None).encode())


@pytest.mark.parametrize("code", Code)
def test_every_problem_has_a_row(code: Code) -> None:
    """Each code has an HTTP error status and survives the way, with and without the rest."""
    assert 400 <= TABLE[code].status <= 599
    for problem in (Problem(code), Problem(code, 0, ""), Problem(code, 60, "Zurück um 8 Uhr")):
        assert parse_problem(problem.encode()) == problem
        assert (problem.status, problem.retry) == TABLE[code]


def test_a_code_nobody_knows_is_no_problem_of_ours() -> None:
    """A code from the future is Malformed; the HTTP status is what is left."""
    with pytest.raises(Malformed):
        parse_problem(b'{"code":"from_the_future","retry_after":null,"text":null}')


@pytest.mark.parametrize("title", ["", "A" * 15, "A" * 17, "a" * 16, " " * 16, "\\" * 16])
def test_a_namespace_is_an_ae_title(title: str) -> None:
    """16 capital letters and digits, so that no AE title needs trimming or escaping."""
    with pytest.raises(Malformed):
        parse_registered(Registered(title).encode())


def paths() -> dict[str, str]:
    """Return every path template of the contract by the name of its constant."""
    members = inspect.getmembers(routes, lambda value: isinstance(value, str))
    return {name: path for name, path in members if name.isupper() and path.startswith("/")}


def test_receiver_and_viewer_share_no_inner_path() -> None:
    """A signed request to one can never be replayed to the other: no path matches both."""
    inner = {name: path for name, path in paths().items() if path.startswith("/inner/")}
    viewers = {path for name, path in inner.items() if name.startswith("VIEWER_")}
    receivers = set(inner.values()) - viewers
    assert len(viewers) == 9
    assert len(receivers) == 8
    example = {"transfer": "0" * 32, "number": "1", "index": "1", "command": "0" * 32}
    for path in viewers:
        for other in receivers:
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(other))
            assert not re.fullmatch(pattern, path.format(**example))


def test_every_path_carries_the_version() -> None:
    """A next version of the contract can be served beside this one."""
    assert {path.removeprefix("/inner").split("/")[1] for path in paths().values()} == {
        f"v{routes.VERSION}"
    }
    assert problems.CONTENT_TYPE == "application/problem+json"
