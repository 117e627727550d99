"""Sealed garbage from 50 sources: it costs the inside little, and honest transfers come through."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_dicom.codec import encode_slice
from passbox_wire.pack import Codec, Kind, Record
from tests.builders.sender_outside import a_pack
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, SentFile, slices

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

SOURCES = 50
HONEST = 5
MIB = 2**20


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Yield peers that are up."""
    with a_house(tmp_path, mail_sink) as made:
        yield made


def inflating(sending: Sending) -> dict[int, bytes]:
    """Return packs whose records are frames of 32 MiB of nothing that claim to be 100 bytes."""
    plan = sending.plan()
    bomb = encode_slice(bytes(32 * MIB), None, Codec.ZSTD)
    for number, records in enumerate(plan[1:-1]):
        records[:] = [Record(Kind.FILE, Codec.ZSTD, number, 0, 100, bomb, bytes(32))]
    return {number: sending.seal(number, records) for number, records in enumerate(plan)}


def crumbs(sending: Sending) -> dict[int, bytes]:
    """Return a valid inventory and its files of one byte, 10,000 to a pack; no manifest."""
    plan = sending.plan()[:-1]
    files = [record for records in plan[1:] for record in records]
    packed = [plan[0], *(files[at : at + 20_000] for at in range(0, len(files), 20_000))]
    return {number: sending.seal(number, records) for number, records in enumerate(packed)}


def noise(sending: Sending) -> dict[int, bytes]:
    """Return packs with true headers and random bytes: sealed to nobody."""
    return {number: a_pack(sending.transfer, number, size=100_000) for number in range(5)}


def put(house: House, sending: Sending, packs: dict[int, bytes], source: bytes) -> None:
    """Have the receiver hold a whole transfer of this source."""
    house.receiver.open(sending.transfer, sending.key, source)
    for number, sealed in packs.items():
        house.receiver.put(sending.transfer, number, sealed)
    house.receiver.close(sending.transfer)


def delivered(house: House, sending: Sending) -> float:
    """Return how many seconds it takes until the sender has the receipt."""
    began = time.monotonic()
    house.receiver.wait_for(
        lambda: any(receipt.transfer == sending.transfer for receipt, _ in house.receiver.receipts),
        deadline=300.0,
    )
    return time.monotonic() - began


def test_garbage_from_50_sources(house: House) -> None:
    """Five honest transfers among 50 of garbage take their unloaded time plus 60 s at most.

    Half of the garbage is sealed to nobody, half inflates. Each transfer of noise is stopped, and
    its sender is told so.
    """
    garbage = [Sending(slices(3), name=f"bad {number}") for number in range(SOURCES)]
    noisy = garbage[::2]
    made = [(one, noise(one) if one in noisy else inflating(one)) for one in garbage]
    honest = [Sending(slices(3, first=100 + 10 * n), name=f"good {n}") for n in range(HONEST + 1)]
    with house.polling():
        put(house, honest[0], honest[0].packs(), b"source 0")
        unloaded = delivered(house, honest[0])
        before = _memory()
        for number, (sending, packs) in enumerate(made):
            put(house, sending, packs, b"bad source %d" % number)
        for number, sending in enumerate(honest[1:]):
            put(house, sending, sending.packs(), b"good source %d" % number)
        took = [delivered(house, sending) for sending in honest[1:]]
        house.receiver.wait_for(
            lambda: {one.transfer for one in noisy} <= {t for t, _ in house.receiver.stops},
            deadline=300.0,
        )
        grown = _memory() - before
    stops = Counter(reason.value for _, reason in house.receiver.stops)
    sys.stdout.write(
        f"\nunloaded {unloaded:.1f} s, among garbage {max(took):.1f} s at most; "
        f"memory grew by {grown / MIB:.0f} MiB; stops {dict(stops)}\n"
    )
    assert max(took) <= unloaded + 60
    assert grown <= 512 * MIB
    expected = {f"1.2.3.4.{100 + 10 * n + k}" for n in range(len(honest)) for k in range(3)}
    assert set(house.viewer.stored_uids()) == expected


def test_crumbs_keep_nobody_waiting(house: House) -> None:
    """Transfers of 100,000 files of one byte hold up an honest one by 60 s at most, and end.

    Their inventories are valid, their files are no images: they are stopped for what they cost.
    """
    names = ("crumbs one", "crumbs two")
    bad = [Sending([SentFile(b"x")] * 100_000, name=name) for name in names]
    made = [(one, crumbs(one)) for one in bad]
    honest = [Sending(slices(3, first=100 + 10 * n), name=f"good {n}") for n in range(HONEST + 1)]
    with house.polling():
        put(house, honest[0], honest[0].packs(), b"source 0")
        unloaded = delivered(house, honest[0])
        for number, (sending, packs) in enumerate(made):
            put(house, sending, packs, b"bad source %d" % number)
        took = []
        for number, sending in enumerate(honest[1:]):
            put(house, sending, sending.packs(), b"good source %d" % number)
            took.append(delivered(house, sending))
        house.receiver.wait_for(
            lambda: {one.transfer for one in bad} <= {t for t, _ in house.receiver.stops},
            deadline=600.0,
        )
    stops = Counter(reason.value for _, reason in house.receiver.stops)
    sys.stdout.write(
        f"\nunloaded {unloaded:.1f} s, among crumbs {max(took):.1f} s at most; {dict(stops)}\n"
    )
    assert max(took) <= unloaded + 60


def _memory() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024
