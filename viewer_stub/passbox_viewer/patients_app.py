"""A person's word about one of a transfer's patients: POST /s/{token}/patients; see patients.py.

The rule: the form names the patient by the key of exactly what was shown, so that nobody decides
about somebody who turned up since. A reason is asked for whatever is said, and it is in the audit
that something was; the note may name patients and stays in the ledger and on the page. One patient
at least stays: a transfer of which nothing is ours is refused as a whole.
"""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import RedirectResponse

from passbox_viewer import index
from passbox_viewer.identity import MAX_REASON
from passbox_viewer.patients import Question, Verdict, questions
from passbox_viewer.refusal import Refusal, parse_refusal
from passbox_viewer.rooms import Rooms
from passbox_viewer.visitors import NoSuchPage, Visitors, texts_of
from passbox_wire.errors import IllegalTransition
from passbox_wire.ids import TransferId

NO_DECISION: Final = "no decision"
OPEN_AGAIN: Final = "open again"
"""In the place of a verdict: take back who was left out."""


def add_patients(app: FastAPI, rooms: Rooms, visitors: Visitors) -> None:
    """Add the route of the forms on the study page."""

    def decide(  # one parameter a form field
        request: Request,
        token: str,
        csrf: Annotated[str, Form(max_length=128)] = "",
        patient: Annotated[str, Form(max_length=64)] = "",
        verdict: Annotated[str, Form(max_length=16)] = "",
        reason: Annotated[str, Form(max_length=32)] = "",
        note: Annotated[str, Form(max_length=2000)] = "",
        lang: Annotated[str | None, Form(max_length=2)] = None,
    ) -> Response:
        """Note whether one patient's images are sent."""
        author = visitors.author(request)
        transfer = rooms.transfers.opened_by(token)
        if transfer is None:
            raise NoSuchPage
        t = texts_of(request, lang)
        if not visitors.sent_by(request, token, csrf):
            return visitors.message(t, "stale_title", "stale", 403)
        one = _question(rooms, transfer, patient)
        if one is None:
            return visitors.message(t, "stale_title", "stale", 409)
        refusal, said = parse_refusal(reason, note), " ".join(note[:MAX_REASON].split())
        problem = {}
        try:
            if not _decided(rooms, transfer, one, verdict, refusal, said, author):
                problem = {"problem": NO_DECISION}
        except IllegalTransition:
            return visitors.message(t, "stale_title", "stale", 409)
        query = urlencode({"lang": t.lang} | problem)
        return RedirectResponse(f"/s/{token}?{query}", status_code=303)

    app.add_api_route("/s/{token}/patients", decide, methods=["POST"], response_model=None)


def _question(rooms: Rooms, transfer: TransferId, untrusted_key: str) -> Question | None:
    """Return who is meant, None for nobody and for whom nothing can be decided."""
    rooms.describer.complete(transfer)
    known = rooms.transfers.read(transfer)
    asked = questions(index.instances(rooms.engine, transfer), known.patients, known.identity)
    others = [q for q in asked if q.patient.key != untrusted_key and not q.left_out]
    found = next((q for q in asked if q.patient.key == untrusted_key), None)
    return found if found is not None and (others or found.left_out) else None


def _decided(  # one parameter a thing that was said
    rooms: Rooms,
    transfer: TransferId,
    one: Question,
    untrusted_verdict: str,
    refusal: Refusal | None,
    note: str,
    author: str,
) -> bool:
    """Note it, and return whether enough was said and it was possible."""
    decide, key = rooms.transfers.decide, one.patient.key
    if untrusted_verdict == OPEN_AGAIN and one.left_out:
        decide(transfer, key, one.images, author, verdict=None)
    elif untrusted_verdict == Verdict.LEFT_OUT and refusal is not None and not one.begun:
        decide(transfer, key, one.images, author, verdict=Verdict.LEFT_OUT, refusal=refusal)
    elif untrusted_verdict == Verdict.SAME and one.open and note:
        decide(transfer, key, one.images, author, verdict=Verdict.SAME, note=note)
    else:
        return False
    return True
