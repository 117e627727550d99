"""The clocks of the departments: warning, hold, deletion, and what is left."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from passbox.cli import app
from passbox_base import audit
from passbox_base.errors import StoreFailed
from passbox_viewer import retention
from passbox_viewer.errors import UnknownTransfer
from passbox_viewer.settings import Retention
from passbox_viewer.tables import DELETIONS, TRANSFERS
from passbox_wire.errors import IllegalTransition
from passbox_wire.ids import TransferId
from passbox_wire.inner.viewer import EventKind, Facts, Finding
from passbox_wire.inventory import FileKind, Sender
from passbox_wire.receipts import FileResult
from passbox_wire.states import ForwardState
from tests.viewer.house import BASE_URL, House, a_delivery, a_transfer, running_house
from tests.viewer.images import an_image

DAY = 24 * 60 * 60
CLOCKS = Retention(days=30, departments={" radiologie": 10, "Augen": 90}, warn_days=3)
CANARIES = ("Canary^Patient", "CANARY-ID", "Dr. Canary", "canary@example.org", "CANARY NOTE")


@pytest.fixture
def clocked(tmp_path: Path) -> Iterator[House]:
    """A house with a short clock for Radiologie, whose own clock thread stands still."""
    folder = tmp_path / "clocked"
    folder.mkdir()
    with running_house(folder, retention=CLOCKS) as house:
        house.running.rooms.office.chores.stop()
        yield house


def age(house: House, transfer: TransferId, days: float) -> None:
    """Let a transfer have been registered that long ago."""
    with house.running.inside.engine.begin() as connection:
        registered = TRANSFERS.c.registered - int(days * DAY)
        connection.execute(
            sa.update(TRANSFERS).where(TRANSFERS.c.id == transfer).values(registered=registered)
        )


def sweep(house: House) -> None:
    """Let the clocks strike."""
    house.running.rooms.office.keeper.sweep()


def kinds(house: House) -> list[EventKind]:
    """Return the kinds of all events so far."""
    return [event.kind for event in house.events()]


def test_the_clock_is_the_departments(clocked: House, medium: Path) -> None:
    """Case and blanks of a department's name do not count; unknown ones have the house's clock."""
    assert CLOCKS.days_for("RADIOLOGIE ") == 10
    assert CLOCKS.days_for("augen") == 90
    assert CLOCKS.days_for("no such") == CLOCKS.days_for("") == 30
    clocked.visible(a_transfer(), [an_image(medium)])
    term = retention.term(clocked.running.inside.engine, CLOCKS, a_transfer())
    assert term is not None
    assert term.ends == term.registered + 10 * DAY


def test_it_runs_by_this_machines_time(clocked: House) -> None:
    """A time the DMZ could have made up neither deletes nor keeps anything."""
    sender = Sender("a", "b@example.org")
    for number, received in ((1, 0), (2, 9_000_000_000)):
        transfer = a_transfer(number)
        facts = Facts(transfer, sender, "", "Radiologie", "de", received, 1)
        target = f"/inner/v1/transfers/{transfer}"
        assert clocked.ask("PUT", target, facts.encode()).status_code == 200
    age(clocked, a_transfer(2), 11)
    sweep(clocked)
    assert clocked.read(a_transfer(1)).id == a_transfer(1)
    with pytest.raises(UnknownTransfer):
        clocked.read(a_transfer(2))


def test_people_are_warned_once_with_a_link_that_ends_with_the_images(
    clocked: House, medium: Path
) -> None:
    """The poller gets one event with the time of the deletion and a link for the mail."""
    clocked.visible(a_transfer(), [an_image(medium)])
    age(clocked, a_transfer(), 6)
    sweep(clocked)
    assert EventKind.EXPIRING not in kinds(clocked)
    age(clocked, a_transfer(), 2)

    sweep(clocked)
    sweep(clocked)

    (warning,) = [event for event in clocked.events() if event.kind is EventKind.EXPIRING]
    term = retention.term(clocked.running.inside.engine, CLOCKS, a_transfer())
    assert term is not None
    assert warning.time == term.ends
    page = warning.link.removeprefix(BASE_URL)
    assert clocked.browser.get(page).status_code == 200
    newest = clocked.running.inside.transfers.links(a_transfer())
    assert term.ends in {link.expires for link in newest}


def test_a_flood_does_not_bury_a_mailbox(clocked: House) -> None:
    """Ten warnings a day and department; the others follow the next day."""
    for number in range(1, 14):
        clocked.register(a_transfer(number))
        clocked.deliver(a_transfer(number), a_delivery())
        age(clocked, a_transfer(number), 7.5)
    sweep(clocked)
    sweep(clocked)
    assert kinds(clocked).count(EventKind.EXPIRING) == retention.MOST_WARNINGS
    with clocked.running.inside.engine.begin() as connection:
        connection.execute(sa.update(TRANSFERS).values(warned=TRANSFERS.c.warned - DAY))
    sweep(clocked)
    assert kinds(clocked).count(EventKind.EXPIRING) == 13


def test_nobody_is_warned_of_what_is_done_with(clocked: House, medium: Path) -> None:
    """In the PACS, refused or held: the end comes without a mail, or not at all."""
    changes: tuple[dict[str, str], ...] = (
        {"forward_state": ForwardState.IN_PACS},
        {"forward_state": ForwardState.REFUSED},
        {"hold": "court"},
    )
    for number, change in enumerate(changes, 1):
        clocked.visible(a_transfer(number), [an_image(medium)])
        age(clocked, a_transfer(number), 8)
        with clocked.running.inside.engine.begin() as connection:
            row = sa.update(TRANSFERS).where(TRANSFERS.c.id == a_transfer(number))
            connection.execute(row.values(**change))
    sweep(clocked)
    assert EventKind.EXPIRING not in kinds(clocked)


def test_held_and_forwarding_transfers_stay(clocked: House, medium: Path) -> None:
    """However old they are; the hold's end lets the clock go on."""
    for number in (1, 2):
        clocked.visible(a_transfer(number), [an_image(medium)])
        age(clocked, a_transfer(number), 400)
    keeper = clocked.running.rooms.office.keeper
    keeper.hold(a_transfer(1), "court")
    with clocked.running.inside.engine.begin() as connection:
        row = sa.update(TRANSFERS).where(TRANSFERS.c.id == a_transfer(2))
        connection.execute(row.values(forward_state=ForwardState.FORWARDING))
    sweep(clocked)
    assert len(clocked.instances(a_transfer(1))) == len(clocked.instances(a_transfer(2))) == 1
    with pytest.raises(IllegalTransition):
        keeper.delete(a_transfer(2), "a", "r")
    keeper.hold(a_transfer(1), "")
    sweep(clocked)
    assert clocked.instances(a_transfer(1)) == []


def canaries_in(folder: Path) -> set[str]:
    """Return which canaries stand in any file."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {word for word in CANARIES if any(word.encode() in content for content in files)}


def test_nothing_of_a_patient_or_sender_is_left(clocked: House, medium: Path) -> None:
    """Files, ledger (also its freed pages) and audit are free of every canary; numbers stay."""
    name, patient, sender, mail, note = CANARIES
    image = an_image(medium, name=name, PatientID=patient, StudyDescription=patient)
    size = image.stat().st_size
    page = clocked.visible(a_transfer(), [image], name=sender, email=mail, message=note)
    clocked.attach(a_transfer(), 7, note.encode())
    finding = Finding(note, FileKind.PDF, FileResult.REFUSED, "truncated", 9)
    clocked.deliver(a_transfer(), a_delivery(findings=(finding,)))
    assert sender in clocked.browser.get(page).text
    clocked.browser.get(f"{page}/images.zip")
    folder = clocked.settings.store.folder
    assert canaries_in(folder) == set(CANARIES)
    age(clocked, a_transfer(), 11)

    sweep(clocked)

    assert canaries_in(folder) == set()
    assert not (folder / "transfers" / a_transfer()).exists()
    with clocked.running.inside.engine.begin() as connection:
        (row,) = connection.execute(sa.select(DELETIONS)).all()
    assert (row.instances, row.attachments, row.finished) == (1, 1, True)
    assert 0 < row.bytes < size + 100
    assert row.reason == "kept for 10 days"
    assert kinds(clocked)[-1] is EventKind.DELETED
    assert clocked.browser.get(page).status_code == 404


def test_what_comes_after_the_deletion_is_new(clocked: House, medium: Path) -> None:
    """The old namespace and links stay shut; delivered anew it is another arrival."""
    page = clocked.visible(a_transfer(), [an_image(medium)])
    title = clocked.read(a_transfer()).ae_title
    clocked.running.rooms.office.keeper.delete(a_transfer(), "a", "r")

    assert clocked.store(title, [an_image(medium)]) == []
    assert clocked.deliver(a_transfer(), a_delivery()).status_code == 404
    again = clocked.visible(a_transfer(), [an_image(medium, 2)])

    assert clocked.read(a_transfer()).ae_title != title
    assert clocked.browser.get(page).status_code == 404
    assert clocked.browser.get(again).status_code == 200
    assert len(clocked.instances(a_transfer())) == 1


def test_a_deletion_that_was_cut_is_finished_at_the_start(tmp_path: Path, medium: Path) -> None:
    """Files that a cut left are gone after the next start, and do not come back as evidence."""
    folder = tmp_path / "cut"
    folder.mkdir()
    with running_house(folder) as house:
        house.visible(a_transfer(), [an_image(medium)])
        left = house.settings.store.folder / "transfers" / a_transfer()
        shutil.copytree(left, tmp_path / "left")
        house.running.rooms.office.keeper.delete(a_transfer(), "a", "r")
        with house.running.inside.engine.begin() as connection:
            connection.execute(sa.update(DELETIONS).values(finished=False))
    shutil.copytree(tmp_path / "left", left)

    with running_house(folder) as house:
        assert not left.exists()
        assert house.instances(a_transfer()) == []
        with house.running.inside.engine.begin() as connection:
            assert connection.scalar(sa.select(DELETIONS.c.finished)) is True


def test_without_its_line_in_the_audit_nothing_is_deleted(clocked: House, medium: Path) -> None:
    """When the audit cannot be written the images stay."""
    clocked.visible(a_transfer(), [an_image(medium)])
    office = clocked.running.rooms.office
    office.audit.close()
    with pytest.raises((StoreFailed, ValueError)):
        office.keeper.delete(a_transfer(), "a", "r")
    assert len(clocked.instances(a_transfer())) == 1


def test_a_dry_run_tells_and_does_nothing(clocked: House, medium: Path) -> None:
    """The command shows what would be deleted or warned of, and changes neither."""
    for number, days in ((1, 1), (2, 8), (3, 11)):
        clocked.visible(a_transfer(number), [an_image(medium)])
        age(clocked, a_transfer(number), days)
    config = clocked.settings.store.folder.parent / "viewer.toml"
    config.write_text(
        f"""
        [pages]
        base_url = "{BASE_URL}"
        [inner]
        certificate = "unused"
        key = "unused"
        client_ca = "unused"
        destination_keys = ["destination.pub"]
        [store]
        folder = "store"
        [retention.departments]
        Radiologie = 10
        """
    )
    before = list(audit.entries(clocked.settings.store.folder / "audit.jsonl"))

    words = ["viewer", "retention", "--dry-run", "--json", "--config", str(config)]
    shown = CliRunner().invoke(app, words).output

    assert '"now": "warn"' in shown
    assert '"now": "delete"' in shown
    assert a_transfer(1) not in shown
    assert len(clocked.instances(a_transfer(3))) == 1
    assert list(audit.entries(clocked.settings.store.folder / "audit.jsonl")) == before
