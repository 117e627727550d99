"""Asking a PACS, before anything is sent, what it holds of it: by study, and by SOP Instance UID.

The rule: every Study and every SOP Instance UID is asked about. A UID may lie in a study of another
number; only a relational query finds it there, and a PACS that answers none leaves that open.
"""

from collections.abc import Sequence
from typing import Final

from passbox_base.logs import get_logger
from passbox_viewer.errors import PacsFailed
from passbox_viewer.existing import Existing
from passbox_viewer.instances import Instance
from passbox_viewer.pacs import PacsLink
from passbox_viewer.proof import distinct, place

UIDS_A_QUESTION: Final = 100

_LOG = get_logger(__name__)


def existing_in(link: PacsLink, rows: Sequence[Instance]) -> Existing | None:
    """Return what the PACS lists of these, None when it lists none; raise PacsFailed."""
    studies: set[str] = set()
    held: set[str] = set()
    ours = {row.claims.sop_instance_uid for row in rows}
    with link.asking() as question:
        places = distinct(place(row) for row in rows)
        for study in distinct(study for study, _ in places):
            if question.knows_study(study):
                studies.add(study)
                for series in (series for known, series in places if known == study):
                    held |= question.held(study, series) & ours
    elsewhere = _anywhere(link, sorted(ours - held))
    if not studies and not elsewhere:
        return None
    return Existing(frozenset(studies), frozenset(held), elsewhere)


def _anywhere(link: PacsLink, uids: Sequence[str]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    try:
        # An association of its own: who does not know such a question may hang up.
        with link.asking() as question:
            for start in range(0, len(uids), UIDS_A_QUESTION):
                found |= question.held_anywhere(uids[start : start + UIDS_A_QUESTION])
    except PacsFailed as error:
        _LOG.info("no relational query", error=type(error).__name__)
    return found
