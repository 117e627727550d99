"""Whether what is under a path is still the medium that was looked at.

Another disc in the same drive has other images under the same names, perhaps of the same size. A
SOP Instance UID is made once in the world (PS3.5 section 9), so one that stands where it stood says
that it is the same disc. Parses nothing: the UID is looked for as bytes.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final, Protocol

from passbox_dicom.errors import MediumError
from passbox_dicom.medium import Medium

_HEAD: Final = 64 * 1024
"""Bytes in which a header says its UID: group 0002, or (0008,0018) near the front."""
_TRIED: Final = 5
"""Files that are looked at: one may have become unreadable."""


class Known(Protocol):
    """A file as it was found."""

    @property
    def parts(self) -> tuple[str, ...]: ...
    @property
    def size(self) -> int: ...
    @property
    def sop_instance_uid(self) -> str: ...


def is_still(medium: Medium, files: Iterable[Known]) -> bool:
    """Return whether one of the first files is where it was. True when there was none."""
    tried = list(islice(files, _TRIED))
    return not tried or any(_is_there(medium, file) for file in tried)


def _is_there(medium: Medium, file: Known) -> bool:
    try:
        with medium.open_file(file.parts) as source:
            head = source.read(_HEAD)
    except (OSError, MediumError):
        return False
    return len(head) == min(file.size, _HEAD) and file.sop_instance_uid.encode() in head
