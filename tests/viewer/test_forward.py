import io
import re
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest

from passbox_base import audit
from passbox_viewer.instances import Forwarding
from passbox_viewer.settings import Pacs
from passbox_viewer.transfer import Request
from passbox_wire.inner.viewer import EventKind, parse_instances
from passbox_wire.states import ForwardState
from tests.parts.dcmtk import Scp, dcmdump, dcmsend
from tests.parts.orthanc import Orthanc
from tests.parts.programs import free_port
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import STUDY, an_image, data_set
from tests.viewer.pressing import confirmed, last_event, press
from tests.viewer.scripted_pacs import ScriptedPacs, running_pacs


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


def test_in_pacs_is_what_the_pacs_lists(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """All bytes go out unchanged as PASSBOX, and the PACS's own list makes them in PACS."""
    images = [an_image(medium, n) for n in (1, 2, 3)]
    page = house.visible(a_transfer(), images)
    seen = last_event(house)

    assert press(house, page) == 303
    event = house.await_event(seen)

    assert (event.kind, event.in_pacs) == (EventKind.FORWARDED, 3)
    assert [data for _, data in pacs.received] == [data_set(image) for image in images]
    assert pacs.calling == {"PASSBOX"}
    assert house.read(a_transfer()).forward_state is ForwardState.IN_PACS
    answer = house.ask("GET", f"/inner/v1/transfers/{a_transfer()}/instances")
    assert [one.in_pacs for one in parse_instances(answer.content)] == [True] * 3
    assert "Im PACS" in house.browser.get(page, params={"lang": "de"}).text


def test_our_own_success_proves_nothing(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """A PACS that answers success and then does not list the image leaves it not in PACS."""
    pacs.forgets = True
    page = house.visible(a_transfer(), [an_image(medium)])
    seen = last_event(house)

    press(house, page)
    event = house.await_event(seen)

    assert (event.kind, event.in_pacs) == (EventKind.FORWARD_FAILED, 0)
    assert [row.forwarding for row in house.instances(a_transfer())] == [Forwarding.SENT]
    assert house.read(a_transfer()).forward_problem == "not listed"


def test_one_refused_image_is_told_and_can_be_sent_again_alone(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """What was proved stays proved; pressing again sends only what is left."""
    images = [an_image(medium, n) for n in (1, 2, 3)]
    page = house.visible(a_transfer(), images)
    pacs.refused = {f"{STUDY}.1.2"}
    seen = last_event(house)
    press(house, page)
    failed = house.await_event(seen)
    assert (failed.kind, failed.in_pacs) == (EventKind.FORWARD_FAILED, 2)
    assert [row.forward_status for row in house.instances(a_transfer())] == [0, 0xA900, 0]

    html = house.browser.get(page, params={"lang": "en"}).text
    assert "Series 3, image 2" in html
    assert "refused by the PACS, status A900" in html
    assert "Series 3, image 1" not in html

    pacs.refused, pacs.received = set(), []
    assert press(house, page) == 303
    event = house.await_event(failed.sequence)

    assert (event.kind, event.in_pacs) == (EventKind.FORWARDED, 3)
    assert [uid for uid, _ in pacs.received] == [f"{STUDY}.1.2"]


def test_another_archive_is_asked_and_sent_to_anew(
    tmp_path: Path, pacs: ScriptedPacs, medium: Path
) -> None:
    """What one archive listed is not in the other: there a human is asked, and all is sent."""
    with running_pacs() as second:
        archives = [pacs.settings, second.settings.model_copy(update={"name": "SECOND"})]
        with running_house(tmp_path, pacs=archives) as house:
            images = [an_image(medium, n) for n in (1, 2)]
            page = house.visible(a_transfer(), images)
            pacs.refused = {f"{STUDY}.1.2"}
            seen = last_event(house)
            press(house, page)
            failed = house.await_event(seen)
            assert (failed.kind, failed.in_pacs) == (EventKind.FORWARD_FAILED, 1)

            second.held = {f"{STUDY}.1.9": STUDY}
            assert press(house, page, pacs="SECOND") == 409
            second.held = {}
            assert press(house, page, pacs="SECOND") == 303
            assert house.await_event(failed.sequence).in_pacs == 2
    assert sorted(uid for uid, _ in second.received) == [f"{STUDY}.1.1", f"{STUDY}.1.2"]


def test_a_warning_is_no_failure(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """What the PACS takes with a warning is taken; its status is kept per instance."""
    pacs.warned = {f"{STUDY}.1.2"}
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2)])
    seen = last_event(house)
    press(house, page)

    assert house.await_event(seen).in_pacs == 2
    assert [row.forward_status for row in house.instances(a_transfer())] == [0, 0xB007]


def test_a_known_study_is_a_question_about_exactly_what_was_found(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """Nothing is sent before a human confirmed; a confirmation of something else asks again."""
    pacs.held = {f"{STUDY}.1.1": STUDY}
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2)])
    seen = last_event(house)

    assert press(house, page) == 409
    assert press(house, page, confirm="00" * 32) == 409
    assert (pacs.received, house.events(seen)) == ([], ())
    assert house.read(a_transfer()).forward_state is ForwardState.VISIBLE

    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', house.browser.get(page).text)
    assert csrf
    question = house.browser.post(
        f"{page}/forward", data={"pacs": "PACS", "csrf": csrf[1], "lang": "en"}
    ).text
    assert "1 of the 2 images are there" in question
    assert press(house, page, confirm=confirmed(question), answer="something else") == 409
    assert press(house, page, confirm=confirmed(question)) == 303

    assert house.await_event(seen).in_pacs == 2


def test_a_cut_connection_loses_nothing(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """A PACS that dies in the middle leaves a failure; pressing again goes on with the rest."""
    images = [an_image(medium, n) for n in range(1, 7)]
    page = house.visible(a_transfer(), images)
    pacs.dies_after = 3
    seen = last_event(house)
    press(house, page)
    failed = house.await_event(seen)
    assert (failed.kind, failed.in_pacs) == (EventKind.FORWARD_FAILED, 3)

    pacs.dies_after, pacs.received = None, []
    press(house, page)

    assert house.await_event(failed.sequence).in_pacs == 6
    assert len(pacs.received) == 3


def test_pressing_twice_sends_nothing_twice(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """The button may be pressed again while and after it works; each image goes out once."""
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2, 3)])
    seen = last_event(house)
    html = house.browser.get(page).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', html)
    assert csrf
    form = {"pacs": "PACS", "csrf": csrf[1]}

    answers = [house.browser.post(f"{page}/forward", data=form).status_code for _ in range(3)]
    event = house.await_event(seen)
    answers.append(house.browser.post(f"{page}/forward", data=form).status_code)

    assert set(answers) == {303}
    assert len(pacs.received) == 3
    assert house.events(event.sequence) == ()


def test_a_restart_goes_on_where_it_stopped(
    tmp_path: Path, pacs: ScriptedPacs, medium: Path
) -> None:
    """A forward that a restart cut is taken up by itself, without sending again what is listed."""
    images = [an_image(medium, n) for n in (1, 2, 3)]
    with running_house(tmp_path, pacs=[pacs.settings]) as house:
        house.visible(a_transfer(), images)
        seen = last_event(house)
        inside = house.running.inside
        house.running.rooms.describer.complete(a_transfer())
        inside.transfers.request_forward(a_transfer(), Request("PACS"))
        first = house.instances(a_transfer())[0]
        inside.index.note_forwarding(first.number, Forwarding.SENT, 0)
        pacs.held[first.claims.sop_instance_uid] = STUDY

    with running_house(tmp_path, pacs=[pacs.settings]) as house:
        event = house.await_event(seen)

    assert (event.kind, event.in_pacs) == (EventKind.FORWARDED, 3)
    assert [uid for uid, _ in pacs.received] == [f"{STUDY}.1.2", f"{STUDY}.1.3"]


def test_of_two_images_with_one_uid_the_first_is_sent(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """The one kept beside is never sent, never in PACS, and the page says so."""
    first, beside = an_image(medium), an_image(medium, tilt=1)
    page = house.visible(a_transfer(), [first, beside])
    seen = last_event(house)

    press(house, page)

    assert house.await_event(seen).in_pacs == 1
    assert [data for _, data in pacs.received] == [data_set(first)]
    html = house.browser.get(page, params={"lang": "de"}).text
    assert "1 Bilder können nicht ins PACS" in html
    assert "Im PACS, 1 ausgenommen" in html


def test_an_unreachable_pacs_changes_nothing(tmp_path: Path, medium: Path) -> None:
    """When nobody answers the page says so, and the images are as they were."""
    nobody = Pacs(name="PACS", host="127.0.0.1", port=free_port(), ae_title="NOBODY")
    with running_house(tmp_path, pacs=[nobody]) as house:
        page = house.visible(a_transfer(), [an_image(medium)])
        seen = last_event(house)
        csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', house.browser.get(page).text)
        assert csrf

        answer = house.browser.post(
            f"{page}/forward", data={"pacs": "PACS", "csrf": csrf[1], "lang": "en"}
        )
        html = house.browser.get(answer.headers["location"]).text

        assert "The PACS cannot be reached" in html
        assert house.events(seen) == ()
        assert house.read(a_transfer()).forward_state is ForwardState.VISIBLE


def test_asking_and_proof_are_in_the_audit(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """Who asked and what was proved are lines of the chain, in this order."""
    page = house.visible(a_transfer(), [an_image(medium)])
    seen = last_event(house)
    press(house, page)
    house.await_event(seen)

    chain = list(audit.entries(house.settings.store.folder / "audit.jsonl"))

    told = [entry["event"] for entry in chain if entry["event"] != "looked at"]
    assert told == ["visible", "forward asked for", "forwarded"]


def test_the_button_says_that_every_patient_goes(house: House, medium: Path) -> None:
    """With several patients the card names each one, beside the button, before it is pressed."""
    images = [
        an_image(medium, 1),
        an_image(medium, 2, name="Roe^Richard", series="1.2.826.0.1.3680043.10.2"),
    ]
    page = house.visible(a_transfer(), images)

    for lang, words in (("de", "aller 2 Patienten"), ("en", "all 2 patients")):
        html = house.browser.get(page, params={"lang": lang}).text
        card = html.partition('id="forward"')[2].partition("<button")[0]
        assert words in card
        assert "Doe, Jane" in card
        assert "Roe, Richard" in card


@pytest.mark.parts
def test_orthanc_holds_what_was_forwarded(tmp_path: Path, orthanc: Orthanc, medium: Path) -> None:
    """A real Orthanc takes, lists and gives back the images, pixel by pixel."""
    images = [an_image(medium, n) for n in (1, 2, 3)]
    real = Pacs(name="PACS", host=orthanc.host, port=orthanc.dicom_port, ae_title=orthanc.ae_title)
    with running_house(tmp_path, pacs=[real]) as house:
        page = house.visible(a_transfer(), images)
        seen = last_event(house)
        press(house, page)
        assert house.await_event(seen).in_pacs == 3

    for image in images:
        sent = pydicom.dcmread(image)
        kept = pydicom.dcmread(io.BytesIO(orthanc.instance(sent.SOPInstanceUID)))
        assert kept.PixelData == sent.PixelData


@pytest.mark.parts
def test_orthanc_is_asked_first(tmp_path: Path, orthanc: Orthanc, medium: Path) -> None:
    """What a real Orthanc holds already is a question."""
    images = [an_image(medium, n) for n in (1, 2)]
    dcmsend(images[:1], Scp(orthanc.ae_title, orthanc.dicom_port, tmp_path))
    real = Pacs(name="PACS", host=orthanc.host, port=orthanc.dicom_port, ae_title=orthanc.ae_title)
    with running_house(tmp_path, pacs=[real]) as house:
        page = house.visible(a_transfer(), images)

        assert press(house, page) == 409
        assert orthanc.instance_count() == 1


@pytest.mark.parts
def test_dcmqrscp_holds_what_was_forwarded(tmp_path: Path, dcmqrscp: Scp, medium: Path) -> None:
    """The archive of dcmtk takes and lists the images, and dcmdump reads them."""
    images = [an_image(medium, n) for n in (1, 2, 3)]
    real = Pacs(name="PACS", host=dcmqrscp.host, port=dcmqrscp.port, ae_title=dcmqrscp.ae_title)
    with running_house(tmp_path, pacs=[real]) as house:
        page = house.visible(a_transfer(), images)
        seen = last_event(house)
        press(house, page)
        assert house.await_event(seen).in_pacs == 3

    assert len(dcmqrscp.files()) == 3
    assert all("Doe^Jane" in dcmdump(file) for file in dcmqrscp.files())
