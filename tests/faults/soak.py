"""`make soak`: load the receiver round after round, and watch that nothing grows.

    make soak                         for ten minutes
    make soak ARGS="--minutes 600 --honest 100 --hostile 10"

Each round is a crowd (tests/builders/crowd.py); when all its packs are inside, the process must
have no more files open than before, no temporary file and no pack left. Memory is compared between
the third round, when everything that is kept warm is warm, and the last.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.builders import attacks
from tests.builders.crowd import arrived_whole, left_nothing, rush
from tests.builders.door import a_door

WARM_ROUNDS = 3
GROWTH_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Report:
    """What a soak saw; memory in bytes, after the warm rounds and at the end."""

    rounds: int
    packs: int
    warm: int
    last: int
    most: int

    def __str__(self) -> str:
        """Say it in a line."""
        sizes = [f"{size / 1e6:.0f}" for size in (self.warm, self.last, self.most)]
        return (
            f"{self.rounds} rounds, {self.packs} packs; memory {sizes[0]} MB warm, "
            f"{sizes[1]} MB at the end, {sizes[2]} MB at most"
        )


async def soak(
    folder: Path,
    *,
    seconds: float,
    honest: int = 20,
    hostile: int = 5,
    least: int = WARM_ROUNDS + 1,
    size: int = 128 * 1024,
) -> Report:
    """Load a receiver below ``folder`` for so long and at least so many rounds; judge no memory."""
    with a_door(folder, attacks.PATIENT) as door:
        files, end = door.open_files(), time.monotonic() + seconds
        rounds, packs, warm = 0, 0, 0
        while time.monotonic() < end or rounds < least:
            crowd = await rush(door, honest, hostile, size=size, name=f"round {rounds}")
            arrived_whole(crowd, honest)
            await left_nothing(door, files)
            assert not list(door.store.rglob("*.pack")), "packs that were acknowledged are kept"
            rounds += 1
            packs += sum(map(len, crowd.sent.values()))
            if rounds == WARM_ROUNDS:
                warm = door.memory()
        return Report(rounds, packs, warm, door.memory(), door.memory(most=True))


def does_not_grow(report: Report) -> None:
    """Fail when memory grew since the third round."""
    assert report.last - report.warm <= GROWTH_BYTES, report


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--honest", type=int, default=20)
    parser.add_argument("--hostile", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        running = soak(
            Path(folder), seconds=60 * asked.minutes, honest=asked.honest, hostile=asked.hostile
        )
        report = asyncio.run(running)
    sys.stdout.write(f"{report}\n")
    does_not_grow(report)


if __name__ == "__main__":
    main()
