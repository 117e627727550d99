"""A second disc or folder in the same transfer, as a person adds it."""

from pathlib import Path

import pytest

from passbox_client.errors import LineFailed, ReceiverRefused, Trouble
from passbox_client.window.disc import Disc
from passbox_client.window.state import Activity, WindowState
from passbox_client.window.steps import Page
from passbox_client.window.volumes import Volume, VolumeKind
from passbox_wire.problems import Code, Problem
from tests.client.media import an_image, write
from tests.window.house import Desk
from tests.window.test_presenter import fill_in, look_at, send

FIRST = {f"A{n}": an_image(n) for n in range(1, 4)}
SECOND = {f"B{n}": an_image(n + 100) for n in range(1, 3)}
FOREIGN = {"C1": an_image(201, patient="Roe^Richard", patient_id="ID-2", uid_root="1.2.9")}


@pytest.fixture(name="desk")
def _desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def shown(desk: Desk) -> Disc:
    """Return the medium on the review."""
    assert desk.state.disc is not None
    return desk.state.disc


def page_of(desk: Desk) -> Page:
    """Return the page that is shown now."""
    return desk.state.page


def sent(desk: Desk) -> set[bytes]:
    """Wait for the end and return what came in, which must be everything."""
    assert desk.until(lambda state: state.page is Page.REPORT).is_complete
    return set(desk.hospital.look().files.values())


def swap(drive: Path, files: dict[str, bytes]) -> None:
    """Put another disc into a drive."""
    for path in drive.iterdir():
        path.unlink()
    write(drive, files)


def reviewed(state: WindowState) -> bool:
    """Tell whether the medium on the page was read."""
    return bool(state.page is Page.REVIEW and state.disc and state.disc.result)


def add(desk: Desk) -> None:
    """Review the first disc, and say that there is another one."""
    fill_in(desk)
    look_at(desk, FIRST, "one")
    desk.presenter.go_on()
    desk.presenter.add_medium()


def start(desk: Desk) -> None:
    """Give one's word, and start."""
    desk.presenter.swear(sworn=True)
    desk.presenter.go_on()


def start_expecting(desk: Desk) -> None:
    """Start with the first disc, and wait until the promised one is asked for."""
    add(desk)
    desk.presenter.ask_for_it_later()
    assert (desk.state.page, desk.state.expecting) == (Page.START, True)
    start(desk)
    desk.until(lambda state: state.wanted)
    assert (desk.state.page, desk.state.is_busy) == (Page.MEDIUM, True)


def test_somebody_elses_disc_is_a_loud_question(desk: Desk) -> None:
    """Nothing of it is ticked, nothing goes on before a person ticks and answers; it can go."""
    add(desk)
    look_at(desk, FOREIGN, "two")
    assert [row.name for row in shown(desk).strangers] == ["Roe, Richard"]
    assert shown(desk).ticked == frozenset()
    desk.presenter.answer(right=True)
    desk.presenter.go_on()
    assert page_of(desk) is Page.REVIEW
    desk.presenter.tick(shown(desk).patients[0].study_indexes, on=True)
    desk.presenter.go_on()
    assert page_of(desk) is Page.REVIEW
    desk.presenter.answer(right=True)
    desk.presenter.go_on()
    assert page_of(desk) is Page.START
    # Back from it the first one is as it was.
    desk.presenter.back()
    desk.presenter.back()
    desk.presenter.back()
    assert page_of(desk) is Page.START
    start(desk)
    assert sent(desk) == set(FIRST.values())


def test_a_medium_is_not_added_twice(desk: Desk) -> None:
    """The same folder, or a copy of it, is told as such."""
    add(desk)
    desk.presenter.choose(desk.folder / "one")
    assert desk.state.sentence is not None
    assert desk.state.sentence.code == "medium_twice"
    desk.presenter.choose(write(desk.folder / "copy", FIRST))
    state = desk.until(lambda state: state.page is Page.MEDIUM and state.trouble is not None)
    assert state.disc is None


def test_the_next_disc_for_the_same_drive_is_asked_for_when_the_first_is_read(desk: Desk) -> None:
    """One drive is enough: the sending waits for the disc, and for a person to look at it."""
    drive = desk.folder / "one"
    start_expecting(desk)
    desk.presenter.choose(drive)
    desk.until(lambda state: state.trouble is not None)  # it is still the first one
    swap(drive, SECOND)
    desk.presenter.choose(drive)
    desk.until(reviewed)
    desk.presenter.go_on()
    assert sent(desk) == {*FIRST.values(), *SECOND.values()}


def test_a_folder_is_added_while_the_first_is_being_sent(desk: Desk) -> None:
    """The sending stays open from the click on, and takes what was reviewed meanwhile."""
    fill_in(desk)
    look_at(desk, FIRST, "one")
    desk.hospital.refuse("put", *[LineFailed(Trouble.NO_CONNECTION)] * 10_000)
    send(desk)
    desk.presenter.add_medium()
    look_at(desk, SECOND, "two")
    desk.presenter.go_on()
    desk.hospital.mend("put")
    assert sent(desk) == {*FIRST.values(), *SECOND.values()}


def test_a_promised_disc_that_does_not_exist_ends_the_waiting(desk: Desk) -> None:
    """Who says that there is no other disc gets the receipt of what there was."""
    start_expecting(desk)
    desk.presenter.back()
    assert sent(desk) == set(FIRST.values())


def test_folders_added_before_the_start_are_one_transfer_and_a_lost_line_loses_none(
    desk: Desk,
) -> None:
    """Two parts under one receipt; every attempt hands out all media again."""
    add(desk)
    look_at(desk, SECOND, "two")
    assert not shown(desk).is_question
    desk.presenter.go_on()
    assert [disc.label for disc in desk.state.media] == ["one", "two"]
    for call in ("put", "open"):
        desk.hospital.refuse(call, None, *[LineFailed(Trouble.NO_CONNECTION)] * 10_000)
    start(desk)
    desk.until(lambda state: state.activity is Activity.LINE_LOST)
    desk.hospital.mend("put")
    desk.hospital.mend("open")
    assert sent(desk) == {*FIRST.values(), *SECOND.values()}
    assert len(desk.hospital.look().parts) == 2


def test_a_transfer_of_two_discs_that_was_interrupted_asks_for_both(tmp_path: Path) -> None:
    """The next day the first is recognised, and the other one is asked for."""
    desk = Desk(tmp_path)
    # The two packs of the first disc may come after it was read: what is refused is the second's.
    full = ReceiverRefused(Problem(Code.STORE_FULL))
    desk.hospital.refuse("put", None, None, *[full] * 100)
    start_expecting(desk)
    look_at(desk, SECOND, "two")
    desk.presenter.go_on()
    desk.until(lambda state: state.page is Page.REPORT)
    assert desk.state.can_go_on
    desk.hospital.mend("put")

    tomorrow = Desk(tmp_path)
    tomorrow.hospital = desk.hospital
    fill_in(tomorrow)
    look_at(tomorrow, FIRST, "one")
    assert tomorrow.state.going_on
    send(tomorrow)
    tomorrow.until(lambda state: state.wanted)
    tomorrow.presenter.choose(tmp_path / "two")
    tomorrow.until(reviewed)
    tomorrow.presenter.go_on()
    assert sent(tomorrow) == {*FIRST.values(), *SECOND.values()}


# A medium that is away


def test_a_disc_taken_out_is_asked_for_and_goes_on_by_itself(desk: Desk) -> None:
    """Another one under the same names is not taken for it; nobody presses anything."""
    fill_in(desk)
    drive, away, other = (desk.folder / name for name in ("disc", "away", "other"))
    look_at(desk, FIRST)
    drive.rename(away)
    write(drive, {name: data.replace(b"1.2.3.4", b"1.2.3.5") for name, data in FIRST.items()})
    send(desk)
    desk.until(lambda state: state.activity is Activity.MEDIUM_GONE)
    assert desk.state.gone == drive
    drive.rename(other)
    away.rename(drive)
    assert sent(desk) == set(FIRST.values())


# The next day


def interrupted(folder: Path) -> Desk:
    """Return a sender whose transfer of a disc was stopped yesterday."""
    desk = Desk(folder)
    fill_in(desk, remember=True)
    look_at(desk, FIRST, "disc")
    desk.hospital.reluctant = True
    send(desk)
    desk.until(lambda state: state.pulse.phase.value == "checking")
    desk.presenter.stop(withdraw=False)
    desk.until(lambda state: not state.under_way)
    tomorrow = Desk(folder)
    tomorrow.hospital = desk.hospital
    tomorrow.hospital.reluctant = False
    return tomorrow


def test_a_transfer_of_yesterday_goes_on_when_its_disc_comes(tmp_path: Path) -> None:
    """One yes, the privacy statement, the disc: it is recognised and sent without another click."""
    desk = interrupted(tmp_path)
    desk.presenter.continue_waiting(wished=True)
    desk.presenter.accept(accepted=True)
    desk.presenter.go_on()
    assert page_of(desk) is Page.MEDIUM  # the sender is remembered
    other = Volume(write(tmp_path / "other", FOREIGN), "OTHER", VolumeKind.STICK)
    desk.presenter.media_changed([other])
    desk.until(lambda state: state.tried == {other.root} and state.page is Page.MEDIUM)
    disc = Volume(tmp_path / "disc", "CT", VolumeKind.DISC)
    desk.presenter.media_changed([other, disc])
    assert sent(desk) == set(FIRST.values())


def test_a_medium_that_is_not_the_one_is_never_sent_by_itself(tmp_path: Path) -> None:
    """Chosen by hand it is said that it is not the one, and a person reviews it as usual."""
    desk = interrupted(tmp_path)
    desk.presenter.continue_waiting(wished=True)
    desk.presenter.accept(accepted=True)
    desk.presenter.go_on()
    look_at(desk, FOREIGN, "other")
    assert page_of(desk) is Page.REVIEW
    assert desk.state.sentence is not None
    assert desk.state.sentence.code == "nothing_to_resume"


def test_a_disc_that_was_out_during_the_scan_is_noticed_when_it_is_back(desk: Desk) -> None:
    """The question whether it is in again is answered by the drive."""
    fill_in(desk)
    look_at(desk, FIRST)
    desk.presenter.scan_asks_for_medium()
    disc = Volume(desk.folder / "disc", "CT", VolumeKind.DISC)
    desk.presenter.media_changed([disc])
    assert not shown(desk).gone
