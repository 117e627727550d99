"""What the web viewer's origin is made of; made only where OHIF is installed.

An installation without OHIF, or with half of one, is no fault: the pages keep to their previews.
"""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from passbox_base.logs import get_logger
from passbox_viewer.capabilities import Capabilities
from passbox_viewer.describing import Describer
from passbox_viewer.dicomweb_app import Images
from passbox_viewer.dicomweb_images import WebImages
from passbox_viewer.errors import NoOhif
from passbox_viewer.lending import Lending
from passbox_viewer.ohif import Installed, installed
from passbox_viewer.ohif_door import Door
from passbox_viewer.previews import Previews
from passbox_viewer.settings import Hospital, Settings
from passbox_viewer.store import Store
from passbox_viewer.transfers import Transfers

_LOG = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the pages show too."""

    engine: sa.Engine
    store: Store
    lender: Lending
    transfers: Transfers
    describer: Describer
    previews: Previews
    web_images: WebImages


@dataclass(frozen=True, slots=True)
class OhifRooms:
    """What the origin shows; ``door`` leads to it from the study page."""

    installed: Installed
    images: Images
    transfers: Transfers
    hospital: Hospital
    door: Door


@contextlib.contextmanager
def ohif_rooms(settings: Settings, stored: Stored) -> Iterator[OhifRooms | None]:
    """Return what serves OHIF until the block ends, None where there is no OHIF."""
    if settings.ohif is None:
        yield None
        return
    try:
        found = installed(settings.ohif.folder)
    except NoOhif:
        _LOG.warning("no OHIF where the settings say; pages have previews only")
        yield None
        return
    images = Images(
        stored.engine,
        Capabilities(secrets.token_bytes, stored.transfers.opened_by),
        stored.describer,
        stored.web_images,
        stored.previews,
        settings.login,
    )
    door = Door(images, settings.ohif.base_url)
    try:
        yield OhifRooms(found, images, stored.transfers, settings.hospital, door)
    finally:
        door.close()
