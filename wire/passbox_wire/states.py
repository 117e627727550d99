"""The three lives of a transfer as tables: (state, event) -> state. Every other pair is illegal.

    upload     written by the receiver   what the DMZ holds
    delivery   written by the poller     what was opened, checked and stored inside
    forward    written by the viewer     what a person did with it

Pure data: no state is stored here and nothing happens on a transition. An event that may come twice
(each request may) is a legal pair that leads back to its own state. docs/contract.md draws them.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from passbox_wire.errors import IllegalTransition

StateT = TypeVar("StateT", bound=StrEnum)
EventT = TypeVar("EventT", bound=StrEnum)


class UploadState(StrEnum):
    """What the DMZ holds of a transfer."""

    OPENED = "opened"
    RECEIVING = "receiving"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    EXPIRED = "expired"
    STOPPED = "stopped"


class UploadEvent(StrEnum):
    """What happens to an upload."""

    OPENED_AGAIN = "opened again"
    PACK_STORED = "pack stored"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    IDLE_TOO_LONG = "idle too long"
    STOPPED_FROM_INSIDE = "stopped from inside"


UPLOAD: Final[Mapping[tuple[UploadState, UploadEvent], UploadState]] = {
    (UploadState.OPENED, UploadEvent.OPENED_AGAIN): UploadState.OPENED,
    (UploadState.OPENED, UploadEvent.PACK_STORED): UploadState.RECEIVING,
    (UploadState.OPENED, UploadEvent.CANCELLED): UploadState.CANCELLED,
    (UploadState.OPENED, UploadEvent.IDLE_TOO_LONG): UploadState.EXPIRED,
    (UploadState.OPENED, UploadEvent.STOPPED_FROM_INSIDE): UploadState.STOPPED,
    (UploadState.RECEIVING, UploadEvent.OPENED_AGAIN): UploadState.RECEIVING,
    (UploadState.RECEIVING, UploadEvent.PACK_STORED): UploadState.RECEIVING,
    (UploadState.RECEIVING, UploadEvent.CLOSED): UploadState.CLOSED,
    (UploadState.RECEIVING, UploadEvent.CANCELLED): UploadState.CANCELLED,
    (UploadState.RECEIVING, UploadEvent.IDLE_TOO_LONG): UploadState.ABANDONED,
    (UploadState.RECEIVING, UploadEvent.STOPPED_FROM_INSIDE): UploadState.STOPPED,
    # A closed transfer never expires and can no longer be withdrawn here: it is the inside's.
    (UploadState.CLOSED, UploadEvent.OPENED_AGAIN): UploadState.CLOSED,
    (UploadState.CLOSED, UploadEvent.CLOSED): UploadState.CLOSED,
    (UploadState.CLOSED, UploadEvent.STOPPED_FROM_INSIDE): UploadState.STOPPED,
    (UploadState.CANCELLED, UploadEvent.CANCELLED): UploadState.CANCELLED,
    (UploadState.ABANDONED, UploadEvent.IDLE_TOO_LONG): UploadState.ABANDONED,
    (UploadState.EXPIRED, UploadEvent.IDLE_TOO_LONG): UploadState.EXPIRED,
    # The inside may say stop while the sender cancels or the clock runs out: what ended, ended.
    (UploadState.CANCELLED, UploadEvent.STOPPED_FROM_INSIDE): UploadState.CANCELLED,
    (UploadState.ABANDONED, UploadEvent.STOPPED_FROM_INSIDE): UploadState.ABANDONED,
    (UploadState.EXPIRED, UploadEvent.STOPPED_FROM_INSIDE): UploadState.EXPIRED,
    (UploadState.STOPPED, UploadEvent.STOPPED_FROM_INSIDE): UploadState.STOPPED,
}


class DeliveryState(StrEnum):
    """What is known inside about a transfer's completeness."""

    ARRIVING = "arriving"
    COMPLETE = "complete"
    PARTIAL = "partial"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    WITHDRAWN = "withdrawn"


class DeliveryEvent(StrEnum):
    """What happens to a delivery.

    The three verdicts (all, some, none accepted) need a verified manifest; silence is no event.
    """

    FILE_CHECKED = "file checked"
    RELEASED_BY_STAFF = "released by staff"
    ALL_ACCEPTED = "all accepted"
    SOME_ACCEPTED = "some accepted"
    NONE_ACCEPTED = "none accepted"
    UPLOAD_ENDED = "upload ended without manifest"
    CANCELLED_BY_SENDER = "cancelled by sender"
    STOPPED = "stopped"


_VERDICTS: Final = {
    DeliveryEvent.ALL_ACCEPTED: DeliveryState.COMPLETE,
    DeliveryEvent.SOME_ACCEPTED: DeliveryState.PARTIAL,
    DeliveryEvent.NONE_ACCEPTED: DeliveryState.REFUSED,
}

DELIVERY: Final[Mapping[tuple[DeliveryState, DeliveryEvent], DeliveryState]] = {
    (DeliveryState.ARRIVING, DeliveryEvent.FILE_CHECKED): DeliveryState.ARRIVING,
    (DeliveryState.ARRIVING, DeliveryEvent.RELEASED_BY_STAFF): DeliveryState.ARRIVING,
    **{(DeliveryState.ARRIVING, verdict): state for verdict, state in _VERDICTS.items()},
    (DeliveryState.ARRIVING, DeliveryEvent.UPLOAD_ENDED): DeliveryState.ABANDONED,
    (DeliveryState.ARRIVING, DeliveryEvent.CANCELLED_BY_SENDER): DeliveryState.WITHDRAWN,
    (DeliveryState.ARRIVING, DeliveryEvent.STOPPED): DeliveryState.REFUSED,
    (DeliveryState.ABANDONED, DeliveryEvent.FILE_CHECKED): DeliveryState.ABANDONED,
    (DeliveryState.ABANDONED, DeliveryEvent.RELEASED_BY_STAFF): DeliveryState.ABANDONED,
    # A manifest that comes late still completes what had been given up.
    **{(DeliveryState.ABANDONED, verdict): state for verdict, state in _VERDICTS.items()},
    (DeliveryState.ABANDONED, DeliveryEvent.UPLOAD_ENDED): DeliveryState.ABANDONED,
    (DeliveryState.ABANDONED, DeliveryEvent.CANCELLED_BY_SENDER): DeliveryState.WITHDRAWN,
    (DeliveryState.ABANDONED, DeliveryEvent.STOPPED): DeliveryState.REFUSED,
    (DeliveryState.COMPLETE, DeliveryEvent.ALL_ACCEPTED): DeliveryState.COMPLETE,
    # A person may release a quarantined file later: a verdict can get better, never worse.
    (DeliveryState.PARTIAL, DeliveryEvent.SOME_ACCEPTED): DeliveryState.PARTIAL,
    (DeliveryState.PARTIAL, DeliveryEvent.ALL_ACCEPTED): DeliveryState.COMPLETE,
    (DeliveryState.REFUSED, DeliveryEvent.NONE_ACCEPTED): DeliveryState.REFUSED,
    (DeliveryState.REFUSED, DeliveryEvent.SOME_ACCEPTED): DeliveryState.PARTIAL,
    (DeliveryState.REFUSED, DeliveryEvent.ALL_ACCEPTED): DeliveryState.COMPLETE,
    (DeliveryState.REFUSED, DeliveryEvent.STOPPED): DeliveryState.REFUSED,
    (DeliveryState.WITHDRAWN, DeliveryEvent.CANCELLED_BY_SENDER): DeliveryState.WITHDRAWN,
}


class ForwardState(StrEnum):
    """What people can see of a transfer inside and what was done with it."""

    STAGED = "staged"
    VISIBLE = "visible"
    FORWARDING = "forwarding"
    IN_PACS = "in PACS"
    FAILED = "failed"
    REFUSED = "refused"


class ForwardEvent(StrEnum):
    """What happens on the way to the PACS.

    PROVED is storage commitment or C-FIND, never our own C-STORE status.
    """

    RELEASED = "released"
    REQUESTED = "requested"
    PROVED = "proved"
    FAILED = "failed"
    REFUSED_BY_STAFF = "refused by staff"


FORWARD: Final[Mapping[tuple[ForwardState, ForwardEvent], ForwardState]] = {
    (ForwardState.STAGED, ForwardEvent.RELEASED): ForwardState.VISIBLE,
    (ForwardState.STAGED, ForwardEvent.REFUSED_BY_STAFF): ForwardState.REFUSED,
    (ForwardState.VISIBLE, ForwardEvent.RELEASED): ForwardState.VISIBLE,
    (ForwardState.VISIBLE, ForwardEvent.REQUESTED): ForwardState.FORWARDING,
    (ForwardState.VISIBLE, ForwardEvent.REFUSED_BY_STAFF): ForwardState.REFUSED,
    (ForwardState.FORWARDING, ForwardEvent.RELEASED): ForwardState.FORWARDING,
    (ForwardState.FORWARDING, ForwardEvent.REQUESTED): ForwardState.FORWARDING,
    (ForwardState.FORWARDING, ForwardEvent.PROVED): ForwardState.IN_PACS,
    (ForwardState.FORWARDING, ForwardEvent.FAILED): ForwardState.FAILED,
    (ForwardState.FAILED, ForwardEvent.RELEASED): ForwardState.FAILED,
    (ForwardState.FAILED, ForwardEvent.REQUESTED): ForwardState.FORWARDING,
    (ForwardState.FAILED, ForwardEvent.FAILED): ForwardState.FAILED,
    (ForwardState.FAILED, ForwardEvent.REFUSED_BY_STAFF): ForwardState.REFUSED,
    (ForwardState.IN_PACS, ForwardEvent.RELEASED): ForwardState.IN_PACS,
    (ForwardState.IN_PACS, ForwardEvent.REQUESTED): ForwardState.IN_PACS,
    (ForwardState.IN_PACS, ForwardEvent.PROVED): ForwardState.IN_PACS,
    # Images may come after the proof, out of quarantine for one: then not all are there (ADR 0010).
    (ForwardState.IN_PACS, ForwardEvent.FAILED): ForwardState.FAILED,
    (ForwardState.REFUSED, ForwardEvent.RELEASED): ForwardState.REFUSED,
    (ForwardState.REFUSED, ForwardEvent.REFUSED_BY_STAFF): ForwardState.REFUSED,
}


def after(table: Mapping[tuple[StateT, EventT], StateT], state: StateT, event: EventT) -> StateT:
    """Return the state that follows; raise IllegalTransition when there is none."""
    try:
        return table[state, event]
    except KeyError:
        raise IllegalTransition(state, event) from None
