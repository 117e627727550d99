"""What leaves this computer: records and documents become sealed packs, numbered once and for all.

The rule: the journal knows a pack before the uploader does. Numbers rise over all media of a
transfer and over all runs; none is used twice.
"""

from collections.abc import Callable, Iterable
from typing import Final

from passbox_client.coding import plainly
from passbox_client.journal import Identity, Journal, Piece
from passbox_client.packing import document_plaintext, document_records
from passbox_client.upload import Contents, Uploader
from passbox_wire.digests import sha256
from passbox_wire.manifest import Manifest
from passbox_wire.pack import Kind, PackHeader, Record, encode_records, seal_pack
from passbox_wire.sealing import Sealer


class Outgoing:
    """Seals for one transfer. ``meanwhile`` is called now and then while the line is full."""

    def __init__(
        self,
        identity: Identity,
        sealer: Sealer,
        uploader: Uploader,
        journal: Journal,
        first_number: int,
    ) -> None:
        """Take the number of the first pack of this run."""
        self.uploader: Final = uploader
        self._identity = identity
        self._sealer = sealer
        self._journal = journal
        self._number = first_number

    def send_document(
        self, kind: Kind, index: int, document: bytes, meanwhile: Callable[[], None]
    ) -> None:
        """Send a part of the inventory or a manifest. Raises the ClientError that ended it."""
        for record in document_records(kind, index, document, plainly):
            self._hand_over(document_plaintext(record), [record], meanwhile)

    def send(self, records: list[Record], meanwhile: Callable[[], None]) -> None:
        """Send records of files as one pack. Raises the ClientError that ended it."""
        self._hand_over(encode_records(records), records, meanwhile)

    def finish(self, manifest: Manifest, meanwhile: Callable[[], None], *, held: bool) -> None:
        """Send the manifest unless it is held, and close the transfer."""
        if not held:
            self.send_document(Kind.MANIFEST, 0, manifest.encode(), meanwhile)
        self.uploader.finish(meanwhile)

    def _hand_over(
        self, plaintext: bytes, records: list[Record], meanwhile: Callable[[], None]
    ) -> None:
        number, self._number = self._number, self._number + 1
        header = PackHeader(
            self._sealer.key_id, self._identity.destination, self._identity.transfer, number
        )
        sealed = seal_pack(header, plaintext, self._sealer)
        self._journal.sending(number, sha256(sealed), [Piece.of(record) for record in records])
        self.uploader.offer(number, sealed, meanwhile, _contents_of(records))


def _contents_of(records: Iterable[Record]) -> Contents:
    files = [record for record in records if record.kind is Kind.FILE]
    ended = sum(record.sha256 is not None for record in files)
    return Contents(sum(record.raw_length for record in files), ended)
