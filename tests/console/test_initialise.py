import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passbox.errors import FolderInUse
from passbox.house import House, MailRelay, Pacs, Rooms
from passbox.initialise import initialise
from passbox_base.clocks import SystemClock
from passbox_base.keys import load_sealing_key
from passbox_client.profiles import load_profile
from passbox_poller.settings import read_settings as read_poller
from passbox_receiver.settings import load_settings as read_receiver
from passbox_viewer.settings import read_settings as read_viewer

NOW = datetime.now(UTC)


def a_house(**changes: object) -> House:
    """A hospital with one department and one PACS."""
    values = {
        "hospital": 'Klinikum "Süd"',
        "domains": ("klinik.example",),
        "departments": {"Chirurgie": "chirurgie@klinik.example"},
        "mail": MailRelay(sender="passbox@klinik.example", admins=("it@klinik.example",)),
        "fallback_mailbox": "bilder@klinik.example",
        "pacs": (Pacs("PACS", "pacs.klinik.example", 104, "KLINIK"),),
    }
    return House(**{**values, **changes})  # type: ignore[arg-type]  # values of a builder


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    """What init made."""
    made = Rooms(tmp_path / "hospital")
    initialise(made, a_house(), NOW)
    return made


def test_every_program_reads_what_init_wrote(rooms: Rooms) -> None:
    """The three settings files that init writes are complete for the three programs."""
    receiver = read_receiver(rooms.receiver_settings)
    poller = read_poller(rooms.poller_settings)
    viewer = read_viewer(rooms.viewer_settings)
    assert receiver.destinations[0].id == poller.destination
    assert poller.notify.departments == {"Chirurgie": "chirurgie@klinik.example"}
    assert viewer.pacs[0].ae_title == "KLINIK"


def test_the_unsealing_key_is_on_one_machine_only(rooms: Rooms) -> None:
    """Only the poller's folder holds the key that opens, and the profile names its public half."""
    key = load_sealing_key(rooms.poller / "sealing.key")
    secret = (rooms.poller / "sealing.key").read_bytes()
    others = [rooms.public, rooms.dmz, rooms.viewer, rooms.offline]
    assert all(secret != path.read_bytes() for room in others for path in room.iterdir())
    profile = load_profile(rooms.profile, SystemClock()).profile
    assert profile.destinations[0].sealing_keys == (key.public_key,)


def test_private_keys_are_private(rooms: Rooms) -> None:
    """Every private key has mode 0600 and none lies in the folder for anybody."""
    keys = list(rooms.root.rglob("*.key"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    assert not list(rooms.public.glob("*.key"))
    for path in rooms.public.iterdir():
        assert b"PRIVATE KEY" not in path.read_bytes()


def test_a_profile_has_an_active_and_a_backup_pin(rooms: Rooms) -> None:
    """The profile pins the receiver's key and one that lies offline."""
    assert len(set(load_profile(rooms.profile, SystemClock()).profile.pins)) == 2
    assert (rooms.offline / "backup-pin.key").exists()


def test_the_printed_fingerprint_is_the_profiles(rooms: Rooms) -> None:
    """fingerprint.txt is what a client shows for the profile."""
    printed = (rooms.public / "fingerprint.txt").read_text().strip()
    assert printed == load_profile(rooms.profile, SystemClock()).fingerprint


def test_init_never_writes_over_keys(rooms: Rooms) -> None:
    """A second init into the same folder is refused and changes nothing."""
    before = (rooms.poller / "sealing.key").read_bytes()
    with pytest.raises(FolderInUse):
        initialise(rooms, a_house(), NOW)
    assert (rooms.poller / "sealing.key").read_bytes() == before
