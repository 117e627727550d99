"""What a UID may be and which SOP classes C-STORE can carry (PS3.5 section 9, PS3.6 annex A).

It knows names from pydicom's dictionary; a UID it does not know is a vendor's or a newer
standard's, and is let through: the PACS decides about those, not we.
"""

import re
from functools import lru_cache
from typing import Final

MEDIA_STORAGE_DIRECTORY: Final = "1.2.840.10008.1.3.10"
IMPLICIT_LITTLE: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG: Final = "1.2.840.10008.1.2.2"
MAX_UID_CHARACTERS: Final = 64

_SHAPE: Final = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_STANDARD_ROOT: Final = "1.2.840.10008."
_IMAGES: Final = _STANDARD_ROOT + "5.1.4.1.1."
_NO_IMAGES: Final = (_IMAGES + "200.", _IMAGES + "201.")
"""Below the images' root, but with services among them that store nothing."""


def is_uid(text: str | None) -> bool:
    """Return whether ``text`` is usable as a UID; leading zeros pass."""
    return text is not None and len(text) <= MAX_UID_CHARACTERS and bool(_SHAPE.fullmatch(text))


@lru_cache(maxsize=1024)
def is_storage_class(uid: str) -> bool:
    """Return whether C-STORE can carry instances of this SOP class, as far as anybody can know.

    Private classes and classes newer than the dictionary count as storage.
    """
    if uid == MEDIA_STORAGE_DIRECTORY:
        return False
    if not uid.startswith(_STANDARD_ROOT):
        return True
    if uid.startswith(_IMAGES) and not uid.startswith(_NO_IMAGES):
        return True
    # Loaded when first needed: pydicom takes longer to come up than a disc to show its first study.
    from pydicom.uid import UID

    known = UID(uid)
    if not known.type:
        return uid.startswith(_STANDARD_ROOT + "5.1.4.")
    return known.type == "SOP Class" and "Storage" in known.name and "Commitment" not in known.name


def is_private(uid: str) -> bool:
    """Return whether a UID is a manufacturer's own: outside the standard's root."""
    return not uid.startswith(_STANDARD_ROOT)
