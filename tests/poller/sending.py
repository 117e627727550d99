"""What an honest client would have sent, as packs, from a few files.

A test then spoils what it is about.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from passbox_dicom.codec import encode_slice
from passbox_wire.digests import sha256
from passbox_wire.inventory import ClaimedFile, FileKind, Inventory
from passbox_wire.manifest import FileOutcome, Manifest, Outcome
from passbox_wire.pack import Codec, Kind, Record, encode_records, padded, seal_pack
from passbox_wire.sealing import SealingPrivateKey
from tests.builders.dicom import ct_slice
from tests.builders.wire import (
    a_header,
    a_sealing_key,
    a_signing_key,
    a_transfer_id,
    an_inventory,
    public,
)


@dataclass(frozen=True)
class SentFile:
    """One file: its bytes, and what the client takes it for.

    ``outcome`` None: left out of the manifest.
    """

    data: bytes
    kind: FileKind = FileKind.INSTANCE
    path: str = "DISC/PATIENT/IM1"
    outcome: Outcome | None = Outcome.SENT


def slices(count: int, first: int = 1) -> list[SentFile]:
    """Return CT slices with different UIDs."""
    return [
        SentFile(ct_slice(instance=f"1.2.3.4.{number}"), path=f"DISC/IM{number}")
        for number in range(first, first + count)
    ]


class Sending:
    """One transfer of some files; pack 0 is the inventory, the last one the manifest."""

    def __init__(
        self,
        files: Iterable[SentFile],
        *,
        name: str = "transfer",
        sealing_key: SealingPrivateKey | None = None,
        codec: Codec = Codec.ZSTD,
    ) -> None:
        self.files = list(files)
        self.key = a_signing_key(name)
        self.public_key = public(self.key)
        self.transfer = a_transfer_id(self.key)
        self.codec = codec
        self._sealing_key = sealing_key or a_sealing_key()

    @property
    def inventory(self) -> Inventory:
        claims = tuple(
            ClaimedFile(
                index,
                file.path,
                len(file.data),
                file.kind,
                0 if file.kind is FileKind.INSTANCE else None,
                "",
            )
            for index, file in enumerate(self.files)
        )
        return an_inventory(files=claims)

    @property
    def manifest(self) -> Manifest:
        return Manifest(
            self.transfer,
            1,
            tuple(
                FileOutcome(
                    index,
                    file.outcome,
                    len(file.data),
                    sha256(file.data) if file.outcome is Outcome.SENT else None,
                    "" if file.outcome is Outcome.SENT else "read error",
                )
                for index, file in enumerate(self.files)
                if file.outcome is not None
            ),
        )

    def file_records(self, index: int) -> list[Record]:
        """Return a file in two pieces."""
        data = self.files[index].data
        half = len(data) // 2
        return [
            self.record(Kind.FILE, index, 0, data[:half]),
            self.record(Kind.FILE, index, half, data[half:], sha256(data)),
        ]

    def record(
        self, kind: Kind, index: int, offset: int, data: bytes, final: bytes | None = None
    ) -> Record:
        payload = encode_slice(data, None, self.codec)
        return Record(kind, self.codec, index, offset, len(data), payload, final)

    def document_records(self, kind: Kind, document: bytes) -> list[Record]:
        return [self.record(kind, 0, 0, document, sha256(document))]

    def plan(self) -> list[list[Record]]:
        """Return the records of each pack: inventory, a pack for each sent file, manifest."""
        sent = [i for i, file in enumerate(self.files) if file.outcome is Outcome.SENT]
        return [
            self.document_records(Kind.INVENTORY, self.inventory.encode()),
            *(self.file_records(index) for index in sent),
            self.document_records(Kind.MANIFEST, self.manifest.encode()),
        ]

    def seal(self, number: int, records: Iterable[Record], *, header_number: int = -1) -> bytes:
        """Return a sealed pack."""
        plaintext = padded(encode_records(records))
        header = a_header(
            key=self._sealing_key,
            transfer=self.transfer,
            number=number if header_number < 0 else header_number,
        )
        return seal_pack(header, plaintext, self._sealing_key.public_key)

    def packs(self) -> dict[int, bytes]:
        return {number: self.seal(number, records) for number, records in enumerate(self.plan())}


def with_other_digest(records: list[Record]) -> list[Record]:
    """Return the records with a false digest at their end."""
    return [*records[:-1], dataclasses.replace(records[-1], sha256=bytes(32))]
