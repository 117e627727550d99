"""The three tables, every pair. The grids are written by hand: they are the specification."""

from collections.abc import Mapping
from enum import StrEnum

import pytest

from passbox_wire.errors import IllegalTransition
from passbox_wire.states import (
    DELIVERY,
    FORWARD,
    UPLOAD,
    DeliveryEvent,
    DeliveryState,
    ForwardEvent,
    ForwardState,
    UploadEvent,
    UploadState,
    after,
)

# Columns: opened again, pack stored, closed, cancelled, idle too long, stopped from inside
UPLOAD_GRID = """
opened    | opened    receiving -      cancelled expired   stopped
receiving | receiving receiving closed cancelled abandoned stopped
closed    | closed    -         closed -         -         stopped
cancelled | -         -         -      cancelled -         cancelled
abandoned | -         -         -      -         abandoned abandoned
expired   | -         -         -      -         expired   expired
stopped   | -         -         -      -         -         stopped
"""
# Columns: file checked, released by staff, all accepted, some accepted, none accepted,
#          upload ended without manifest, cancelled by sender, stopped
DELIVERY_GRID = """
arriving  | arriving  arriving  complete partial refused abandoned withdrawn refused
complete  | -         -         complete -       -       -         -         -
partial   | -         -         complete partial -       -         -         -
refused   | -         -         complete partial refused -         -         refused
abandoned | abandoned abandoned complete partial refused abandoned withdrawn refused
withdrawn | -         -         -        -       -       -         withdrawn -
"""
# Columns: released, requested, proved, failed, refused by staff
FORWARD_GRID = """
staged     | visible    -          -       -      refused
visible    | visible    forwarding -       -      refused
forwarding | forwarding forwarding in_PACS failed -
in_PACS    | in_PACS    in_PACS    in_PACS failed -
failed     | failed     forwarding -       failed refused
refused    | refused    -          -       -      refused
"""

Cell = tuple[Mapping[tuple[StrEnum, StrEnum], StrEnum], StrEnum, StrEnum, StrEnum | None]


def rows(
    table: Mapping[tuple[StrEnum, StrEnum], StrEnum],
    states: type[StrEnum],
    events: type[StrEnum],
    grid: str,
) -> list[Cell]:
    """Return (table, state, event, what follows or None) for each cell of a grid."""
    cells = []
    for line in grid.strip().splitlines():
        state, following = line.split("|")
        for event, name in zip(events, following.split(), strict=True):
            target = None if name == "-" else states(name.replace("_", " "))
            cells.append((table, states(state.strip().replace("_", " ")), event, target))
    assert len(cells) == len(states) * len(events)
    return cells


CELLS = [
    *rows(UPLOAD, UploadState, UploadEvent, UPLOAD_GRID),  # type: ignore[arg-type]  # Mapping's key type is invariant
    *rows(DELIVERY, DeliveryState, DeliveryEvent, DELIVERY_GRID),  # type: ignore[arg-type]  # as above
    *rows(FORWARD, ForwardState, ForwardEvent, FORWARD_GRID),  # type: ignore[arg-type]  # as above
]


@pytest.mark.parametrize(
    ("table", "state", "event", "following"),
    CELLS,
    ids=[f"{type(state).__name__}-{state}-{event}" for _, state, event, _ in CELLS],
)
def test_every_pair_leads_where_the_grid_says(
    table: Mapping[tuple[StrEnum, StrEnum], StrEnum],
    state: StrEnum,
    event: StrEnum,
    following: StrEnum | None,
) -> None:
    """Each (state, event) leads to the state in the grid, or is an IllegalTransition."""
    if following is None:
        with pytest.raises(IllegalTransition) as raised:
            after(table, state, event)
        assert (raised.value.state, raised.value.event) == (state, event)
    else:
        assert after(table, state, event) is following


def test_a_closed_upload_never_ends_by_clock() -> None:
    """Closed and not pulled does not expire, and the sender can no longer withdraw it."""
    for event in (UploadEvent.IDLE_TOO_LONG, UploadEvent.CANCELLED):
        with pytest.raises(IllegalTransition):
            after(UPLOAD, UploadState.CLOSED, event)


def test_only_proof_leads_into_the_pacs() -> None:
    """IN_PACS is reached from another state by PROVED alone."""
    ways = {
        event
        for (state, event), following in FORWARD.items()
        if following is ForwardState.IN_PACS and state is not ForwardState.IN_PACS
    }
    assert ways == {ForwardEvent.PROVED}


def test_a_verdict_never_gets_worse() -> None:
    """From a verdict only the same or a better one follows."""
    rank = {
        DeliveryState.REFUSED: 0,
        DeliveryState.PARTIAL: 1,
        DeliveryState.COMPLETE: 2,
    }
    steps = [(a, b) for (a, _), b in DELIVERY.items() if a in rank]
    assert all(rank[b] >= rank[a] for a, b in steps)
