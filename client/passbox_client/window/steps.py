"""The seven steps of a transfer and the pages that ask for them. Pure.

The steps are those of the xPIPE paper (Noelke et al.): 1 and 2 who sends, 3 and 4 for whom, 5 the
images, 6 start, 7 state and report. The privacy statement comes before the first.
"""

from enum import IntEnum, StrEnum
from typing import Final


class Step(IntEnum):
    """A numbered step, visible all the time."""

    NAME = 1
    EMAIL = 2
    DEPARTMENT = 3
    RECIPIENT = 4
    IMAGES = 5
    START = 6
    REPORT = 7


class Page(StrEnum):
    """What fills the window; one primary button each."""

    CARD = "card"
    PRIVACY = "privacy"
    PEOPLE = "people"
    MEDIUM = "medium"
    REVIEW = "review"
    START = "start"
    SENDING = "sending"
    REPORT = "report"
    LOOKUP = "lookup"
    CONNECTION = "connection"


class Standing(StrEnum):
    """How far a step is."""

    OPEN = "open"
    NOW = "now"
    DONE = "done"


STEPS_OF: Final[dict[Page, tuple[Step, ...]]] = {
    Page.CARD: (),
    Page.PRIVACY: (),
    Page.PEOPLE: (Step.NAME, Step.EMAIL, Step.DEPARTMENT, Step.RECIPIENT),
    Page.MEDIUM: (Step.IMAGES,),
    Page.REVIEW: (Step.IMAGES,),
    Page.START: (Step.START,),
    Page.SENDING: (Step.REPORT,),
    Page.REPORT: (Step.REPORT,),
    Page.LOOKUP: (),
    Page.CONNECTION: (),
}


def standings(page: Page, *, finished: bool) -> dict[Step, Standing]:
    """Return how far each step is while ``page`` is shown."""
    now = STEPS_OF[page]
    if not now:
        return dict.fromkeys(Step, Standing.OPEN)
    if page is Page.REPORT and finished:
        return dict.fromkeys(Step, Standing.DONE)
    return {step: Standing.NOW if step in now else _before(step, now[0]) for step in Step}


def _before(step: Step, now: Step) -> Standing:
    return Standing.DONE if step < now else Standing.OPEN
