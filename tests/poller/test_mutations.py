"""10,000 mutated packs: none opens, and of none a byte reaches who could read an image."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from passbox_base.clocks import SystemClock
from passbox_base.pack_store import PackKey, PackStoreLike
from passbox_poller.errors import TransferStopped
from passbox_poller.ledger import Ledger
from passbox_poller.opening import Opener
from passbox_wire.canonical import Json
from passbox_wire.errors import Malformed, SealBroken, WrongSealingKey
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import StopReason
from passbox_wire.pack import Codec, Record, open_pack, parse_records
from passbox_wire.states import DeliveryState
from tests.builders.wire import a_destination_id, a_sealing_key
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house
from tests.poller.mutations import KINDS, Mutation, mutations
from tests.poller.sending import Sending, slices

COUNT = 10_000
SEED = 20261121


class OnePlace:
    """A spool in which what is asked for is always the same bytes."""

    data = b""

    def get(self, _key: PackKey) -> BinaryIO:
        """Return the bytes."""
        return BytesIO(self.data)


class Workers:
    """Where bytes of images would be read; they count who comes."""

    asked = 0

    def run(self, _request: Mapping[str, Json], *, byte_work: int = 0) -> dict[str, Json]:
        """Take note, and answer nothing."""
        self.asked += 1 + byte_work
        return {}


class Credulous(Opener):
    """A bad build: it opens what opens, and does not look whose pack it is."""

    def records(self, transfer: TransferId, number: int) -> list[Record]:
        """Return what is in the pack."""
        try:
            _, plaintext = open_pack(self._read(transfer, number), self._keys)
            return list(parse_records(plaintext))
        except (SealBroken, Malformed, WrongSealingKey) as error:
            raise TransferStopped(StopReason.FORGED_PACK) from error


def _sent(name: str) -> Sending:
    return Sending(slices(6), name=name, codec=Codec.STORED)


def _accepted(
    opener: type[Opener], count: int, workers: Workers | None = None
) -> Iterator[tuple[Mutation, bool]]:
    """Yield each mutation with whether the poller's opening took it."""
    sending = _sent("newer")
    place = OnePlace()
    opening = opener(
        [a_sealing_key()],
        a_destination_id(),
        workers or Workers(),
        cast("PackStoreLike", place),
    )
    for mutation in mutations(sending.packs(), _sent("older").packs(), count, SEED):
        place.data = mutation.data
        try:
            for record in opening.records(sending.transfer, mutation.number):
                opening.decode(record)
        except TransferStopped as stopped:
            forged = stopped.reason in {StopReason.FORGED_PACK, StopReason.WRONG_SEALING_KEY}
            yield mutation, not forged
        else:
            yield mutation, True


def test_10000_mutations_are_refused() -> None:
    """Truncated, flipped, cut, doubled, swapped, replayed, spliced: 0 of 10,000 packs open.

    The transfer is stopped before a slice is decoded or a worker asked: 0 bytes of a failed pack
    reach a DICOM parser, for the poller has no other way to one.
    """
    workers = Workers()
    counts, accepted = Counter[str](), Counter[str]()
    for mutation, taken in _accepted(Opener, COUNT, workers):
        counts[mutation.kind] += 1
        accepted[mutation.kind] += taken
    print(f"{counts.total()} mutations {dict(counts)}: {accepted.total()} accepted")  # noqa: T201  # the figure is the point
    assert counts.total() == COUNT
    assert len(counts) == len(KINDS)
    assert accepted.total() == 0
    assert workers.asked == 0


def test_every_truncation_is_refused() -> None:
    """Not one of the lengths shorter than a pack opens."""
    sending = Sending([], name="newer")
    sealed = sending.packs()[0]
    place = OnePlace()
    opening = Opener([a_sealing_key()], a_destination_id(), Workers(), cast("PackStoreLike", place))
    for length in range(len(sealed)):
        place.data = sealed[:length]
        with pytest.raises(TransferStopped):
            opening.records(sending.transfer, 0)


def test_the_mutations_catch_an_opener_that_does_not_look_whose_pack_it_is() -> None:
    """Who only opens takes every swapped and replayed pack: the count above is no accident."""
    taken = Counter(m.kind for m, taken in _accepted(Credulous, len(KINDS) * 10) if taken)
    assert taken == {"swapped": 10, "replayed": 10}


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def test_a_failed_pack_reaches_no_checker(house: House) -> None:
    """In a running poller no file of a mutated pack is checked, delivered, kept or quarantined."""
    older = Sending(slices(1), name="older").packs()
    spoiled = []
    with house.polling():
        for number, kind in enumerate(KINDS):
            sending = Sending(slices(1), name=f"spoiled {number}")
            packs = sending.packs()
            data = kind(random.Random(number), packs, 1, older)
            house.send(sending, packs | {1: data})
            spoiled.append(sending.transfer)
        known = [house.wait_until_finished(transfer) for transfer in spoiled]
        ledger = Ledger.beside(house.spool, SystemClock())
        assert [ledger.results(transfer) for transfer in spoiled] == [{}] * len(KINDS)
        ledger.close()
    assert {transfer.delivery for transfer in known} == {DeliveryState.REFUSED}
    assert house.viewer.stored == []
    assert house.viewer.attachments == {}
    assert not list((house.spool / "quarantine").rglob("*.*"))
