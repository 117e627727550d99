import io
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from passbox.cli import app
from passbox.errors import ProfileSourceWrong
from passbox.house import House, Rooms
from passbox.initialise import initialise
from passbox.profile_source import read_profile_source
from passbox_base.keys import load_sealing_key
from passbox_wire.profile import parse_profile

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What init made of a hospital."""
    root = tmp_path_factory.mktemp("init") / "hospital"
    house = House(hospital='Klinikum "Süd"', phone="+49 251 5550", departments={"Chirurgie": ""})
    initialise(Rooms(root), house, datetime.now(UTC))
    return root


@pytest.fixture
def source(hospital: Path, tmp_path: Path) -> Path:
    """The profile.toml in a copy of it."""
    return shutil.copytree(hospital, tmp_path / "hospital") / "public/profile.toml"


def run(*words: str | Path) -> Result:
    """Run ``passbox profile`` with these words."""
    return RUNNER.invoke(app, ["profile", *map(str, words)])


def change(source: Path, old: str, new: str) -> None:
    """Write something else into profile.toml."""
    text = source.read_text("utf-8")
    assert old in text
    source.write_text(text.replace(old, new), "utf-8")


def test_the_source_that_init_leaves_makes_the_very_profile(source: Path, tmp_path: Path) -> None:
    """Made and signed again, init's profile.toml gives hospital.passbox byte for byte."""
    unsigned, card = tmp_path / "unsigned", tmp_path / "card"
    key = source.parents[1] / "offline/profile-signing.key"
    assert run("make", source, "--out", unsigned).exit_code == 0
    said = run("sign", unsigned, "--key", key, "--out", card)
    assert card.read_bytes() == (source.parent / "hospital.passbox").read_bytes()
    assert (source.parent / "fingerprint.txt").read_text() in said.output


def test_a_hospital_makes_its_own_profile(source: Path, tmp_path: Path) -> None:
    """Logo, a second sealing key and a new pin come in; who has the old profile takes the new."""
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "#0b5394").save(picture, "PNG")
    source.with_name("logo.png").write_bytes(picture.getvalue())
    for kind in ("sealing", "pin"):
        assert run("new-key", kind, source.with_name(f"{kind}-2031")).exit_code == 0
    for old, new in (
        ("# logo", "logo"),
        ("serial = 1", "serial = 2"),
        ('["sealing.pub"]', '["sealing-2031.pub", "sealing.pub"]'),
        ('"backup-pin.pub"', f'"pin-2031.pub", "{"ab" * 32}"'),
    ):
        change(source, old, new)
    unsigned, card = tmp_path / "unsigned", tmp_path / "card"
    before = source.with_name("hospital.passbox")
    run("make", source, "--out", unsigned)
    run("sign", unsigned, "--key", source.parents[1] / "offline/profile-signing.key", "--out", card)
    assert run("check", card, "--known", before).exit_code == 0
    assert run("check", before, "--known", card).exit_code == 6
    profile, known = (parse_profile(path.read_bytes()).profile for path in (card, before))
    assert profile.logo == picture.getvalue()
    secret = load_sealing_key(source.with_name("sealing-2031.key"))
    old_keys = known.destinations[0].sealing_keys
    assert profile.destinations[0].sealing_keys == (secret.public_key, *old_keys)
    assert profile.pins[0] == known.pins[0]
    assert profile.pins[2] == bytes.fromhex("ab" * 32)


def test_new_keys_are_private(source: Path) -> None:
    """The secret half of a new pair has mode 0600, and nothing is written over."""
    name = source.with_name("receipt-2031")
    assert run("new-key", "receipt", name).exit_code == 0
    assert stat.S_IMODE(name.with_name("receipt-2031.key").stat().st_mode) == 0o600
    assert run("new-key", "receipt", name).exit_code != 0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("hospital =", "spital =", "spital"),
        ("phone =", "fone =", "fone"),
        ("privacy_version =", "version =", "texts.de.version"),
        ("departments =", "department =", "destinations.department"),
        ("url =", "# url =", "key url is missing"),
        ("serial = 1", 'serial = "seven"', "profile.toml"),
        ('roots = "root.pem"', 'roots = "nowhere.pem"', "nowhere.pem"),
        ('"backup-pin.pub"', '"fingerprint.txt"', "pins: fingerprint.txt"),
        ('["sealing.pub"]', '["receipt.pub"]', "sealing key"),
        ("[texts.de]", "[texts.de", "TOML"),
    ],
)
def test_a_fault_in_the_source_is_named(source: Path, old: str, new: str, told: str) -> None:
    """What is missing, unknown or wrong in profile.toml is told by its name."""
    change(source, old, new)
    with pytest.raises(ProfileSourceWrong, match=told):
        read_profile_source(source)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"backup-pin.pub"', '"server.pem"', "two different keys"),
        (', "backup-pin.pub"', "", "two different keys"),
        ("expires = 2", "expires = 1", "day has passed"),
    ],
)
def test_what_no_sender_would_take_is_not_made(
    source: Path, tmp_path: Path, old: str, new: str, told: str
) -> None:
    """One pin, one pin twice, or a day that has passed is refused before anything is signed."""
    change(source, old, new)
    refused = run("make", source, "--out", tmp_path / "unsigned")
    assert told in str(refused.exception)
    assert not (tmp_path / "unsigned").exists()


def test_only_an_unsigned_profile_is_signed(source: Path, tmp_path: Path) -> None:
    """What `profile make` did not write is refused by a sentence that says what to do."""
    key = source.parents[1] / "offline/profile-signing.key"
    refused = run("sign", source, "--key", key, "--out", tmp_path / "card")
    assert "profile make" in str(refused.exception)
    assert not (tmp_path / "card").exists()
