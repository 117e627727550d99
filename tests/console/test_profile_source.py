from datetime import UTC, datetime
from pathlib import Path

import pytest

from passbox.errors import ProfileSourceWrong
from passbox.house import House, Rooms
from passbox.initialise import initialise
from passbox.profile_source import read_profile_source
from passbox_wire.profile import parse_profile

SOURCE = """
hospital = "Klinikum Süd"
phone = "+49 251 555 0199"
url = "https://upload.klinik.example:8443"
pins = ["../dmz/public.pem", "{backup}"]
roots = "../public/root.pem"
transfer_bytes = 8000000000
serial = 7
expires = 2031-01-31

[texts.de]
welcome = "Willkommen"
privacy_version = "3"
privacy = "Ihre Bilder ..."

[[destinations]]
id = "00112233445566778899aabbccddeeff"
name = "Radiologie"
departments = ["Chirurgie"]
recipient_domains = ["klinik.example"]
sealing_keys = ["sealing.pub"]
receipt_keys = ["../dmz/receipt.pub"]
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A profile.toml beside the files of a hospital that init made."""
    from passbox_base.keys import load_sealing_key
    from passbox_wire.keys import sealing_public_key_to_pem

    rooms = Rooms(tmp_path / "hospital")
    initialise(rooms, House(), datetime.now(UTC))
    key = load_sealing_key(rooms.poller / "sealing.key").public_key
    (rooms.offline / "sealing.pub").write_bytes(sealing_public_key_to_pem(key))
    path = rooms.offline / "profile.toml"
    path.write_text(SOURCE.format(backup="ab" * 32), "utf-8")
    return path


def test_a_hospital_makes_its_own_profile(source: Path) -> None:
    """A TOML becomes a profile, with pins from certificates or digits and keys from PEM."""
    profile = read_profile_source(source)
    card = parse_profile((source.parents[1] / "public" / "hospital.passbox").read_bytes()).profile
    assert profile.hospital == "Klinikum Süd"
    assert profile.pins == (card.pins[0], bytes.fromhex("ab" * 32))
    assert profile.destinations[0].sealing_keys == card.destinations[0].sealing_keys
    assert profile.expires == int(datetime(2031, 1, 31, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('hospital = "Klinikum Süd"', "", "hospital"),
        ("serial = 7", 'serial = "seven"', "profile.toml"),
        ('roots = "../public/root.pem"', 'roots = "nowhere.pem"', "nowhere.pem"),
        ('["sealing.pub"]', '["../dmz/receipt.pub"]', "sealing key"),
        ("[texts.de]", "[texts.de", "TOML"),
    ],
)
def test_a_fault_in_the_source_is_named(source: Path, old: str, new: str, told: str) -> None:
    """What is missing or wrong in profile.toml is told by its name."""
    source.write_text(source.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(ProfileSourceWrong, match=told):
        read_profile_source(source)
