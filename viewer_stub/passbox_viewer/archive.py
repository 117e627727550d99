"""A transfer as a ZIP with a DICOMDIR, for a stick or a tumour board; streamed, never held.

    DICOMDIR                                leads to images, reports, plans, waveforms …
    IMAGES/PAT00001/STU00001/SER00001/I0000001   the stored files as they are, byte for byte
    OTHER/O0000001                          what cannot be read, or has another one's UID
    ATTACH/A0000007.PDF                     what came as attachment
    MISSING/I0000002.TXT                    in place of what the house's archive changed
    README.TXT

The rule: memory does not grow with the images; a piece is read when the reader has taken the one
before. What can be known to be missing is known before the first byte (require_ready); what goes
away after it cuts the answer off, so that a browser says so and no program takes the rest for all:
a ZIP's list of contents is its end. Names are ours, 8.3 and upper case, so that nothing a sender
wrote becomes a path where this is unpacked. Nothing is compressed: images hardly shrink, and a
hospital's line is faster than that.
"""

import contextlib
import stat
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from stream_zip import ZIP_AUTO, Method, stream_zip

from passbox_viewer.attachments import Attachment
from passbox_viewer.errors import ArchiveChanged
from passbox_viewer.instances import Instance
from passbox_viewer.lending import Lending
from passbox_viewer.media_directory import Filed, KeysOf, filed, media_directory
from passbox_viewer.store import Store
from passbox_wire.ids import TransferId

_PIECE: Final = 256 * 1024
_MODE: Final = stat.S_IFREG | 0o644
_README: Final = (
    "Fremdaufnahmen, ungeprueft - nicht zur Primaerbefundung.\r\n"
    "Enthaelt Patientendaten: nach Gebrauch loeschen.\r\n\r\n"
    "External images, unverified - not for primary diagnosis.\r\n"
    "Contains patient data: delete it after use.\r\n"
)
_CHANGED: Final = (
    "Fehlt: im Archiv der Klinik liegt nicht mehr das Bild, das ankam.\r\n"
    "Missing: the hospital's archive no longer has the image that arrived.\r\n"
)

Member = tuple[str, datetime, int, Method, Iterator[bytes]]


def archive(
    store: Store,
    lender: Lending,
    transfer: TransferId,
    instances: Sequence[Instance],
    kept: Sequence[Attachment],
    keys_of: KeysOf,
    now: datetime,
) -> Iterator[bytes]:
    """Yield the ZIP's bytes; raise ArchiveFailed, OSError where it cannot be brought to its end."""
    attached = {
        f"ATTACH/A{one.position:07d}{one.kind.suffix.upper()}": store.attachment_path(
            transfer, one.position
        )
        for one in kept
    }
    files = filed(instances)
    return iter(stream_zip(_members(lender, files, attached, keys_of, now)))


def require_ready(
    store: Store,
    lender: Lending,
    transfer: TransferId,
    instances: Sequence[Instance],
    kept: Sequence[Attachment],
) -> None:
    """Raise ArchiveFailed, OSError unless every file is here and the house's archive answers."""
    for one in kept:
        store.attachment_path(transfer, one.position).stat()
    for row in instances:
        if row.archived is None:
            store.instance_path(transfer, row.file_name).stat()
    away = next((one.instance for one in filed(instances) if one.instance.archived), None)
    if away is not None:
        with contextlib.suppress(ArchiveChanged), lender.lend(away):
            return


def _members(
    lender: Lending,
    files: Sequence[Filed],
    attached: Mapping[str, Path],
    keys_of: KeysOf,
    now: datetime,
) -> Iterator[Member]:
    yield _made("README.TXT", _README.encode(), now)
    yield _made("DICOMDIR", media_directory(files, keys_of), now)
    for one in files:
        try:
            with lender.lend(one.instance) as path:
                yield _stored("/".join(one.file_id), path, now)
        except ArchiveChanged:
            yield _made(f"MISSING/{one.file_id[-1]}.TXT", _CHANGED.encode(), now)
    for name, path in attached.items():
        yield _stored(name, path, now)


def _made(name: str, data: bytes, now: datetime) -> Member:
    return name, now, _MODE, ZIP_AUTO(len(data), level=0), iter([data])


def _stored(name: str, path: Path, now: datetime) -> Member:
    return name, now, _MODE, ZIP_AUTO(path.stat().st_size, level=0), _pieces(path)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
