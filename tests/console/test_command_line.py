import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from passbox.cli import app
from passbox.demo.clinician import links_in

RUN = CliRunner()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("init",),
        ("scan",),
        ("send",),
        ("receipt",),
        ("profile", "make"),
        ("profile", "sign"),
        ("profile", "check"),
        ("profile", "show"),
        ("receiver", "serve"),
        ("receiver", "limits", "set"),
        ("receiver", "lists", "add"),
        ("receiver", "monitor"),
        ("receiver", "stop"),
        ("poller", "run"),
        ("poller", "receiver", "limits", "set"),
        ("poller", "receiver", "stop"),
        ("viewer", "serve"),
        ("demo",),
        ("doctor",),
    ],
)
def test_every_command_teaches(words: tuple[str, ...]) -> None:
    """Every command has a help text that says what it is for."""
    answer = RUN.invoke(app, [*words, "--help"])
    assert answer.exit_code == 0
    assert len(answer.output.split()) > 15


def test_a_hospital_from_nothing_to_a_checked_profile(tmp_path: Path) -> None:
    """Init makes a hospital whose profile check and show accept."""
    folder = tmp_path / "hospital"
    made = RUN.invoke(app, ["init", str(folder), "--hospital", "Klinikum [bold]Süd"])
    assert made.exit_code == 0, made.output
    profile = str(folder / "public" / "hospital.passbox")
    assert RUN.invoke(app, ["profile", "check", profile]).exit_code == 0
    shown = RUN.invoke(app, ["profile", "show", profile, "--json"])
    assert json.loads(shown.output)["hospital"] == "Klinikum [bold]Süd"
    assert json.loads(shown.output)["fingerprint"] in made.output


def test_an_altered_profile_is_refused(tmp_path: Path) -> None:
    """A profile with one changed letter is refused with exit code 6 and the reason."""
    folder = tmp_path / "hospital"
    RUN.invoke(app, ["init", str(folder), "--hospital", "Klinikum"])
    profile = folder / "public" / "hospital.passbox"
    altered = tmp_path / "altered.passbox"
    altered.write_bytes(profile.read_bytes().replace(b"Klinikum", b"Klinikun", 1))
    answer = RUN.invoke(app, ["profile", "check", str(altered)])
    assert answer.exit_code == 6
    assert "profile_altered" in answer.output


def test_links_are_counted_once() -> None:
    """The same link twice in a text is one link, two different ones are two."""
    assert links_in("a http://x/1 b http://x/1") == ["http://x/1"]
    assert len(links_in("http://x/1 https://y/2")) == 2
