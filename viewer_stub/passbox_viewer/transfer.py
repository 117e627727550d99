"""One transfer as the viewer knows it, and what a person asks of it. Pure; see transfers.py."""

from dataclasses import dataclass
from typing import Final

from passbox_viewer.existing import Answer
from passbox_viewer.identity import LocalIdentity
from passbox_viewer.patients import NOBODY_DECIDED, Patients
from passbox_viewer.refusal import Refusal
from passbox_viewer.renaming import KEEPING, Renaming
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import Delivery, Facts
from passbox_wire.states import DeliveryState, ForwardState

_UNFINISHED: Final = frozenset({DeliveryState.ARRIVING, DeliveryState.ABANDONED})
MORE_CAME: Final = "more came"
"""Why not all is in the PACS although all that was sent is."""
DECIDED: Final = "decided"
"""A person said which patients go; nothing was sent since."""
LINK_HOLDER: Final = "holder of the link"
"""Without a login that is all we know of who acts."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer. ``delivery`` is None until the poller spoke of it.

    ``forward_pacs`` names the PACS last asked, ``forward_problem`` is a stable word, both may be
    empty; ``forward_time`` in Unix seconds, ``forward_author`` who asked last. ``identity`` is the
    house's patient, given with the first request to forward and never changed: all its images go
    under one identity, but those of ``patients`` who are left out. ``renaming`` says under which
    UIDs they go to ``forward_pacs``.
    """

    id: TransferId
    ae_title: str
    facts: Facts
    delivery: Delivery | None
    forward_state: ForwardState
    forward_pacs: str
    forward_problem: str
    forward_time: int | None
    refusal: Refusal | None = None
    identity: LocalIdentity | None = None
    identity_time: int | None = None
    renaming: Renaming = KEEPING
    patients: Patients = NOBODY_DECIDED
    forward_author: str = ""

    @property
    def stands_still(self) -> bool:
        """Whether it is a person's to show what has come: the poller spoke of it unfinished."""
        return self.forward_state is ForwardState.STAGED and is_unfinished(self.delivery)


def is_unfinished(delivery: Delivery | None) -> bool:
    """Return whether the poller told how far a transfer came without a verdict."""
    return delivery is not None and delivery.state in _UNFINISHED


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for.

    ``pacs`` names the archive; ``identity`` is the house's patient, None to keep the sender's, and
    ``same`` the keys of the sender's patients who were seen beside it;
    ``answer`` says what to do about what the archive holds, None when it holds nothing; ``anew``
    whether nothing has been sent to this archive yet.
    """

    pacs: str
    identity: LocalIdentity | None = None
    answer: Answer | None = None
    author: str = LINK_HOLDER
    anew: bool = True
    same: tuple[str, ...] = ()
