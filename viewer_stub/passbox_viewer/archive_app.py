"""The download on the study page: GET /s/{token}/images.zip; see archive.py.

The rule: what cannot be had is said in words, on a page, while there is still an answer to choose;
after that an answer that cannot be finished breaks off, and that is logged.
"""

from collections.abc import Iterator

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from passbox_base.logs import get_logger
from passbox_viewer import attachments, index, links
from passbox_viewer.archive import archive, require_ready
from passbox_viewer.errors import ArchiveFailed
from passbox_viewer.rooms import Rooms
from passbox_viewer.visitors import NoSuchPage, Visitors, texts_of
from passbox_wire.ids import TransferId

_LOG = get_logger(__name__)


def add_archive(app: FastAPI, rooms: Rooms, visitors: Visitors) -> None:
    """Add the route. The look is in the audit before the first byte leaves."""

    def download(request: Request, token: str, lang: str | None = None) -> Response:
        author = visitors.author(request)
        transfer = rooms.transfers.opened_by(token)
        if transfer is None:
            raise NoSuchPage
        rooms.transfers.looked_at(transfer, links.name_of(token), author, "downloaded")
        rooms.describer.complete(transfer)
        rows = index.instances(rooms.engine, transfer)
        kept = attachments.attachments(rooms.engine, transfer)
        try:
            require_ready(rooms.store, rooms.lender, transfer, rows, kept)
        except (ArchiveFailed, OSError) as error:
            _LOG.error("no download", transfer_id=transfer, error=type(error).__name__)
            return visitors.message(
                texts_of(request, lang), "no_download_title", "no_download", 503
            )
        pieces = archive(
            rooms.store, rooms.lender, transfer, rows, kept, rooms.records.keys,
            rooms.office.clock.now(),
        )  # fmt: skip
        disposition = f'attachment; filename="images-{transfer[:8]}.zip"'
        return StreamingResponse(
            _told(pieces, transfer),
            media_type="application/zip",
            headers={"Content-Disposition": disposition},
        )

    app.add_api_route("/s/{token}/images.zip", download, methods=["GET"], response_model=None)


def _told(pieces: Iterator[bytes], transfer: TransferId) -> Iterator[bytes]:
    """Yield the pieces, and log where they cannot go on."""
    try:
        yield from pieces
    except (ArchiveFailed, OSError) as error:
        _LOG.error("a download broke off", transfer_id=transfer, error=type(error).__name__)
        raise
