"""The client's core against the real receiver, over TLS, with an inside that pulls and signs."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from passbox_base.certificates import spki_sha256
from passbox_base.clocks import SystemClock
from passbox_client.coding import CodecChoice
from passbox_client.errors import ExitCode, LineFailed, ReceiverRefused, Trouble
from passbox_client.line import connect
from passbox_client.outcome import Outcome, SendResult
from passbox_client.progress import SendProgress
from passbox_client.receipts import look_up
from passbox_client.send import send
from passbox_receiver.tables import transfers
from passbox_wire.digests import sha256
from passbox_wire.errors import SealError
from passbox_wire.ids import TransferId
from passbox_wire.inner.receiver import StopReason
from passbox_wire.problems import Code
from passbox_wire.profile import Destination, SignedProfile
from passbox_wire.receipts import FileResult
from passbox_wire.states import UploadState
from tests.builders.answers import good
from tests.builders.poller_inside import Poller
from tests.builders.receiver import DEADLINE, House, an_open_receiver, serving
from tests.builders.wire import (
    a_destination,
    a_destination_id,
    a_profile,
    a_sealing_key,
    a_sender,
    a_signed_profile,
)
from tests.client.hospital import Inside
from tests.client.media import images, write

SPARE_PIN = sha256(b"the backup key, kept offline")


class PullingInside:
    """Pulls closed transfers, opens them, and signs or stops them."""

    def __init__(self, house: House, port: int) -> None:
        context = ssl.create_default_context(cafile=str(house.inner_pki.ca_file))
        context.load_cert_chain(house.poller.certificate, house.poller.key)
        self._house = house
        self._context = context
        self._url = f"https://127.0.0.1:{port}"
        self.inside = Inside()
        self.files: dict[str, bytes] = {}

    async def serve_one(self) -> None:
        """Wait for a closed transfer and give a verdict on it."""
        async with httpx.AsyncClient(
            base_url=self._url, verify=self._context, timeout=DEADLINE
        ) as client:
            poller = Poller(client, self._house)
            cursor = 0
            while True:
                work = await poller.work(cursor, wait=20)
                cursor = work.cursor
                for item in work.items:
                    if item.state is UploadState.CLOSED:
                        await self._judge(poller, item.transfer)
                        return

    async def _judge(self, poller: Poller, transfer: TransferId) -> None:
        packs: dict[int, bytes] = {}
        after: int | None = None
        while True:
            page = await poller.packs(transfer, after)
            for pack in page.packs:
                packs[pack.number] = good(await poller.pack(transfer, pack.number))
            if page.following is None:
                break
            after = page.following
        try:
            opened = self.inside.look(transfer, packs)
        except SealError:
            good(await poller.stop(transfer, StopReason.WRONG_SEALING_KEY))
            return
        self.files = {f.path: opened.files[f.index] for f in opened.inventory.files}
        good(await poller.hand_over(transfer, self.inside.sign(opened)))


class Door:
    """A receiver that listens, the profile that leads to it, and an inside when asked for."""

    def __init__(self, house: House, ports: dict[str, int], folder: Path) -> None:
        self.house = house
        self.folder = folder
        self.url = f"https://127.0.0.1:{ports['public']}"
        self.inside = PullingInside(house, ports["inner"])

    def profile(
        self, *, pins: tuple[bytes, ...] = (), destination: Destination | None = None
    ) -> SignedProfile:
        """Return the address card of this receiver."""
        certificate = self.house.receiver.settings.public.certificate.read_bytes()
        pin = spki_sha256(x509.load_pem_x509_certificate(certificate))
        return a_signed_profile(
            a_profile(
                url=self.url,
                pins=pins or (pin, SPARE_PIN),
                roots=self.house.public_pki.ca_pem,
                destinations=[destination or a_destination()],
            )
        )

    def send(
        self,
        disc: Path,
        *,
        profile: SignedProfile | None = None,
        resume: bool = False,
        progress: Callable[[SendProgress], None] | None = None,
    ) -> SendResult:
        """Send a medium."""
        return send(
            disc,
            profile or self.profile(),
            sender=a_sender(),
            state_folder=self.folder / "state",
            codec=CodecChoice.STORED,
            resume=resume,
            progress=progress,
            receipt_patience=DEADLINE,
        )

    @contextlib.contextmanager
    def with_inside(self) -> Iterator[PullingInside]:
        """Run the inside until it has judged one transfer."""
        thread = threading.Thread(target=asyncio.run, args=[self.inside.serve_one()])
        thread.start()
        yield self.inside
        thread.join(DEADLINE)
        assert not thread.is_alive()

    def transfers(self) -> int:
        """Return how many transfers the receiver knows."""
        with self.house.receiver.ledger.reading() as connection:
            return len(connection.execute(transfers.select()).all())


@contextlib.contextmanager
def a_door(
    folder: Path, *, toml: str = "", free_bytes: Callable[[], int] = lambda: 2**45
) -> Iterator[Door]:
    """Open a receiver and listen."""
    opened = an_open_receiver(folder, toml=toml, clock=SystemClock(), free_bytes=free_bytes)
    with opened as house, serving(house) as ports:
        yield Door(house, ports, folder)


def test_a_medium_arrives_and_is_signed_for(tmp_path: Path) -> None:
    """Scan, seal, upload over pinned TLS, pull, open, sign: complete, every byte the same."""
    files = images(12, side=300)
    disc = write(tmp_path / "disc", files)
    with a_door(tmp_path) as door, door.with_inside() as inside:
        result = door.send(disc)
        assert (result.outcome, result.trouble) == (Outcome.COMPLETE, None)
        assert inside.files == files
        again = look_up(
            result.receipt_code,
            door.profile(),
            receiver=connect(door.profile().profile),
            state_folder=tmp_path / "another computer",
        )
        assert {file.result for file in again.report.files} == {FileResult.DELIVERED}
        assert again == result.receipt


def test_a_wrong_pin_sends_nothing(tmp_path: Path) -> None:
    """The right name and chain with another key: refused before a byte, exit code 4."""
    disc = write(tmp_path / "disc", images(1))
    with a_door(tmp_path) as door:
        wrong = door.profile(pins=(sha256(b"another"), SPARE_PIN))
        with pytest.raises(LineFailed) as refused:
            door.send(disc, profile=wrong)
        assert (refused.value.code, refused.value.exit_code) == ("wrong_pin", ExitCode.CONNECTION)
        assert door.transfers() == 0


def test_a_wrong_name_or_chain_sends_nothing(tmp_path: Path) -> None:
    """A server that another authority vouches for is not trusted, whatever its key."""
    disc = write(tmp_path / "disc", images(1))
    with a_door(tmp_path) as door, a_door(tmp_path / "other") as other:
        profile = door.profile().profile
        stranger = a_signed_profile(
            a_profile(url=other.url, pins=profile.pins, roots=profile.roots)
        )
        with pytest.raises(LineFailed) as refused:
            door.send(disc, profile=stranger)
        assert refused.value.code == Trouble.NOT_TRUSTED
        assert other.transfers() == 0


def test_nobody_there_is_told(tmp_path: Path) -> None:
    """No server at the address: no connection, exit code 4, and nothing is remembered."""
    disc = write(tmp_path / "disc", images(1))
    with a_door(tmp_path) as door:
        profile = door.profile()
    with pytest.raises(LineFailed) as refused:
        door.send(disc, profile=profile)
    assert refused.value.code == Trouble.NO_CONNECTION
    assert not (tmp_path / "state").exists()


def test_a_wrong_sealing_key_is_stopped_from_inside(tmp_path: Path) -> None:
    """Nobody inside can open it: 410 while waiting for the receipt, exit code 5."""
    disc = write(tmp_path / "disc", images(2))
    with a_door(tmp_path) as door, door.with_inside():
        wrong = a_destination(sealing_keys=[a_sealing_key("old key")])
        result = door.send(disc, profile=door.profile(destination=wrong))
        assert (result.outcome, result.exit_code) == (Outcome.REFUSED, ExitCode.REFUSED)
        assert result.trouble is not None
        assert result.trouble.code == Code.STOPPED


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """The DMZ's disk fills up on the way: exit code 5; with room again, going on completes it."""
    files = images(20, side=900)
    disc = write(tmp_path / "disc", files)
    free = [2**45]
    with a_door(tmp_path, free_bytes=lambda: free[0]) as door:

        def fill(progress: SendProgress) -> None:
            if progress.bytes_sent > 4_000_000:
                free[0] = 0

        result = door.send(disc, progress=fill)
        assert result.trouble is not None
        assert (result.trouble.code, result.exit_code) == ("store_full", ExitCode.REFUSED)
        assert result.outcome is Outcome.INTERRUPTED
        free[0] = 2**45
        with door.with_inside() as inside:
            again = door.send(disc, resume=True)
        assert (again.outcome, again.transfer) == (Outcome.COMPLETE, result.transfer)
        assert inside.files == files
        assert door.transfers() == 1


def test_a_cut_goes_on_from_what_is_held(tmp_path: Path) -> None:
    """After a cut in the middle the receiver is asked what it holds, and the rest is sent."""
    files = images(20, side=900)
    disc = write(tmp_path / "disc", files)

    class Cut(Exception):
        pass

    def cut(progress: SendProgress) -> None:
        if progress.bytes_sent > 4_000_000:
            raise Cut

    with a_door(tmp_path) as door:
        with pytest.raises(Cut):
            door.send(disc, progress=cut)
        with door.with_inside() as inside:
            result = door.send(disc, resume=True)
        assert result.outcome is Outcome.COMPLETE
        assert inside.files == files
        assert result.bytes_sent < sum(map(len, files.values())) - 2_000_000


@pytest.mark.parametrize(
    ("toml", "code"),
    [
        ("limits.transfer_bytes = 100000", Code.TRANSFER_TOO_LARGE),
        ("limits.source_bytes_per_day = 100000", Code.SOURCE_LIMIT),
        ("limits.day_bytes = 100000", Code.DAY_LIMIT),
        ('clients.oldest = "99.0.0"', Code.CLIENT_TOO_OLD),
    ],
)
def test_limits_are_answered_before_the_first_byte(tmp_path: Path, toml: str, code: Code) -> None:
    """Too large, over a day's limit, too old a client: refused at the opening, exit code 5."""
    disc = write(tmp_path / "disc", images(3))
    with a_door(tmp_path, toml=toml) as door:
        result = door.send(disc)
        assert result.trouble is not None
        assert (result.trouble.code, result.exit_code) == (code, ExitCode.REFUSED)
        assert result.bytes_sent == 0
        assert not list((tmp_path / "state").glob("*.transfer"))


def test_an_unknown_destination_is_told(tmp_path: Path) -> None:
    """A destination the receiver does not serve is refused at the opening."""
    disc = write(tmp_path / "disc", images(1))
    with a_door(tmp_path) as door:
        elsewhere = a_destination(destination=a_destination_id("elsewhere"))
        result = door.send(disc, profile=door.profile(destination=elsewhere))
        assert result.trouble is not None
        assert result.trouble.code == Code.UNKNOWN_DESTINATION


def test_a_door_that_is_closed_says_so(tmp_path: Path) -> None:
    """A receiver over its hard limit accepts nothing, and says so before the medium is sent."""
    disc = write(tmp_path / "disc", images(1))
    toml = "monitor.soft_bytes_per_day = 1\nmonitor.hard_bytes_per_day = 1\n"
    with a_door(tmp_path, toml=toml) as door, door.with_inside():
        assert door.send(disc).outcome is Outcome.COMPLETE
        with pytest.raises(ReceiverRefused) as refused:
            door.send(disc)
        assert refused.value.code == Code.NOT_ACCEPTING


def test_a_busy_receiver_is_waited_for(tmp_path: Path) -> None:
    """More requests than the door takes in a second: the client slows down, and all arrives."""
    files = images(30, side=400)
    disc = write(tmp_path / "disc", files)
    toml = "limits.requests_per_second_per_source = 5\nlimits.burst = 5\n"
    with a_door(tmp_path, toml=toml) as door, door.with_inside() as inside:
        assert door.send(disc).outcome is Outcome.COMPLETE
        assert inside.files == files
