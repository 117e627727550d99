"""Draw the state tables and the problem table of the contract into docs/contract.md.

    scripts/draw_states.py            write the page anew
    scripts/draw_states.py --check    only say whether it is up to date (status 1 when not)

Between ``<!-- drawn: name -->`` and ``<!-- end -->`` stands what this script wrote; the rest of the
page is written by hand and stays as it is.
"""

import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from passbox_wire.problems import TABLE
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
)

PAGE: Final = Path(__file__).parents[1] / "docs" / "contract.md"
_BLOCK: Final = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def draw_states(
    table: Mapping[tuple[StrEnum, StrEnum], StrEnum],
    states: type[StrEnum],
    events: type[StrEnum],
) -> str:
    """Return a Mermaid diagram of what changes a state, then the whole table."""
    return f"{_diagram(table, states)}\n{_grid(table, states, events)}"


def _diagram(table: Mapping[tuple[StrEnum, StrEnum], StrEnum], states: type[StrEnum]) -> str:
    arrows: dict[tuple[StrEnum, StrEnum], list[str]] = {}
    for (state, event), following in table.items():
        if state is not following:
            arrows.setdefault((state, following), []).append(event.value)
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{state}" as {state.name}' for state in states]
    lines += [f"    [*] --> {next(iter(states)).name}"]
    for (state, following), names in arrows.items():
        lines.append(f"    {state.name} --> {following.name}: {', '.join(names)}")
    left = {state for state, _ in arrows}
    lines += [f"    {state.name} --> [*]" for state in states if state not in left]
    return "\n".join([*lines, "```", ""])


def _grid(
    table: Mapping[tuple[StrEnum, StrEnum], StrEnum],
    states: type[StrEnum],
    events: type[StrEnum],
) -> str:
    lines = [_row(["", *events]), _row(["---"] * (len(events) + 1))]
    for state in states:
        following = [table.get((state, event)) for event in events]
        cells = ["-" if cell is None else "·" if cell is state else str(cell) for cell in following]
        lines.append(_row([f"**{state}**", *cells]))
    return "\n".join([*lines, ""])


def draw_problems() -> str:
    """Return the problem table."""
    lines = [_row(["Code", "HTTP", "same request again"]), _row(["---"] * 3)]
    for code, (status, retry) in TABLE.items():
        lines.append(_row([f"`{code}`", str(status), "may be sent" if retry else "-"]))
    return "\n".join([*lines, ""])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def drawn(page: str) -> str:
    """Return the page with every block drawn anew."""
    blocks = {
        "upload": draw_states(UPLOAD, UploadState, UploadEvent),  # type: ignore[arg-type]  # Mapping's key type is invariant
        "delivery": draw_states(DELIVERY, DeliveryState, DeliveryEvent),  # type: ignore[arg-type]  # as above
        "forward": draw_states(FORWARD, ForwardState, ForwardEvent),  # type: ignore[arg-type]  # as above
        "problems": draw_problems(),
    }
    return _BLOCK.sub(lambda found: f"{found[1]}\n{blocks[found[2]]}\n{found[3]}", page)


def main() -> int:
    """Write the page, or with --check compare it."""
    old = PAGE.read_text()
    new = drawn(old)
    if "--check" in sys.argv[1:]:
        if new != old:
            print(f"{PAGE.name} is behind the tables: run scripts/draw_states.py")
        return int(new != old)
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
