"""A sealed pack opens as exactly what was sealed, or stops its transfer.

A slice decodes or costs its file.
"""

import contextlib
import io
from collections.abc import Mapping
from typing import BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passbox_base.pack_store import PackKey, PackStoreLike
from passbox_dicom.errors import WorkerDied
from passbox_poller import decoding
from passbox_poller.errors import FileRefused, NotNow, TransferStopped
from passbox_poller.opening import Opener
from passbox_wire.canonical import Json
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import StopReason
from passbox_wire.pack import Codec, seal_pack
from tests.builders.wire import (
    a_destination_id,
    a_header,
    a_record,
    a_sealed_pack,
    a_sealing_key,
    a_transfer_id,
)


class InProcess:
    """Decodes here; ``dies`` for requests that it says yes to."""

    def __init__(self, dies: bool = False, always: bool = False) -> None:
        self._dies = dies
        self._always = always

    def run(self, request: Mapping[str, Json], *, byte_work: int = 0) -> dict[str, Json]:
        if self._always or (self._dies and request["codec"] == Codec.JPEGLS):
            raise WorkerDied("ended")
        return decoding.decode(dict(request))


class OnePack:
    """A spool in which every pack is the same."""

    def __init__(self, sealed: bytes) -> None:
        self._sealed = sealed

    def get(self, _key: PackKey) -> BinaryIO:
        return io.BytesIO(self._sealed)


def an_opener(
    sealed: bytes = b"", workers: InProcess | None = None, destination: str = "radiology"
) -> Opener:
    """Return an opener that finds ``sealed`` in its spool."""
    keys = [a_sealing_key("newer"), a_sealing_key()]
    spool = cast("PackStoreLike", OnePack(sealed))
    return Opener(keys, a_destination_id(destination), workers or InProcess(), spool)


PACK = a_sealed_pack()


def test_an_honest_pack_opens_with_any_valid_key() -> None:
    """During a key's overlap packs sealed to the older one open too."""
    (record,) = an_opener(PACK).records(a_transfer_id(), 0)
    assert record == a_record(final=True)


@given(st.integers(0, len(PACK) - 1), st.integers(1, 255))
@settings(max_examples=300)
def test_no_byte_can_be_changed(at: int, change: int) -> None:
    """A pack with any one byte altered stops the transfer, and no record of it is seen."""
    altered = PACK[:at] + bytes([PACK[at] ^ change]) + PACK[at + 1 :]
    with pytest.raises(TransferStopped):
        an_opener(altered).records(a_transfer_id(), 0)


@given(st.integers(0, len(PACK) - 1))
@settings(max_examples=100)
def test_no_pack_can_be_cut(length: int) -> None:
    """A pack cut anywhere stops the transfer."""
    with pytest.raises(TransferStopped) as stopped:
        an_opener(PACK[:length]).records(a_transfer_id(), 0)
    assert stopped.value.reason is StopReason.FORGED_PACK


def test_a_pack_counts_only_where_it_belongs() -> None:
    """The same bytes under another number, in another transfer or destination, stop it."""
    for opener, transfer, number in (
        (an_opener(PACK), a_transfer_id(), 1),
        (an_opener(PACK), TransferId("f" * 32), 0),
        (an_opener(PACK, destination="surgery"), a_transfer_id(), 0),
    ):
        with pytest.raises(TransferStopped) as stopped:
            opener.records(transfer, number)
        assert stopped.value.reason is StopReason.FORGED_PACK


def test_a_pack_for_somebody_else_says_so() -> None:
    """A pack sealed to a key we do not hold is told apart from a forged one."""
    pack = a_sealed_pack(key=a_sealing_key("somebody else"))
    with pytest.raises(TransferStopped) as stopped:
        an_opener(pack).records(a_transfer_id(), 0)
    assert stopped.value.reason is StopReason.WRONG_SEALING_KEY


@given(st.binary(max_size=200))
def test_sealed_garbage_stops_the_transfer_or_is_records(garbage: bytes) -> None:
    """Whatever is properly sealed, opening it ends in records or in a stop."""
    key = a_sealing_key()
    pack = seal_pack(a_header(key=key), garbage, key.public_key)
    with contextlib.suppress(TransferStopped):
        an_opener(pack).records(a_transfer_id(), 0)


@given(st.sampled_from(Codec), st.binary(max_size=300), st.integers(0, 2**32 - 1))
def test_a_slice_of_garbage_costs_its_file_only(codec: Codec, payload: bytes, length: int) -> None:
    """Whatever a slice holds, it decodes to the promised length or refuses its file."""
    record = a_record(payload, codec=codec, raw_length=length)
    with contextlib.suppress(FileRefused):
        assert len(an_opener().decode(record)) == length


def test_a_slice_that_kills_its_decoder_is_refused() -> None:
    """A crash of the decoder is the slice's, when a harmless slice still decodes."""
    record = a_record(b"x", codec=Codec.JPEGLS, raw_length=10)
    with pytest.raises(FileRefused):
        an_opener(workers=InProcess(dies=True)).decode(record)


def test_decoders_that_never_come_up_refuse_nothing() -> None:
    """When not even a harmless slice decodes the fault is ours: the file waits."""
    record = a_record(b"x", codec=Codec.JPEGLS, raw_length=10)
    with pytest.raises(NotNow):
        an_opener(workers=InProcess(always=True)).decode(record)
