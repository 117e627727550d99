"""A sealed pack becomes records, a record becomes bytes.

The only place that holds the unsealing keys.

The rule: what does not open, or is not exactly the pack that was asked for, stops the whole
transfer, and none of its bytes is looked at: a forged or swapped pack is nobody's mistake. What
opens comes from whoever has the hospital's address card, which is everybody, so it is still
untrusted: a slice that does not decode costs its own file only. JPEG-LS is decoded in a killable
worker; zstd here, whose frame must say the promised length before anything is allocated.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Protocol

from passbox_base.errors import NoSuchPack
from passbox_base.logs import get_logger
from passbox_base.pack_store import PackKey, PackStoreLike
from passbox_dicom.codec import decode_slice
from passbox_dicom.errors import CodecError, WorkerFailed
from passbox_poller.errors import FileRefused, NotNow, Refusal, TransferStopped
from passbox_wire.canonical import Json
from passbox_wire.errors import Malformed, SealBroken, WrongSealingKey
from passbox_wire.ids import DestinationId, TransferId
from passbox_wire.inner.receiver import StopReason
from passbox_wire.pack import MAX_SEALED_BYTES, Codec, Record, open_pack, parse_records
from passbox_wire.sealing import SealingPrivateKey

_log = get_logger(__name__)


class Workers(Protocol):
    """A pool of killable workers for one target."""

    def run(self, request: Mapping[str, Json], *, byte_work: int = 0) -> dict[str, Json]:
        """Return the target's untrusted answer; raise WorkerFailed."""


class Opener:
    """Opens packs for one destination. Threads may share it."""

    def __init__(
        self,
        keys: Sequence[SealingPrivateKey],
        destination: DestinationId,
        decoders: Workers,
        spool: PackStoreLike,
    ) -> None:
        self._spool = spool
        self._keys = keys
        self._destination = destination
        self._decoders = decoders

    def records(self, transfer: TransferId, number: int) -> list[Record]:
        """Return the records of a sealed pack in the spool; raise TransferStopped."""
        try:
            header, plaintext = open_pack(self._read(transfer, number), self._keys)
            records = list(parse_records(plaintext))
        except WrongSealingKey as error:
            raise TransferStopped(StopReason.WRONG_SEALING_KEY) from error
        except (SealBroken, Malformed) as error:
            raise TransferStopped(StopReason.FORGED_PACK) from error
        if (header.destination, header.transfer, header.number) != (
            self._destination,
            transfer,
            number,
        ):
            raise TransferStopped(StopReason.FORGED_PACK)
        return records

    def _read(self, transfer: TransferId, number: int) -> bytes:
        try:
            with self._spool.get(PackKey(transfer, number)) as file:
                return file.read(MAX_SEALED_BYTES + 1)
        except NoSuchPack as error:
            _log.error("a pack is gone from the spool", number=number)
            raise TransferStopped(StopReason.FORGED_PACK) from error

    def decode(self, record: Record) -> bytes:
        """Return the bytes a record carries, ``raw_length`` of them; raise FileRefused, NotNow."""
        if record.codec is Codec.JPEGLS:
            data = self._decode_in_worker(record)
        else:
            try:
                data = decode_slice(record.data, record.codec, record.raw_length)
            except CodecError as error:
                raise FileRefused(Refusal.UNDECODABLE) from error
        if len(data) != record.raw_length:
            raise FileRefused(Refusal.UNDECODABLE)
        return data

    def _decode_in_worker(self, record: Record) -> bytes:
        request = _request(record.codec, record.data, record.raw_length)
        try:
            reply = self._decoders.run(request, byte_work=record.raw_length)
        except WorkerFailed as error:
            self._prove_workers()
            raise FileRefused(Refusal.UNDECODABLE) from error
        try:
            return base64.b64decode(reply["data"], validate=True)
        except (KeyError, TypeError, ValueError) as error:
            raise FileRefused(Refusal.UNDECODABLE) from error

    def _prove_workers(self) -> None:
        """Raise NotNow when it is the workers that fail, not the slice."""
        try:
            self._decoders.run(_request(Codec.STORED, b"harmless", len(b"harmless")))
        except WorkerFailed as error:
            raise NotNow("no worker comes up") from error


def _request(codec: Codec, payload: bytes, raw_length: int) -> dict[str, Json]:
    return {
        "codec": int(codec),
        "payload": base64.b64encode(payload).decode(),
        "raw_length": raw_length,
    }
