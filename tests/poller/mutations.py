"""Everything a DMZ or a line can do to sealed packs, drawn by a seed.

Each mutation is the bytes under one number of one transfer, and differs from what its sender sealed
there. A kind may put whole honest packs in other places: of this transfer or of an older one.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from passbox_wire.pack import HEADER_BYTES

Packs = Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Mutation:
    """What lies under ``number`` instead of the sealed pack."""

    kind: str
    number: int
    data: bytes


def truncated(chance: random.Random, packs: Packs, number: int, _older: Packs) -> bytes:
    """Cut off the end, also all of it."""
    return packs[number][: chance.randrange(len(packs[number]))]


def bit_flipped(chance: random.Random, packs: Packs, number: int, _older: Packs) -> bytes:
    """Turn one bit over."""
    changed = bytearray(packs[number])
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def overwritten(chance: random.Random, packs: Packs, number: int, _older: Packs) -> bytes:
    """Put noise over a stretch."""
    data = packs[number]
    at = chance.randrange(len(data) - 64)
    return data[:at] + chance.randbytes(64) + data[at + 64 :]


def dropped(chance: random.Random, packs: Packs, number: int, _older: Packs) -> bytes:
    """Leave a stretch out."""
    data = packs[number]
    at = chance.randrange(len(data) - 1)
    return data[:at] + data[at + chance.randint(1, 4096) :]


def doubled(chance: random.Random, packs: Packs, number: int, _older: Packs) -> bytes:
    """Put a stretch in twice, up to the whole pack."""
    data = packs[number]
    at = chance.randrange(len(data))
    return data[:at] + data[at // 2 : at + 1] + data[at:]


def swapped(chance: random.Random, packs: Packs, number: int, _older: Packs) -> bytes:
    """Put another pack of the transfer there."""
    return packs[chance.choice([other for other in packs if other != number])]


def replayed(chance: random.Random, _packs: Packs, _number: int, older: Packs) -> bytes:
    """Put a pack of an older transfer there, under its own number or another."""
    return older[chance.choice(list(older))]


def beheaded(chance: random.Random, packs: Packs, number: int, older: Packs) -> bytes:
    """Put this pack's header before the sealed message of another one."""
    other = chance.choice([older, {n: p for n, p in packs.items() if n != number}])
    foreign = other[chance.choice(list(other))]
    length = chance.choice([HEADER_BYTES, HEADER_BYTES, chance.randrange(1, len(foreign))])
    return packs[number][:length] + foreign[length:]


def appended(chance: random.Random, packs: Packs, number: int, _older: Packs) -> bytes:
    """Put bytes behind the end."""
    return packs[number] + chance.randbytes(chance.choice([1, 16, 1136]))


KINDS: Final[Sequence[Callable[[random.Random, Packs, int, Packs], bytes]]] = (
    *(truncated, bit_flipped, overwritten, dropped, doubled),
    *(swapped, replayed, beheaded, appended),
)


def mutations(packs: Packs, older: Packs, count: int, seed: int) -> Iterator[Mutation]:
    """Yield ``count`` mutations, each kind as often, none equal to what it stands in for."""
    chance = random.Random(seed)
    made = 0
    while made < count:
        kind = KINDS[made % len(KINDS)]
        number = chance.choice(list(packs))
        data = kind(chance, packs, number, older)
        if data != packs[number]:
            made += 1
            yield Mutation(kind.__name__, number, data)
