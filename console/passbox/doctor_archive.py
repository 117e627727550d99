"""What `passbox doctor` says of a house's own archive: does it take, list and give images?

Asked are C-ECHO and QIDO-RS. It stores nothing there: whether it takes an image and gives it back
unchanged is seen with each one that arrives (passbox_viewer.archiving).
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Final

from passbox.doctor import Diagnosis
from passbox_base.errors import BaseError
from passbox_viewer.archive_web import ArchiveWeb
from passbox_viewer.archiving import archive_link
from passbox_viewer.errors import ArchiveFailed, PacsFailed
from passbox_viewer.settings import Archive, Forward

_VERIFICATION: Final = "1.2.840.10008.1.1"
_NOBODYS: Final = "1.2.826.0.1.3680043.10.43.0"
"""A UID that is asked for and that no archive lists."""
_NO_NAMESPACE: Final = (
    "images are kept in an archive of the house: transfers have no namespace of their own there, "
    "it may merge what has the same Patient ID, and its own clock deletes (viewer_stub/README.md)"
)


def look_at(archive: Archive, forward: Forward) -> Iterator[Diagnosis]:
    """Yield what is to be known of the archive, and what it does not answer."""
    yield Diagnosis(_NO_NAMESPACE, None, note=True)
    where = f"the archive {archive.ae_title} at {archive.host}:{archive.port}"
    answers = _echoes(archive, forward)
    yield Diagnosis(
        f"{where} {'answers C-ECHO' if answers else 'and C-ECHO'}",
        None if answers else f"no answer: does it run, and know {forward.ae_title}?",
    )
    yield _lists(archive)


def _echoes(archive: Archive, forward: Forward) -> bool:
    try:
        with archive_link(archive, forward).association([(_VERIFICATION, None)]) as association:
            return bool(association.send_c_echo().get("Status") == 0)
    except (PacsFailed, OSError, RuntimeError, ValueError):
        return False


def _lists(archive: Archive) -> Diagnosis:
    what = f"the archive's DICOMweb at {archive.dicomweb}"
    try:
        with closing(ArchiveWeb(archive)) as web:
            web.places(_NOBODYS)
    except ArchiveFailed as error:
        return Diagnosis(f"{what} and QIDO-RS", str(error))
    except BaseError as error:
        return Diagnosis(f"{what} and its password", str(error))
    return Diagnosis(f"{what} answers QIDO-RS", None)
