"""Write the discs into a folder: all, or a number drawn as they come through a hospital's door.

The shares are those of answers.json. What a system without links and FIFOs cannot hold is left out.
"""

import argparse
import random
from pathlib import Path

from tests.discs.answers import DISCS, SHARES
from tests.discs.register import MAKERS


def main() -> None:
    """Write the discs and say which."""
    parser = argparse.ArgumentParser(prog="python -m tests.discs", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draw", type=int, help="so many discs by their shares in the field")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    names = sorted(MAKERS)
    if options.draw is not None:
        names = draw(options.draw, random.Random(options.seed))
    for place, name in enumerate(names, 1):
        folder = options.folder / f"{place:04} {name}"
        folder.parent.mkdir(parents=True, exist_ok=True)
        print(MAKERS[name](folder))  # noqa: T201 - a command speaks by printing


def draw(count: int, chance: random.Random) -> list[str]:
    """Return names of discs: first the kind by its share in the field, then one of that kind."""
    kinds = chance.choices(list(SHARES), weights=list(SHARES.values()), k=count)
    of_kind = {kind: [disc.name for disc in DISCS if disc.kind == kind] for kind in SHARES}
    return [chance.choice(of_kind[kind]) for kind in kinds]


if __name__ == "__main__":
    main()
