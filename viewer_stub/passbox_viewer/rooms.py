"""What the pages show and act on, handed to each group of them."""

from dataclasses import dataclass

import sqlalchemy as sa

from passbox_viewer.describing import Describer
from passbox_viewer.dicomweb_images import WebImages
from passbox_viewer.forward import Forwarder
from passbox_viewer.index import Index
from passbox_viewer.lending import Lending
from passbox_viewer.media_records import Records
from passbox_viewer.office import Office
from passbox_viewer.ohif_door import Door
from passbox_viewer.previews import Previews
from passbox_viewer.settings import Hospital, Login
from passbox_viewer.store import Store
from passbox_viewer.transfers import Transfers
from passbox_viewer.worklist import WorklistLink


@dataclass(frozen=True, slots=True)
class Rooms:
    """The parts of one viewer behind its pages."""

    engine: sa.Engine
    store: Store
    lender: Lending
    index: Index
    transfers: Transfers
    describer: Describer
    previews: Previews
    web_images: WebImages
    records: Records
    forwarder: Forwarder
    worklist: WorklistLink
    hospital: Hospital
    login: Login
    office: Office
    ohif: Door | None = None
