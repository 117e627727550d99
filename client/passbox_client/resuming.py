"""Going on with a transfer: what the receiver holds, by the journal and its own word. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from passbox_client.journal import Identity, Piece, Remembered, RememberedPart, SentPack
from passbox_client.plan import Plan, PlannedFile
from passbox_wire.manifest import FileOutcome, Manifest, Outcome
from passbox_wire.pack import Kind

Thing = tuple[Kind, int]


class Held:
    """Bytes inside packs that the receiver holds."""

    def __init__(self, packs: Iterable[SentPack] = ()) -> None:
        pieces: dict[Thing, list[Piece]] = defaultdict(list)
        for pack in packs:
            for piece in pack.pieces:
                pieces[piece.kind, piece.index].append(piece)
        self._spans = {thing: list(_merged(parts)) for thing, parts in pieces.items()}
        self._ends = {
            thing: (piece.offset + piece.length, piece.sha256)
            for thing, parts in pieces.items()
            for piece in parts
            if piece.sha256
        }

    def covers(self, kind: Kind, index: int, start: int, stop: int) -> bool:
        """Return whether bytes [start, stop) of a thing are held."""
        spans = self._spans.get((kind, index), [])
        return any(first <= start and stop <= last for first, last in spans)

    def digest(self, kind: Kind, index: int) -> bytes | None:
        """Return the SHA-256 of a thing that is held whole, else None."""
        end, digest = self._ends.get((kind, index), (0, None))
        return digest if digest and self.covers(kind, index, 0, end) else None

    def size(self, kind: Kind, index: int) -> int:
        """Return the bytes of a thing whose end is held."""
        return self._ends[kind, index][0]


def _merged(pieces: Iterable[Piece]) -> Iterator[tuple[int, int]]:
    """Yield the pieces' spans, those that touch made one."""
    current: tuple[int, int] | None = None
    for start, stop in sorted((piece.offset, piece.offset + piece.length) for piece in pieces):
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], stop))
            continue
        if current is not None:
            yield current
        current = (start, stop)
    if current is not None:
        yield current


def still_held(remembered: Remembered, receiver_holds: Mapping[int, bytes]) -> Held:
    """Return what both the journal and the receiver know."""
    return Held(pack for pack in remembered.packs if receiver_holds.get(pack.number) == pack.sha256)


def marks_of(identity: Identity, plan: Plan) -> tuple[bytes, ...]:
    """Return the keyed hashes by which the plan's files are recognised, in their order."""
    return tuple(identity.mark(*_words(file)) for file in plan.files)


def _words(file: PlannedFile) -> tuple[str | int, ...]:
    return (file.path, file.size, file.sop_instance_uid, file.unsendable)


def same_medium(
    remembered: Iterable[Remembered], plan: Plan, signer: bytes, destination: str
) -> Remembered | None:
    """Return the newest transfer to this destination that has exactly these files on a medium."""
    for transfer in remembered:
        identity = transfer.identity
        addressed = (identity.profile_signer, identity.destination) == (signer, destination)
        if addressed and is_part_of(transfer, marks_of(identity, plan)):
            return transfer
    return None


def is_part_of(remembered: Remembered, marks: tuple[bytes, ...]) -> bool:
    """Return whether one of the transfer's media has exactly the files with these marks."""
    return bool(marks) and any(set(part.marks) == set(marks) for part in remembered.parts)


def outcomes_of(part: RememberedPart, first: int, held: Held) -> tuple[FileOutcome, ...] | None:
    """Return what became of the files of a medium whose first has index ``first``.

    None unless it was read to its end and everything of it is held.
    """
    if part.lost is None:
        return None
    lost = {outcome.index: outcome for outcome in part.lost}
    outcomes = []
    for index in range(first, first + len(part.marks)):
        digest = held.digest(Kind.FILE, index)
        if index in lost:
            outcomes.append(lost[index])
        elif digest is None:
            return None
        else:
            size = held.size(Kind.FILE, index)
            outcomes.append(FileOutcome(index, Outcome.SENT, size, digest))
    return tuple(outcomes)


def sworn_manifest(remembered: Remembered) -> Manifest | None:
    """Return the manifest an earlier run closed with, None when it did not come so far.

    It must not be made anew from the media: a piece of it may be held, and a second one that
    differs would contradict the first.
    """
    if not remembered.sworn:
        return None
    sent, outcomes = Held(remembered.packs), list[FileOutcome]()
    for part in remembered.parts:
        outcomes += outcomes_of(part, len(outcomes), sent) or ()
    return Manifest(remembered.identity.transfer, len(remembered.parts), tuple(outcomes))
