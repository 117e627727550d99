"""Several patients in one transfer: who is sent, under whose ID, and who says so."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
import sqlalchemy as sa

from passbox_base import audit
from passbox_base.journal import Entry
from passbox_viewer.patients import Decided, Patients, Verdict
from passbox_viewer.tables import TRANSFERS
from passbox_wire.errors import IllegalTransition
from passbox_wire.states import ForwardState
from tests.viewer.house import House, a_delivery, a_transfer, running_house
from tests.viewer.images import an_image
from tests.viewer.pressing import last_event, press
from tests.viewer.scripted_pacs import ScriptedPacs, running_pacs
from tests.viewer.test_coercion import coerced, post

OTHER_SERIES = "1.2.826.0.1.3680043.10.2"
HOUSE_ID = "H-0815"


@pytest.fixture
def pacs() -> Iterator[ScriptedPacs]:
    """A PACS that does as it is told."""
    with running_pacs() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, pacs: ScriptedPacs) -> Iterator[House]:
    """A viewer that forwards to the scripted PACS."""
    with running_house(tmp_path, pacs=[pacs.settings]) as running:
        yield running


def roe(medium: Path, number: int = 2) -> Path:
    """Return an image of another patient."""
    return an_image(medium, number, name="Roe^Richard", series=OTHER_SERIES)


def stopped(house: House, pacs: ScriptedPacs, medium: Path) -> str:
    """Forward one patient under the house's ID, have another's image come, press again."""
    title = house.register(a_transfer())
    page = house.visible(a_transfer(), [an_image(medium)])
    coerced(house, page)
    pacs.received = []
    seen = last_event(house)
    assert house.store(title, [roe(medium)]) == [0]
    house.deliver(a_transfer(), a_delivery(delivered=2))
    more = house.await_event(seen)
    press(house, page)
    house.await_event(more.sequence)
    return page


def decide(house: House, page: str, **fields: str) -> tuple[int, str]:
    """Send a decision about the patient the page's first such form names; return what follows."""
    html = house.browser.get(page).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', html)
    (key, *_) = re.findall(r'name="patient" value="([0-9a-f]{64})"', html) or [""]
    form = {"csrf": csrf[1] if csrf else "", "patient": key, "lang": "en"} | fields
    answer = house.browser.post(f"{page}/patients", data=form)
    location = answer.headers.get("location")
    return answer.status_code, house.browser.get(location).text if location else answer.text


def send_again(house: House, page: str) -> int:
    """Press the button, and return how many images are in the PACS at the end."""
    seen = last_event(house)
    press(house, page)
    return house.await_event(seen).in_pacs


def chain(house: House) -> list[Entry]:
    """Return the audit's lines about patients."""
    entries = audit.entries(house.settings.store.folder / "audit.jsonl")
    return [entry for entry in entries if entry["event"] == "patient decided"]


def sent(pacs: ScriptedPacs) -> list[tuple[str, str]]:
    """Return name and Patient ID of each image the PACS got."""
    images = [pydicom.dcmread(BytesIO(data), force=True) for _, data in pacs.received]
    return [(str(one.PatientName), str(one.PatientID)) for one in images]


def test_another_patient_is_left_out_and_the_rest_is_in_the_pacs(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """With a reason: those images stay here and are named; no word of a note is in the audit."""
    page = stopped(house, pacs, medium)
    html = house.browser.get(page, params={"lang": "en"}).text
    assert pacs.received == []
    assert "Images have come that may be another patient" in html
    assert "Who is this?" in html
    assert "Send again" not in html

    assert "Nothing has happened" in decide(house, page, verdict="left out")[1]
    _, html = decide(
        house, page, verdict="left out", reason="wrong patient", note="Herr <Roe>, Haus B"
    )
    assert "Send again" in html
    assert send_again(house, page) == 1

    html = house.browser.get(page, params={"lang": "en"}).text
    assert pacs.received == []
    assert house.read(a_transfer()).forward_state is ForwardState.IN_PACS
    assert "In the PACS, 1 excepted" in html
    assert "Sent: by this link" in html
    assert "Herr &lt;Roe&gt;, Haus B" in html
    (entry,) = chain(house)
    assert (entry["author"], entry["reason"]) == ("holder of the link", "wrong patient")
    assert entry["facts"] == {"instances": 1, "verdict": "left out"}
    assert "Take back" not in html

    # The poller says the same once more: who is left out is no image that came later.
    house.deliver(a_transfer(), a_delivery(delivered=2))
    assert house.read(a_transfer()).forward_state is ForwardState.IN_PACS

    # A deletion takes the words about patients too.
    house.running.rooms.office.keeper.delete(a_transfer(), "a", "r")
    with house.running.inside.engine.connect() as connection:
        assert connection.scalar(sa.select(TRANSFERS.c.patients)) == ""


def test_the_same_patient_after_all_needs_a_reason(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """Named side by side and with a reason the images go under the house's ID, and only theirs."""
    page = stopped(house, pacs, medium)

    assert "Nothing has happened" in decide(house, page, verdict="same", note=" ")[1]
    assert decide(house, page, verdict="same", note="married", patient="0" * 64)[0] == 409
    assert pacs.received == []
    decide(house, page, verdict="same", note="married")
    assert send_again(house, page) == 2

    assert sent(pacs) == [("Roe^Richard", HOUSE_ID)]
    assert [entry["facts"]["verdict"] for entry in chain(house)] == ["same"]
    assert "married" not in str(chain(house))


def test_what_the_pacs_has_by_now_of_the_same_patient_is_a_question(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """Nobody was ever asked about the late images: they are looked for before they are sent."""
    page = stopped(house, pacs, medium)
    late = pydicom.dcmread(roe(medium))
    pacs.held[str(late.SOPInstanceUID)] = str(late.StudyInstanceUID)
    pacs.series[str(late.SOPInstanceUID)] = str(late.SeriesInstanceUID)
    decide(house, page, verdict="same", note="married")

    send_again(house, page)

    assert pacs.received == []
    assert house.read(a_transfer()).forward_problem == "there meanwhile"


def test_one_of_two_patients_is_sent_and_gets_the_house_s_id(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """Who is left out before anything is sent can be taken back; never both, and not while sent."""
    page = house.visible(a_transfer(), [an_image(medium), roe(medium)])
    keys = re.findall(r'name="patient" value="([0-9a-f]{64})"', house.browser.get(page).text)
    out = {"verdict": "left out", "reason": "wrong patient"}
    assert "first leave out who it is not" in post(house, page)[1]

    for verdict in (out, {"verdict": "open again"}, out):
        assert decide(house, page, patient=keys[1], **verdict)[0] == 303
    assert decide(house, page, patient=keys[0], **out)[0] == 409
    assert decide(house, page, patient=keys[1], csrf="0" * 64, **out)[0] == 403
    coerced(house, page)

    assert sent(pacs) == [("Doe^Jane", HOUSE_ID)]
    with pytest.raises(IllegalTransition):
        house.running.inside.transfers.decide(
            a_transfer(), keys[1], 1, "somebody", verdict=Verdict.SAME
        )


def test_two_records_of_one_patient_get_one_id(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """Two of the sender's IDs are one patient where name and birth date are the house's in both."""
    again = an_image(medium, 2, series=OTHER_SERIES, PatientID="other-9")
    page = house.visible(a_transfer(), [an_image(medium), again])

    assert "other-9" in post(house, page)[1]
    coerced(house, page)

    assert house.read(a_transfer()).forward_state is ForwardState.IN_PACS
    assert sent(pacs) == [("Doe^Jane", HOUSE_ID)] * 2


def test_the_record_reads_as_it_was_written() -> None:
    """Every word about a patient comes back; nothing is an empty text."""
    word = Decided("ab", Verdict.LEFT_OUT, "other", "Grüße", "dr.ada", 7)

    assert Patients.parse(Patients((word,)).encode()) == Patients((word,))
    assert Patients().encode() == ""
    assert Patients.parse("") == Patients()
