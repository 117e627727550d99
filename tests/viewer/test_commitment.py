import io
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity

from passbox_viewer.commitment import Commitments
from passbox_viewer.instances import Forwarding, Proof
from passbox_viewer.pacs import STORAGE_COMMITMENT, PacsLink
from passbox_viewer.settings import Forward, Pacs
from passbox_viewer.store import Claims
from passbox_wire.inner.viewer import EventKind
from tests.parts.orthanc import Orthanc
from tests.parts.programs import LOOPBACK, free_port
from tests.viewer.house import DEADLINE, House, a_transfer, running_house
from tests.viewer.images import STUDY, an_image
from tests.viewer.pressing import last_event, press
from tests.viewer.scripted_pacs import AE_TITLE, ScriptedPacs, running_pacs


@pytest.fixture
def pacs() -> Iterator[ScriptedPacs]:
    """A PACS that offers storage commitment."""
    with running_pacs(commits=True) as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, pacs: ScriptedPacs) -> Iterator[House]:
    """A viewer that such a PACS can reach with its reports."""
    forward = Forward(commitment_port=0, commitment_seconds=30)
    with running_house(tmp_path, pacs=[pacs.settings], forward=forward) as running:
        yield running


@pytest.fixture
def impatient(tmp_path: Path, pacs: ScriptedPacs) -> Iterator[House]:
    """A viewer that waits a second for a report."""
    forward = Forward(commitment_port=0, commitment_seconds=1)
    with running_house(tmp_path, pacs=[pacs.settings], forward=forward) as running:
        yield running


def proofs(house: House) -> list[Proof]:
    """Return by which word each instance is in the PACS."""
    return [row.proof for row in house.instances(a_transfer())]


def test_commitment_is_the_proof_where_it_is_offered(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """A PACS that commits is asked for that, once, and the page says so."""
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2, 3)])
    seen = last_event(house)
    press(house, page)

    assert house.await_event(seen).in_pacs == 3
    assert proofs(house) == [Proof.COMMITTED] * 3
    assert pacs.asked_to_commit == [[f"{STUDY}.1.{n}" for n in (1, 2, 3)]]
    assert "storage commitment" in house.browser.get(page, params={"lang": "en"}).text


def test_what_the_pacs_does_not_commit_to_is_not_in_it(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """A withheld commitment is not overruled by the list; the others are in."""
    pacs.withheld = {f"{STUDY}.1.2"}
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2, 3)])
    seen = last_event(house)
    press(house, page)
    event = house.await_event(seen)

    assert (event.kind, event.in_pacs) == (EventKind.FORWARD_FAILED, 2)
    states = [row.forwarding for row in house.instances(a_transfer())]
    assert states == [Forwarding.IN_PACS, Forwarding.SENT, Forwarding.IN_PACS]


def test_a_report_counts_for_what_was_asked_only(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """An instance is not in the PACS because a report names it under another SOP class."""
    image = an_image(medium)
    uid = pydicom.dcmread(image).SOPInstanceUID
    pacs.withheld, pacs.lies = {uid}, ("1.2.840.10008.5.1.4.1.1.4", uid)
    page = house.visible(a_transfer(), [image])
    seen = last_event(house)
    press(house, page)

    assert house.await_event(seen).in_pacs == 0


def test_without_a_report_the_list_is_the_proof(
    impatient: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """A PACS that takes the request and stays silent is asked what it lists, by C-FIND."""
    pacs.silent = True
    page = impatient.visible(a_transfer(), [an_image(medium)])
    seen = last_event(impatient)
    press(impatient, page)

    assert impatient.await_event(seen).in_pacs == 1
    assert proofs(impatient) == [Proof.LISTED]
    assert len(pacs.asked_to_commit) == 1


def test_without_the_offer_the_list_is_the_proof(tmp_path: Path, medium: Path) -> None:
    """A PACS without storage commitment is asked what it lists."""
    with (
        running_pacs() as pacs,
        running_house(tmp_path, pacs=[pacs.settings], forward=Forward(commitment_port=0)) as house,
    ):
        page = house.visible(a_transfer(), [an_image(medium)])
        seen = last_event(house)
        press(house, page)

        assert house.await_event(seen).in_pacs == 1
        assert proofs(house) == [Proof.LISTED]


def test_a_report_is_answered_before_the_association_is_let_go(pacs: ScriptedPacs) -> None:
    """Whoever has heard the report does not end the association under the answer to it."""
    heard, let_go = threading.Event(), threading.Event()
    pacs.on_release = let_go.set

    def take(_event: Any) -> tuple[int, None]:
        heard.set()
        assert not let_go.wait(0.3), "released in the middle of the answer"
        return 0x0000, None

    link = PacsLink(pacs.settings, Forward())
    with link.committing((evt.EVT_N_EVENT_REPORT, take)) as request:
        request.send("2.25.1", [Claims(CTImageStorage, f"{STUDY}.1.1", ExplicitVRLittleEndian)])
        assert heard.wait(DEADLINE)

    assert let_go.wait(DEADLINE)
    assert pacs.answers == [0x0000]


def test_a_pacs_that_keeps_its_association_does_not_keep_the_viewer() -> None:
    """What a PACS opened for its reports and does not close is ended when the viewer stops."""
    port, ended = free_port(), threading.Event()
    commitments = Commitments(Forward(commitment_port=port), [AE_TITLE], secrets.token_bytes)
    commitments.start()
    entity = ApplicationEntity(AE_TITLE)
    entity.add_requested_context(STORAGE_COMMITMENT)
    association = entity.associate(
        LOOPBACK,
        port,
        ae_title=Forward().ae_title,
        evt_handlers=[(evt.EVT_ABORTED, lambda _event: ended.set())],
    )
    assert association.is_established

    commitments.stop()

    assert ended.wait(DEADLINE)


@pytest.mark.parts
def test_orthanc_commits(tmp_path: Path, orthanc: Orthanc, medium: Path) -> None:
    """A real Orthanc reports on an association of its own, and has the images it commits to."""
    images = [an_image(medium, n) for n in (1, 2, 3)]
    real = Pacs(name="PACS", host=orthanc.host, port=orthanc.dicom_port, ae_title=orthanc.ae_title)
    forward = Forward(commitment_port=orthanc.storage_commitment_port)
    with running_house(tmp_path, pacs=[real], forward=forward) as house:
        page = house.visible(a_transfer(), images)
        seen = last_event(house)
        press(house, page)

        assert house.await_event(seen).in_pacs == 3
        assert proofs(house) == [Proof.COMMITTED] * 3
    kept = orthanc.instance(f"{STUDY}.1.1")
    assert pydicom.dcmread(io.BytesIO(kept)).PatientName == "Doe^Jane"
