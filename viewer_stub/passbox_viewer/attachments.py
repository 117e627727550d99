"""What C-STORE cannot carry, kept beside the images, write-once: PDF, picture, ACR-NEMA.

Their names on the sender's medium are shown, never used; what kind they are is told from their
first bytes, so that a page never promises a PDF that is something else.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from passbox_base.durable import TemporaryFile, remove
from passbox_base.ledger import reading
from passbox_viewer.errors import AttachmentConflict
from passbox_viewer.store import Store
from passbox_viewer.tables import ATTACHMENTS
from passbox_wire.ids import TransferId

HEAD_BYTES: Final = 256
_MAGIC: Final = ((b"%PDF-", "pdf"), (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"))


class Kind(StrEnum):
    """What the bytes are; OTHER includes ACR-NEMA."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    OTHER = "other"

    @property
    def suffix(self) -> str:
        """The suffix of a download's name."""
        return {"jpeg": ".jpg", "other": ".bin"}.get(self.value, f".{self.value}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One kept file; ``position`` is its file index in the transfer, ``size`` in bytes."""

    position: int
    sha256: bytes
    size: int
    kind: Kind


def kind_of(untrusted_head: bytes) -> Kind:
    """Return the kind by the first bytes."""
    for magic, name in _MAGIC:
        if untrusted_head.startswith(magic):
            return Kind(name)
    return Kind.OTHER


def attachments(engine: sa.Engine, transfer: TransferId) -> list[Attachment]:
    """Return what is kept of a transfer, by file index."""
    query = sa.select(ATTACHMENTS).where(ATTACHMENTS.c.transfer == transfer)
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(ATTACHMENTS.c.position)).all()
    return [Attachment(row.position, row.sha256, row.size, Kind(row.kind)) for row in rows]


def keep(
    engine: sa.Engine, store: Store, transfer: TransferId, file: TemporaryFile, said: Attachment
) -> None:
    """Commit a written attachment, durable on return; the same twice is one.

    Raises AttachmentConflict, StoreFull, StoreFailed.
    """
    here = (ATTACHMENTS.c.transfer == transfer) & (ATTACHMENTS.c.position == said.position)
    with engine.begin() as connection:
        held = connection.scalar(sa.select(ATTACHMENTS.c.sha256).where(here))
        if held == said.sha256:
            return
        if held is not None:
            raise AttachmentConflict("other bytes are held under this index")
        path = store.attachment_path(transfer, said.position)
        remove(path)  # committed, but cut before its row was: nobody was told of those bytes
        file.commit_as(path)
        connection.execute(
            sa.insert(ATTACHMENTS).values(
                transfer=transfer,
                position=said.position,
                sha256=said.sha256,
                size=said.size,
                kind=said.kind,
            )
        )
