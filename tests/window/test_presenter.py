"""What a person may do in the window, and what it says then; without a window."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passbox.demo.phantom import write_phantom
from passbox_client.errors import LineFailed, ReceiverRefused, Trouble
from passbox_client.outcome import Outcome
from passbox_client.window.form import Fault, Field
from passbox_client.window.state import Activity
from passbox_client.window.steps import Page
from passbox_wire.problems import Code, Problem
from tests.client.media import an_image, images, two_patients, write
from tests.window.house import Desk


@pytest.fixture(name="desk")
def _desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def fill_in(desk: Desk, **more: Any) -> None:
    """Accept the privacy statement and say who sends."""
    desk.presenter.accept(accepted=True)
    desk.presenter.go_on()
    form = replace(desk.state.form, name="Ada Example", email="ada@practice.example")
    desk.presenter.enter(replace(form, **more))
    desk.presenter.go_on()


def look_at(desk: Desk, files: dict[str, bytes], name: str = "disc") -> None:
    """Choose a medium and wait until it is read."""
    desk.presenter.choose(write(desk.folder / name, files))
    desk.until(lambda state: state.disc is not None and state.disc.result is not None)


def send(desk: Desk) -> None:
    """Go on from the review and start."""
    desk.presenter.go_on()
    desk.presenter.swear(sworn=True)
    desk.presenter.go_on()


def ended(desk: Desk) -> bool:
    """Wait for the end of a sending; return whether everything is there."""
    return desk.until(lambda state: state.page is Page.REPORT).is_complete


def test_a_whole_walk_ends_with_the_signed_receipt(desk: Desk) -> None:
    """Privacy, sender, medium, review, start, report: every page in turn, and all images arrive."""
    fill_in(desk)
    look_at(desk, images(3))
    send(desk)
    assert ended(desk)
    pages = list(dict.fromkeys(state.page for state in desk.states))
    assert pages == [
        Page.PRIVACY,
        Page.PEOPLE,
        Page.MEDIUM,
        Page.REVIEW,
        Page.START,
        Page.SENDING,
        Page.REPORT,
    ]
    assert len(desk.hospital.look().files) == 3


def test_nothing_starts_before_the_privacy_statement_is_accepted(desk: Desk) -> None:
    """Without the tick no page follows, and no medium is looked at."""
    desk.presenter.go_on()
    desk.presenter.choose(write(desk.folder / "disc", images(1)))
    assert desk.state.page is Page.PRIVACY
    assert desk.state.disc is None


def test_version_language_and_time_of_the_consent_travel_sealed(desk: Desk) -> None:
    """The inventory has what was accepted, in which language and when."""
    desk.presenter.speak("de")
    fill_in(desk)
    look_at(desk, images(1))
    send(desk)
    assert ended(desk)
    envelope = desk.hospital.look().inventory.envelope
    assert envelope is not None
    consent = envelope.consent
    assert consent is not None
    moment = int(desk.clock.now().timestamp())
    assert (consent.version, consent.language, consent.time) == ("2025-01", "de", moment)


def test_another_language_asks_for_the_consent_again(desk: Desk) -> None:
    """What was ticked in one language was not read in the other."""
    desk.presenter.accept(accepted=True)
    desk.presenter.speak("de")
    assert desk.state.consent is None


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        (Field.NAME, " ", Fault.MISSING),
        (Field.EMAIL, "", Fault.MISSING),
        (Field.EMAIL, "ada@practice", Fault.NO_ADDRESS),
        (Field.RECIPIENT, "beck", Fault.NO_ADDRESS),
        (Field.RECIPIENT, "beck@elsewhere.example", Fault.NOT_THE_HOSPITALS),
    ],
)
def test_a_wrong_field_is_told_at_once(desk: Desk, field: Field, typed: str, fault: Fault) -> None:
    """The page stays, and the field says what is wrong with it."""
    fill_in(desk, **{field.value: typed})
    assert desk.state.page is Page.PEOPLE
    assert desk.state.faults == {field: fault}
    assert field in desk.state.checked


def test_an_address_is_judged_when_its_field_is_left(desk: Desk) -> None:
    """A wrong recipient shows before the page is left, an empty field does not scold."""
    desk.presenter.accept(accepted=True)
    desk.presenter.go_on()
    desk.presenter.enter(replace(desk.state.form, recipient="beck@elsewhere.example"))
    assert desk.state.checked == frozenset()
    desk.presenter.leave_field(Field.RECIPIENT)
    desk.presenter.leave_field(Field.NAME)
    assert desk.state.checked == {Field.RECIPIENT}


def test_a_second_patient_is_unticked_and_a_question(desk: Desk) -> None:
    """Only the first is ticked, nothing goes on before somebody answers, and only he is sent."""
    fill_in(desk)
    look_at(desk, two_patients())
    disc = desk.state.disc
    assert disc is not None
    assert [row.name for row in disc.ticked_patients] == ["Doe, Jane"]
    desk.presenter.go_on()
    assert desk.state.page is Page.REVIEW
    desk.presenter.answer(right=True)
    send(desk)
    assert ended(desk)
    assert {s.patient_name for s in desk.hospital.look().inventory.studies} == {"Doe^Jane"}


def test_a_stray_file_of_somebody_else_is_not_what_is_ticked(desk: Desk) -> None:
    """Who has the most images comes first and is ticked, whatever the scan met first."""
    fill_in(desk)
    stray = {"A/STRAY": an_image(1, patient="Roe^Richard", patient_id="ID-2", uid_root="1.2.9")}
    look_at(desk, stray | images(2))
    disc = desk.state.disc
    assert disc is not None
    assert disc.result is not None
    assert disc.result.patients[0].name == "Roe^Richard"
    assert [row.name for row in disc.patients] == ["Doe, Jane", "Roe, Richard"]
    assert [row.name for row in disc.ticked_patients] == ["Doe, Jane"]


def test_a_new_tick_asks_the_question_anew(desk: Desk) -> None:
    """An answer is about the people who were ticked then."""
    fill_in(desk)
    look_at(desk, two_patients())
    desk.presenter.answer(right=True)
    disc = desk.state.disc
    assert disc is not None
    desk.presenter.tick(disc.patients[1].study_indexes, on=True)
    assert desk.state.disc is not None
    assert not desk.state.disc.may_go_on


def test_nothing_is_sent_without_the_senders_word(desk: Desk) -> None:
    """The start button does nothing before the sender says that these images may be sent."""
    fill_in(desk)
    look_at(desk, images(1))
    desk.presenter.go_on()
    desk.presenter.go_on()
    assert desk.state.page is Page.START
    assert desk.hospital.calls == []


def test_patients_and_series_show_while_the_scan_runs(desk: Desk) -> None:
    """A patient, an examination and a series are shown before the medium is read."""
    fill_in(desk)
    look_at(desk, images(200))
    early = [s.disc for s in desk.states if s.disc and s.disc.patients and not s.disc.result]
    assert early
    assert early[0].patients[0].studies[0].series


def test_every_series_gets_a_picture(desk: Desk) -> None:
    """A picture follows, drawn in a worker."""
    fill_in(desk)
    write_phantom(desk.folder / "disc", 2)
    desk.presenter.choose(desk.folder / "disc")
    state = desk.until(lambda state: state.disc is not None and 0 in state.disc.pictures)
    assert state.disc is not None
    assert (state.disc.pictures[0] or b"").startswith(b"\x89PNG")


def test_a_paused_sending_waits_and_goes_on(desk: Desk) -> None:
    """While paused nothing ends; going on ends it well."""
    fill_in(desk)
    look_at(desk, images(3))
    send(desk)
    desk.presenter.pause()
    assert desk.state.activity is Activity.PAUSED
    desk.presenter.resume()
    assert ended(desk)


def test_a_lost_line_goes_on_by_itself(desk: Desk) -> None:
    """What the core gives up as interrupted is tried again without anybody doing anything."""
    fill_in(desk)
    look_at(desk, images(3))
    for call in ("put", "open"):
        desk.hospital.refuse(call, None, *[LineFailed(Trouble.NO_CONNECTION)] * 10_000)
    send(desk)
    desk.until(lambda state: state.activity is Activity.LINE_LOST)
    desk.hospital.mend("put")
    desk.hospital.mend("open")
    assert ended(desk)


def test_what_was_stopped_is_asked_for_and_gone_on_with(desk: Desk, tmp_path: Path) -> None:
    """A transfer that was stopped waits; the next start of the program finds it by the disc."""
    fill_in(desk)
    look_at(desk, images(3))
    desk.hospital.refuse("put", ReceiverRefused(Problem(Code.STORE_FULL)))
    send(desk)
    state = desk.until(lambda state: state.page is Page.REPORT)
    assert state.result is not None
    assert state.result.outcome is Outcome.INTERRUPTED
    code = state.result.receipt_code

    tomorrow = Desk(tmp_path)
    tomorrow.hospital = desk.hospital
    assert len(tomorrow.state.waiting) == 1
    fill_in(tomorrow)
    look_at(tomorrow, images(3))
    assert tomorrow.state.going_on
    send(tomorrow)
    assert ended(tomorrow)
    assert tomorrow.state.result is not None
    assert tomorrow.state.result.receipt_code == code


def test_a_cancelled_transfer_is_withdrawn(desk: Desk) -> None:
    """Cancelling takes back what has arrived, and this computer forgets the transfer."""
    fill_in(desk)
    look_at(desk, images(3))
    desk.hospital.reluctant = True
    send(desk)
    desk.until(lambda state: state.pulse.phase.value == "sending")
    desk.presenter.stop(withdraw=True)
    state = desk.until(lambda state: state.page is Page.START)
    assert state.trouble is None
    assert "cancel" in desk.hospital.calls
    assert not list((desk.folder / "state").glob("*.transfer"))


def test_a_closed_door_is_told_before_anything_is_sent(desk: Desk) -> None:
    """A hospital that takes nothing now is a sentence on the page it was started from."""
    desk.hospital.accepting = False
    fill_in(desk)
    look_at(desk, images(1))
    send(desk)
    state = desk.until(lambda state: state.trouble is not None)
    assert state.page is Page.START
    assert state.sentence is not None
    assert state.sentence.code == "not_accepting"


def test_a_medium_without_images_says_so(desk: Desk) -> None:
    """A folder with nothing medical is told with what to do; nothing can be sent."""
    fill_in(desk)
    look_at(desk, {"letter.txt": b"hello"})
    disc = desk.state.disc
    assert disc is not None
    assert not disc.may_go_on
    assert disc.findings


def test_a_receipt_is_looked_up_later(desk: Desk) -> None:
    """The code alone finds what the hospital signed."""
    fill_in(desk)
    look_at(desk, images(1))
    send(desk)
    assert ended(desk)
    assert desk.state.result is not None
    desk.presenter.open_look_up()
    desk.presenter.look_up(desk.state.result.receipt_code)
    assert desk.until(lambda state: state.looked_up is not None).page is Page.LOOKUP
    desk.presenter.leave_look_up()
    assert desk.state.page is Page.REPORT


def test_a_wrong_receipt_code_is_told(desk: Desk) -> None:
    """A typing mistake is a sentence with what to do."""
    desk.presenter.open_look_up()
    desk.presenter.look_up("ABCD")
    state = desk.until(lambda state: state.trouble is not None)
    assert state.sentence is not None
    assert state.sentence.code == "wrong_code"


def test_the_sender_is_remembered_only_on_request(tmp_path: Path) -> None:
    """With the tick the next start knows the sender, without it nothing is kept."""
    first = Desk(tmp_path)
    fill_in(first)
    assert Desk(tmp_path).state.form.name == ""
    again = Desk(tmp_path)
    again.presenter.enter(replace(again.state.form, remember=True))
    again.presenter.accept(accepted=True)
    again.presenter.go_on()
    form = replace(again.state.form, name="Ada Example", email="ada@practice.example")
    again.presenter.enter(form)
    again.presenter.go_on()
    assert Desk(tmp_path).state.form.email == "ada@practice.example"


def test_nothing_remembered_names_a_patient(tmp_path: Path) -> None:
    """Whatever is kept on this computer after a transfer has no patient in it."""
    desk = Desk(tmp_path / "pc")
    fill_in(desk)
    desk.presenter.choose(write(tmp_path / "disc", images(1)))
    desk.until(lambda state: state.disc is not None and state.disc.result is not None)
    send(desk)
    assert ended(desk)
    kept = b"".join(f.read_bytes() for f in (tmp_path / "pc").rglob("*") if f.is_file())
    assert b"Doe" not in kept


def test_a_medium_that_was_taken_out_is_asked_for(desk: Desk) -> None:
    """The page asks for it, and the waiting scan gets the person's answer."""
    fill_in(desk)
    look_at(desk, images(1))
    desk.presenter.scan_asks_for_medium()
    desk.presenter.medium_is_back(back=True)
    gone = [state.disc.gone for state in desk.states[-2:] if state.disc is not None]
    assert gone == [True, False]
    assert desk.presenter._scan is not None
    assert desk.presenter._scan.answers.get_nowait()
