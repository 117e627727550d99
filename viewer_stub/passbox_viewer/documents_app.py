"""The download of an encapsulated document: GET /s/{token}/documents/{number}; see documents.py."""

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from passbox_viewer import index, links
from passbox_viewer.documents import PLACE, POLICY, document_of, looked_into
from passbox_viewer.errors import AWAY, CHANGED, NoPicture
from passbox_viewer.rooms import Rooms
from passbox_viewer.visitors import NoSuchPage, Visitors, texts_of


def add_documents(app: FastAPI, rooms: Rooms, visitors: Visitors) -> None:
    """Add the route. The look is in the audit before the first byte leaves."""

    def download(request: Request, token: str, number: int, lang: str | None = None) -> Response:
        author = visitors.author(request)
        transfer = rooms.transfers.opened_by(token)
        row = index.instance(rooms.engine, transfer, number) if transfer is not None else None
        document = document_of(row) if row is not None else None
        if transfer is None or row is None or document is None:
            raise NoSuchPage
        rooms.transfers.looked_at(transfer, links.name_of(token), author, "document downloaded")
        try:
            kind, content = looked_into(document.kind, rooms.web_images.bulk(row, PLACE))
        except NoPicture as error:
            word = "no_document_now" if error.reason in {AWAY, CHANGED} else "no_document"
            return visitors.message(texts_of(request, lang), "no_document_title", word, 503)
        return StreamingResponse(
            content.pieces,
            media_type=kind.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="document-{number}{kind.suffix}"',
                "Content-Length": str(content.size),
                "Content-Security-Policy": POLICY,
            },
        )

    app.add_api_route(
        "/s/{token}/documents/{number}", download, methods=["GET"], response_model=None
    )
