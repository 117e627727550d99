"""What can go wrong in the viewer, ours and theirs apart.

    ViewerError
    ├── TheirFault
    │   ├── UnknownTransfer      the poller speaks of a transfer it never registered
    │   ├── AttachmentConflict   other bytes under an index that is held
    │   ├── OrderRefused         an order that makes no sense
    │   ├── UnusableInstance     a C-STORE without UIDs that could name anything
    │   ├── UnreadableInstance   the worker found no image in it, or did not survive it
    │   ├── NoPicture            this picture cannot be drawn; ``reason`` is a stable word
    │   └── CannotCopy           no faithful copy in another form can be made of it
    ├── ArchiveChanged           the house's archive has no longer, or not, what it was given
    ├── ArchiveFailed            the house's archive did not do its part; may be tried again
    ├── NoOhif                   what should be OHIF is not there; the pages do without
    └── PacsFailed               the PACS did not do its part; may be tried again
        ├── PacsUnreachable      no association
        └── PacsAnswered         a status that is no success; ``status`` is the DIMSE status

Messages name our own numbers. They never repeat what came from outside.
"""

from typing import Final

CHANGED: Final = "changed in the archive"
AWAY: Final = "the archive does not answer"
"""Reasons of NoPicture that a page tells."""


class ViewerError(Exception):
    """Root of everything this package raises on purpose."""


class TheirFault(ViewerError):
    """A peer, or data from a peer, broke a rule."""


class UnknownTransfer(TheirFault):
    """No transfer of that id was registered."""


class AttachmentConflict(TheirFault):
    """Other bytes are held under this index; they were not changed."""


class OrderRefused(TheirFault):
    """An order without an author or a reason, or about what is none; nothing was changed."""


class UnusableInstance(TheirFault):
    """The command names no usable SOP class and instance."""


class UnreadableInstance(TheirFault):
    """The worker found no image in the bytes, or did not survive them."""


class NoPicture(TheirFault):
    """A picture that cannot be drawn; ``reason`` is one of our own words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CannotCopy(TheirFault):
    """No copy that is proved to be faithful can be made; the message is one of our own words."""


class ArchiveChanged(ViewerError):
    """The house's archive does not have the image it was given. Trying again is of no use."""


class ArchiveFailed(ViewerError):
    """The house's archive did not do its part. The same may be tried again."""


class NoOhif(ViewerError):
    """The folder holds no OHIF that can be handed out."""


class PacsFailed(ViewerError):
    """The PACS did not do its part. The same may be tried again."""


class PacsUnreachable(PacsFailed):
    """No association: nobody listens, or we are not known there."""


class PacsAnswered(PacsFailed):
    """The PACS answered with a status that is no success (PS3.7 annex C)."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status 0x{status:04X}")
        self.status = status
