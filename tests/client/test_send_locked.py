"""Sending what lies in a ZIP with a password."""

from pathlib import Path

import pytest

from passbox_client.errors import MediumRefused
from passbox_client.outcome import Outcome
from passbox_client.scan import scan
from passbox_client.send import send
from tests.builders.wire import a_sender, a_signed_profile
from tests.client.hospital import FakeHospital
from tests.discs.not_dicom import lock
from tests.discs.slices import files, series


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """Return a disc as ZIP with the password "geheim"."""
    return lock(tmp_path / "disc.zip", files(series(3)), b"geheim")


def test_the_password_opens_the_medium_for_sending_too(locked: Path, tmp_path: Path) -> None:
    """The images arrive as they are in the ZIP; a scan that was handed in brings its password."""
    for medium, password in ((locked, "geheim"), (scan(locked, password="geheim"), None)):
        hospital = FakeHospital()
        result = send(
            medium,
            a_signed_profile(),
            sender=a_sender(),
            state_folder=tmp_path / "state",
            receiver=hospital,
            password=password,
        )
        assert result.outcome is Outcome.COMPLETE
        assert sorted(hospital.look().files.values()) == sorted(files(series(3)).values())


def test_without_the_password_nothing_is_sent(locked: Path, tmp_path: Path) -> None:
    """A locked medium is refused before a transfer is made."""
    hospital = FakeHospital()
    with pytest.raises(MediumRefused):
        send(
            locked,
            a_signed_profile(),
            sender=a_sender(),
            state_folder=tmp_path / "state",
            receiver=hospital,
        )
    assert not hospital.packs


def test_a_password_is_in_no_text(locked: Path) -> None:
    """A result that is printed by mistake shows no password."""
    assert "geheim" not in repr(scan(locked, password="geheim"))
