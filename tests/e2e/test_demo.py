"""`passbox demo --once --json`: what newcomers start and what others rely on."""

import json
from pathlib import Path
from typing import Any

import pytest

from passbox.demo.disc import make_disc
from passbox.demo.reader import read_medium
from tests.client.media import PDF, PNG, images, write, zipped
from tests.e2e.command import Said, passbox


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo's figures go."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def said(folder: Path) -> Said:
    """The whole demo, once, with the built-in disc."""
    return passbox("demo", "--once", "--json", folder / "all.json", cold=True)


@pytest.fixture(scope="module")
def figures(folder: Path, said: Said) -> dict[str, Any]:
    """The demo's --json."""
    assert said.code == 0, said.printed + said.sentences
    document: dict[str, Any] = json.loads((folder / "all.json").read_bytes())
    return document


def test_the_demo_ends_well_and_says_so(said: Said) -> None:
    """The demo ends with status 0 and a table in which nothing is crossed out."""
    assert said.code == 0, said.printed + said.sentences
    assert "equal at every station" in said.printed
    assert "✗" not in said.printed


def test_every_file_of_the_disc_is_accounted_for(figures: dict[str, Any], tmp_path: Path) -> None:
    """files_on_media is what lies on the disc, and the sum of found, attached and skipped."""
    on_disc = read_medium(make_disc(tmp_path / "disc"))
    accounted = len(figures["attached"]) + len(figures["skipped"]) + figures["instances_found"]

    assert figures["files_on_media"] == len(on_disc) == accounted
    named = [file["path"] for file in figures["attached"] + figures["skipped"]]
    assert len(set(named)) == len(named)
    assert set(named) <= set(on_disc)
    assert all(file["reason"] for file in figures["skipped"])
    kept = [file.size for path, file in on_disc.items() if path not in named]
    assert figures["bytes_on_media"] == sum(kept)


def test_every_image_of_the_disc_arrived(figures: dict[str, Any]) -> None:
    """Every image is stored and in the PACS, byte-exact at every station; nothing was refused."""
    found = figures["instances_found"]
    assert found == 81 + 24
    assert figures["instances_delivered"] == figures["instances_in_pacs"] == found
    assert figures["bytes_equal"] is True
    assert figures["refused"] == []


def test_the_dmz_saw_nothing(figures: dict[str, Any]) -> None:
    """No planted word was found in what the receiver wrote and in its memory."""
    assert figures["dmz_saw_plaintext"] is False
    assert figures["dmz_memory_searched"] is True


def test_the_wire_carried_less_than_the_disc_holds(figures: dict[str, Any]) -> None:
    """bytes_on_wire counts what the receiver read: something, and less than the images' bytes."""
    assert 0 < figures["bytes_on_wire"] < figures["bytes_on_media"]


def test_times_follow_each_other(figures: dict[str, Any]) -> None:
    """Sent, delivered and forwarded count from the start of sending, in this order."""
    seconds = figures["seconds"]
    assert set(seconds) == {"scan", "sent", "delivered", "forwarded"}
    assert seconds["scan"] > 0
    assert min(seconds["sent"], seconds["delivered"]) > 0
    assert max(seconds["sent"], seconds["delivered"]) < seconds["forwarded"]


def test_an_odd_disc_is_accounted_for_as_well(tmp_path: Path) -> None:
    """A disc with a ZIP, attachments, a copy and a broken file ends with 1 and names each."""
    files = images(4)
    broken = files["IMG/I004"][: len(files["IMG/I004"]) - 40]
    disc = write(
        tmp_path / "disc",
        {
            **files,
            "IMG/I004": broken,
            "COPY/I001": files["IMG/I001"],
            "REPORT.PDF": PDF,
            "KEY.PNG": PNG,
            "VIEWER.EXE": b"MZ" + bytes(200),
        },
    )
    more = images(6, folder="Z")
    zipped(disc / "MORE.ZIP", {name: more[name] for name in ("Z/I005", "Z/I006")})

    said = passbox("demo", "--once", "--media", disc, "--json", tmp_path / "all.json")

    figures = json.loads((tmp_path / "all.json").read_bytes())
    assert said.code == 1
    assert figures["files_on_media"] == len(read_medium(disc)) == 10
    assert figures["instances_found"] == 6
    assert figures["instances_delivered"] == figures["instances_in_pacs"] == 5
    assert figures["refused"] == [{"path": "IMG/I004", "reason": "truncated"}]
    assert {file["path"]: file["kind"] for file in figures["attached"]} == {
        "REPORT.PDF": "pdf",
        "KEY.PNG": "picture",
    }
    assert {file["path"]: file["reason"] for file in figures["skipped"]} == {
        "COPY/I001": "duplicate",
        "VIEWER.EXE": "program",
    }
    assert figures["bytes_equal"] is True  # of what was delivered
