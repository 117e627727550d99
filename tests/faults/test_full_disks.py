"""A disk that is full in the middle of the work of client, poller and viewer, and has room again.

The receiver's is test_small_disks.py. Each is a tmpfs that something else fills to the last byte.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox.demo.phantom import write_phantom
from passbox_base.pack_store import PackStore
from passbox_client.coding import CodecChoice
from passbox_client.errors import ExitCode, Trouble
from passbox_client.journal import read
from passbox_client.outcome import Outcome
from passbox_client.progress import SendProgress
from tests.client.media import images
from tests.client.sending import Sending as ClientSending
from tests.e2e.awaiting import eventually
from tests.e2e.command import SENDER, Running, passbox
from tests.e2e.hospital import RECIPIENT, Hospital
from tests.faults.test_small_disks import small_disk
from tests.parts.smtp import MailSink
from tests.poller.house import a_house
from tests.poller.sending import Sending, slices
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import an_image

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

IMAGES = 12
TRIES = 20
SLICES = 24
HELD = 1_000_000
"""Bytes after which the line stands still: some packs have arrived, most have not."""


class Filler:
    """What takes all room on a disk."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "filler"

    def fill(self, *, but: int = 0) -> None:
        """Take all room ``but`` some bytes."""
        with self._path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        with contextlib.suppress(OSError):
            os.truncate(self._path, max(0, self._path.stat().st_size - but))

    def remove(self) -> None:
        """Have room again."""
        self._path.unlink()


@pytest.mark.parametrize("packs", [1, 5])
def test_a_client_stops_says_so_and_goes_on_with_resume(tmp_path: Path, packs: int) -> None:
    """A journal without room ends the sending by name; every pack that arrived is known to it.

    With room again the same transfer is gone on with, and every image arrives once.
    """
    files = images(IMAGES, side=600)
    sending = ClientSending(tmp_path, files)
    with small_disk(tmp_path, "size=1m", "state"):
        filler = Filler(sending.state)

        def fill_up(progress: SendProgress) -> None:
            if progress.bytes_sent and len(sending.hospital.packs) >= packs:
                filler.fill()

        stopped = sending(progress=fill_up, codec=CodecChoice.STORED)
        assert stopped.trouble is not None
        assert stopped.trouble.code == Trouble.STATE_FULL
        assert stopped.exit_code is ExitCode.USAGE
        (journal,) = sending.journals()
        known = {pack.number for pack in read(journal).packs}
        assert set(sending.hospital.packs) <= known
        filler.remove()

        assert sending(resume=True).outcome is Outcome.COMPLETE
        opened = sending.hospital.look()
        by_path = {file.path: opened.files[file.index] for file in opened.inventory.files}
        assert by_path == files
        assert sending.journals() == []


SAID = {
    "en": (
        "The transfer was interrupted. What has arrived is kept.",
        "Go on later with the same medium (--resume).",
        "This computer's disk is full",
        "Free some space, then continue the transfer; what has arrived is kept",
    ),
    "de": (
        "Die Sendung wurde unterbrochen. Was angekommen ist, bleibt erhalten.",
        "Setzen Sie sie später mit demselben Datenträger fort (--resume).",
        "Die Festplatte dieses Computers ist voll",
        "Schaffen Sie Platz, und setzen Sie die Sendung dann fort; was angekommen ist, bleibt",
    ),
}


def test_the_command_says_what_a_full_disk_means_and_goes_on(tmp_path: Path) -> None:
    """In de and en: what happened, that nothing is lost, what to do; and that does it."""
    write_phantom(tmp_path / "disc/CT", slices=SLICES)
    disc = tmp_path / "disc"
    with Hospital(tmp_path / "hospital", with_lines=True) as hospital:
        hospital.start("receiver", "viewer", "poller")
        line = hospital.lines.to_receiver
        for language, said in SAID.items():
            state = tmp_path / language
            command = ("send", disc, "--profile", hospital.rooms.profile, "--lang", language)
            words = (*command, *SENDER, "--recipient", RECIPIENT, "--state", state)
            with small_disk(tmp_path, "size=1m", language):
                filler = Filler(state)
                line.hold_after(HELD)
                with Running(*words) as client:
                    line.await_held()
                    filler.fill()
                    line.release()
                    stopped = client.said()
                assert stopped.code == ExitCode.USAGE
                for sentence in said:
                    assert sentence in f"{stopped.printed} {stopped.sentences}"
                filler.remove()
                assert passbox(*words, "--resume").code == ExitCode.ALL
                assert list(state.glob("*.transfer")) == []
            transfer = hospital.transfers()[-1]["transfer"]
            assert len(hospital.stored(transfer)) == SLICES
        assert len(hospital.transfers()) == len(SAID)


@pytest.mark.parametrize("left", [0, 20_000, 100_000])
def test_a_poller_waits_for_room_and_goes_on(
    tmp_path: Path, mail_sink: MailSink, left: int
) -> None:
    """Without room in the spool nothing is acknowledged that is not there; with room it goes on."""
    sending = Sending(slices(IMAGES))
    packs = sending.packs()
    with a_house(tmp_path, mail_sink) as house, small_disk(tmp_path, "size=16m", "spool"):
        filler = Filler(house.spool)
        with house.polling():
            eventually((tmp_path / "ready.json").exists, "a poller that polls")
            filler.fill(but=left)
            before = house.receiver.asked
            house.send(sending, packs)
            eventually(lambda: house.receiver.asked > before + 3, "a poller that tries again")
            held = {
                pack.number for pack in PackStore(house.spool / "packs").packs(sending.transfer)
            }
            assert house.receiver.uploads[sending.transfer].released <= held
            assert len(held) < len(packs)
            filler.remove()
            house.wait_until_finished(sending.transfer)
    uids = house.viewer.stored_uids()
    assert sorted(uids) == sorted(f"1.2.3.4.{number}" for number in range(1, IMAGES + 1))
    assert {file.result for file in house.report().files} == {"delivered"}


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    """A folder for images."""
    folder = tmp_path / "medium"
    folder.mkdir()
    return folder


@pytest.fixture
def viewer(tmp_path: Path) -> Iterator[tuple[House, Filler]]:
    """Run a viewer whose disk has 16 MiB."""
    with small_disk(tmp_path, "size=16m"), running_house(tmp_path) as house:
        yield house, Filler(tmp_path / "store")


@pytest.mark.parametrize("left", [0, 30_000, 80_000])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_viewer_takes_no_more_and_goes_on(
    viewer: tuple[House, Filler], medium: Path, left: int
) -> None:
    """Without room nothing is called stored that is not there, and tries leave nothing behind.

    The library ends an association in the middle of an instance and tells nobody.
    """
    house, filler = viewer
    title, numbers = house.register(a_transfer()), itertools.count(1)
    filler.fill(but=left)
    stored = 0
    for _ in range(TRIES):
        with contextlib.suppress(AttributeError):  # aborted: an answer without a status
            stored += house.store(title, [an_image(medium, next(numbers))]) == [0]
    incoming = house.running.inside.store.incoming
    assert stored < TRIES
    assert len(list(incoming.iterdir())) <= 1
    filler.remove()

    assert house.store(title, [an_image(medium, next(numbers))]) == [0]
    assert len(house.instances(a_transfer())) == stored + 1
    assert list(incoming.iterdir()) == []
