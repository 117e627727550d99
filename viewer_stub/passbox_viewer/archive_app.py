"""The download on the study page: GET /s/{token}/images.zip; see archive.py."""

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from passbox_viewer import attachments, index, links
from passbox_viewer.archive import archive
from passbox_viewer.rooms import Rooms
from passbox_viewer.visitors import NoSuchPage, Visitors


def add_archive(app: FastAPI, rooms: Rooms, visitors: Visitors) -> None:
    """Add the route. The look is in the audit before the first byte leaves."""

    def download(request: Request, token: str) -> Response:
        author = visitors.author(request)
        transfer = rooms.transfers.opened_by(token)
        if transfer is None:
            raise NoSuchPage
        rooms.transfers.looked_at(transfer, links.name_of(token), author, "downloaded")
        rooms.describer.complete(transfer)
        pieces = archive(
            rooms.store,
            rooms.lender,
            transfer,
            index.instances(rooms.engine, transfer),
            attachments.attachments(rooms.engine, transfer),
            rooms.records.keys,
            rooms.office.clock.now(),
        )
        disposition = f'attachment; filename="images-{transfer[:8]}.zip"'
        return StreamingResponse(
            pieces, media_type="application/zip", headers={"Content-Disposition": disposition}
        )

    app.add_api_route("/s/{token}/images.zip", download, methods=["GET"], response_model=None)
