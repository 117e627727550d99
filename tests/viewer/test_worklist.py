"""The house's patient from its modality worklist: dcmtk's wlmscpfs as the real one."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from passbox_viewer.settings import Forward, Worklist
from passbox_viewer.worklist import Order, WorklistLink
from tests.parts.dcmtk import Scp, running_wlmscpfs
from tests.parts.programs import free_port
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import an_image
from tests.viewer.pressing import ask, last_event
from tests.viewer.scripted_pacs import running_pacs

pytestmark = pytest.mark.parts


def an_order(
    name: str = "Doe^Jane",
    *,
    patient_id: str = "H-0815",
    accession: str = "A-77",
    birth_date: str = "19620314",
    issuer: str = "",
) -> Dataset:
    """Return a scheduled procedure step."""
    order = Dataset()
    order.SpecificCharacterSet = "ISO_IR 192"
    order.AccessionNumber, order.PatientName, order.PatientID = accession, name, patient_id
    if issuer:
        order.IssuerOfPatientID = issuer
    order.PatientBirthDate, order.PatientSex = birth_date, "F"
    order.StudyInstanceUID = f"1.2.3.{len(name)}"
    order.RequestedProcedureID, order.RequestedProcedureDescription = "1", "CT Thorax"
    step = Dataset()
    step.Modality, step.ScheduledStationAETitle = "CT", "CT1"
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = "20260103", "0900"
    step.ScheduledProcedureStepDescription, step.ScheduledProcedureStepID = "Thorax", "1"
    order.ScheduledProcedureStepSequence = [step]
    return order


@contextmanager
def a_worklist(folder: Path, *orders: Dataset) -> Iterator[Worklist]:
    """Run a real worklist and lend its settings."""
    with running_wlmscpfs(folder, orders) as part:
        yield settings_of(part)


def settings_of(part: Scp) -> Worklist:
    """Return the settings of a running worklist."""
    return Worklist(host=part.host, port=part.port, ae_title=part.ae_title, issuer="HOSPITAL")


def look_up(house: House, page: str, query: str) -> str:
    """Ask as the page does, in English."""
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', house.browser.get(page).text)
    assert csrf
    form = {"csrf": csrf[1], "query": query, "lang": "en"}
    response = house.browser.post(f"{page}/worklist", data=form, follow_redirects=True)
    return response.text


def test_it_is_asked_by_number_and_by_name(tmp_path: Path) -> None:
    """Accession number, Patient ID and the beginning of a name find the order; wildcards do not."""
    orders = [
        an_order(),
        an_order("Müller^Jörg", patient_id="H-2", accession="A-78", issuer="OTHER"),
    ]
    with a_worklist(tmp_path, *orders) as worklist:
        link = WorklistLink(worklist, Forward())
        jane = Order("H-0815", "HOSPITAL", "A-77", "Doe^Jane", "19620314", "CT Thorax", "20260103")
        assert link.look_up("A-77") == (jane,)
        assert link.look_up(" H-0815 ") == (jane,)
        assert link.look_up("Doe, J") == (jane,)
        (joerg,) = link.look_up("Müller")
        assert (joerg.name, joerg.issuer) == ("Müller^Jörg", "OTHER")
        assert link.look_up("*") == link.look_up("???") == link.look_up("nobody") == ()


def test_an_order_leads_to_the_comparison_and_into_the_images(tmp_path: Path, medium: Path) -> None:
    """A found order stands beside the sender's patient, and its numbers go into the images."""
    with (
        a_worklist(tmp_path, an_order()) as worklist,
        running_pacs() as pacs,
        running_house(tmp_path, pacs=[pacs.settings], worklist=worklist) as house,
    ):
        page = house.visible(a_transfer(), [an_image(medium)])
        seen = last_event(house)
        found = look_up(house, page, "A-77").partition('class="order"')[2].partition("</form>")[0]
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', found))
        assert fields["local_name"] == "Doe, Jane"
        assert fields["issuer"] == "HOSPITAL"
        status, html = ask(house, page, **fields)
        assert status == 409
        assert "differs" not in html
        digest = re.search(r'name="confirm_identity" value="([0-9a-f]{64})"', html)
        assert digest
        assert ask(house, page, **fields, confirm_identity=digest[1])[0] == 303
        assert house.await_event(seen).in_pacs == 1

        ((_, data),) = pacs.received
        made = pydicom.dcmread(io.BytesIO(data), force=True)
        assert (made.PatientID, made.IssuerOfPatientID, made.AccessionNumber) == (
            "H-0815", "HOSPITAL", "A-77",
        )  # fmt: skip


def test_another_patient_of_the_worklist_is_a_mismatch(tmp_path: Path, medium: Path) -> None:
    """An order of somebody else is marked and asks for a reason."""
    with (
        a_worklist(tmp_path, an_order("Roe^Richard", birth_date="19500101")) as worklist,
        running_pacs() as pacs,
        running_house(tmp_path, pacs=[pacs.settings], worklist=worklist) as house,
    ):
        page = house.visible(a_transfer(), [an_image(medium)])
        found = look_up(house, page, "A-77").partition('class="order"')[2].partition("</form>")[0]
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', found))

        assert "Name or birth date differ" in ask(house, page, **fields)[1]
        assert pacs.received == []


def test_a_silent_worklist_is_told(tmp_path: Path, medium: Path) -> None:
    """When it does not answer the page says so, and the patient can be typed."""
    nobody = Worklist(host="127.0.0.1", port=free_port(), ae_title="NOBODY")
    with (
        running_pacs() as pacs,
        running_house(tmp_path, pacs=[pacs.settings], worklist=nobody) as house,
    ):
        page = house.visible(a_transfer(), [an_image(medium)])
        html = look_up(house, page, "A-77")

        assert "The worklist does not answer" in html
        assert 'name="patient_id"' in html
