"""A second disc belongs to the same transfer, whatever happens between the two."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from passbox_client.coding import CodecChoice
from passbox_client.errors import ExitCode, Trouble, UsageRefused
from passbox_client.outcome import Outcome, SendResult
from passbox_client.progress import SendProgress
from passbox_client.review import THE_ONLY_PATIENT, NextMedium, Selection
from passbox_client.send import send
from passbox_wire.manifest import Outcome as FileOutcome
from passbox_wire.problems import Code
from tests.builders.clocks import FakeClock
from tests.builders.wire import a_sender, a_signed_profile
from tests.client.hospital import FakeHospital
from tests.client.media import an_image, write
from tests.client.sending import refused

FIRST = {f"A{n}": an_image(n, side=500) for n in range(1, 7)}
SECOND = {f"B{n}": an_image(n + 100, side=500) for n in range(1, 7)}
THIRD = {"C1": an_image(201)}


class Cut(Exception):
    """The process is killed here."""


class Drive:
    """A sender with one drive, and discs to change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hospital = FakeHospital()
        self.clock = FakeClock()
        self.told: list[SendProgress] = []

    def disc(self, name: str, files: dict[str, bytes]) -> Path:
        """Burn one."""
        return write(self.folder / name, files)

    def send(
        self,
        *discs: Path,
        resume: bool = False,
        selection: Selection = THE_ONLY_PATIENT,
        progress: Callable[[SendProgress], None] | None = None,
    ) -> SendResult:
        """Send discs, each handed in when the one before is through."""
        further = [*discs[1:]]
        return send(
            discs[0],
            a_signed_profile(),
            sender=a_sender(),
            state_folder=self.folder / "state",
            receiver=self.hospital,
            codec=CodecChoice.STORED,
            selection=selection,
            resume=resume,
            next_medium=lambda: NextMedium(further.pop(0)) if further else None,
            progress=progress or self.told.append,
            clock=self.clock,
            pause=lambda seconds: self.clock.advance(timedelta(seconds=seconds)),
            receipt_patience=5.0,
        )

    def came(self) -> list[str]:
        """Return the names of all files inside, sorted; each has the bytes it had on its disc."""
        opened, every = self.hospital.look(), FIRST | SECOND | THIRD
        claims = {file.index: file for part in opened.parts for file in part.files}
        sent = [file.index for file in opened.manifest.files if file.sha256 is not None]
        assert sorted(opened.files) == sent
        assert all(every[claims[index].path] == data for index, data in opened.files.items())
        return sorted(claims[index].path for index in sent)


@pytest.fixture(name="drive")
def _drive(tmp_path: Path) -> Drive:
    return Drive(tmp_path)


def contents(*discs: dict[str, bytes]) -> list[str]:
    """Return the names of the files of all discs."""
    return [name for disc in discs for name in disc]


def test_three_discs_are_one_transfer(drive: Drive) -> None:
    """Each disc is a part of the inventory, indexes run on; one manifest, one receipt for all."""
    burnt = {"a": FIRST, "b": SECOND, "c": THIRD}
    discs = [drive.disc(name, files) for name, files in burnt.items()]
    result = drive.send(*discs)
    assert result.outcome is Outcome.COMPLETE
    opened = drive.hospital.look()
    assert [part.medium for part in opened.parts] == ["a", "b", "c"]
    assert [part.envelope is not None for part in opened.parts] == [True, False, False]
    assert [file.index for part in opened.parts for file in part.files] == list(range(13))
    assert opened.manifest.parts == 3
    assert drive.came() == contents(FIRST, SECOND, THIRD)
    assert [(s.part, s.claimed, s.delivered) for s in result.studies] == [
        (0, 6, 6),
        (1, 6, 6),
        (2, 1, 1),
    ]
    last = drive.told[-1]
    assert (last.files, last.files_total, last.files_arrived, last.part) == (13, 13, 13, 2)
    assert not list((drive.folder / "state").glob("*.transfer"))


def test_a_stick_may_show_its_files_in_another_order(drive: Drive) -> None:
    """Some media number their files anew at each insertion: it is the same medium all the same."""
    first = drive.disc("a", FIRST)
    with pytest.raises(Cut):
        drive.send(first, progress=kill_in(0, 1_200_000))
    moved = drive.folder / "other numbers"
    moved.mkdir()
    for name in reversed(FIRST):
        (moved / name).write_bytes((first / name).read_bytes())
    result = drive.send(moved, resume=True)
    assert result.outcome is Outcome.COMPLETE
    assert drive.came() == contents(FIRST)


def test_the_same_disc_twice_is_one_disc(drive: Drive) -> None:
    """Who forgets to change the disc sends nothing twice."""
    disc = drive.disc("a", FIRST)
    assert drive.send(disc, disc).outcome is Outcome.COMPLETE
    assert len(drive.hospital.look().parts) == 1
    assert drive.came() == contents(FIRST)


def test_a_disc_of_another_patient_is_a_question(drive: Drive) -> None:
    """A next disc of somebody else ends it with his name; who says so sends both."""
    first = drive.disc("a", FIRST)
    other = drive.disc("b", {"X": an_image(1, patient="Roe^Richard", patient_id="ID-2")})
    result = drive.send(first, other)
    assert (result.outcome, result.exit_code) == (Outcome.INTERRUPTED, ExitCode.USAGE)
    assert result.trouble is not None
    assert result.trouble.code == Trouble.OTHER_PATIENT
    assert "Roe^Richard (ID-2)" in str(result.trouble.facts["patients"])
    again = drive.send(first, other, resume=True, selection=Selection(all_patients=True))
    assert (again.outcome, again.transfer) == (Outcome.COMPLETE, result.transfer)
    assert len(drive.hospital.look().parts) == 2


def kill_in(part: int, sent: int) -> Callable[[SendProgress], None]:
    """Return a progress that kills the process in a part, so many bytes after it began."""
    begin: list[int] = []

    def tell(progress: SendProgress) -> None:
        if progress.part == part:
            begin.append(progress.bytes_sent)
            if progress.bytes_sent - begin[0] >= sent:
                raise Cut

    return tell


@pytest.mark.parametrize("part", [0, 1], ids=["on the first disc", "on the second"])
@pytest.mark.parametrize("order", ["the first disc again", "the second disc first"])
def test_a_kill_on_any_disc_is_gone_on_with(drive: Drive, part: int, order: str) -> None:
    """Killed on either disc and begun again with either: all arrives, what is held stays there."""
    first, second = drive.disc("a", FIRST), drive.disc("b", SECOND)
    with pytest.raises(Cut):
        drive.send(first, second, progress=kill_in(part, 1_200_000))
    held = dict(drive.hospital.packs)
    discs: Sequence[Path] = (first, second)
    if order == "the second disc first":
        if part == 0:
            with pytest.raises(UsageRefused):
                drive.send(second, resume=True)
            return
        discs = (second, first)
    result = drive.send(*discs, resume=True)
    assert result.outcome is Outcome.COMPLETE
    assert drive.came() == contents(FIRST, SECOND)
    assert all(drive.hospital.packs[number] == pack for number, pack in held.items())
    size = sum(map(len, (FIRST | SECOND).values()))
    assert sum(map(len, drive.hospital.packs.values())) < size * 1.7


def test_a_disc_that_is_through_is_not_asked_for_again(drive: Drive) -> None:
    """Killed on the second disc with all of the first held: the second alone finishes it."""
    first, second = drive.disc("a", {**FIRST, "cut": an_image(9)[:200]}), drive.disc("b", SECOND)
    drive.hospital.refuse("put")

    def cut_when_first_is_held(progress: SendProgress) -> None:
        if progress.part == 1 and progress.bytes_sent > 4_200_000:
            raise Cut

    with pytest.raises(Cut):
        drive.send(first, second, progress=cut_when_first_is_held)
    result = drive.send(second, resume=True)
    assert drive.came() == contents(FIRST, SECOND)
    lost = [file.outcome for file in drive.hospital.look().manifest.files if not file.sha256]
    assert lost == [FileOutcome.UNREADABLE]  # the journal knew, without the disc
    assert result.outcome is Outcome.PARTIAL


def test_a_disc_that_is_wanted_is_named(drive: Drive) -> None:
    """When something of the first disc is missing and only the second is there, that is told."""
    first, second = drive.disc("a", FIRST), drive.disc("b", SECOND)
    drive.hospital.refuse("put", *[None] * 2, *[refused(Code.STORE_FULL)] * 100)
    assert drive.send(first, second).outcome is Outcome.INTERRUPTED
    drive.hospital._errors.clear()
    with pytest.raises(UsageRefused):  # it never came so far
        drive.send(second, resume=True)


def test_a_disc_with_lost_packs_is_wanted_again(drive: Drive) -> None:
    """A receiver that lost what it held of disc 1: disc 2 alone ends with the disc's number."""
    first, second = drive.disc("a", FIRST), drive.disc("b", SECOND)
    with pytest.raises(Cut):
        drive.send(first, second, progress=kill_in(1, 1_000_000))
    del drive.hospital.packs[1]
    result = drive.send(second, resume=True)
    assert (result.outcome, result.exit_code) == (Outcome.INTERRUPTED, ExitCode.MEDIUM)
    assert result.trouble is not None
    assert (result.trouble.code, result.trouble.facts["number"]) == (Trouble.MEDIUM_WANTED, 1)
    assert drive.send(second, first, resume=True).outcome is Outcome.COMPLETE
    assert drive.came() == contents(FIRST, SECOND)


def test_a_next_disc_that_is_none_can_be_handed_in_again(drive: Drive) -> None:
    """A second medium that cannot be read interrupts; going on with the right one finishes."""
    first = drive.disc("a", FIRST)
    broken = drive.folder / "nothing"
    result = drive.send(first, broken)
    assert (result.outcome, result.exit_code) == (Outcome.INTERRUPTED, ExitCode.MEDIUM)
    again = drive.send(first, drive.disc("b", SECOND), resume=True)
    assert (again.outcome, again.transfer) == (Outcome.COMPLETE, result.transfer)
    assert drive.came() == contents(FIRST, SECOND)


def test_once_sworn_no_further_disc_is_taken(drive: Drive) -> None:
    """After the manifest was made the discs are what they are; going on asks for no new one."""
    first, second = drive.disc("a", FIRST), drive.disc("b", SECOND)
    drive.hospital.refuse("close", *[refused(Code.STORE_FULL)] * 20)
    assert drive.send(first).outcome is Outcome.INTERRUPTED
    drive.hospital._errors.clear()
    result = drive.send(first, second, resume=True)
    assert result.outcome is Outcome.COMPLETE
    assert len(drive.hospital.look().parts) == 1
