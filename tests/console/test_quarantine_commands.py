"""`passbox poller quarantine`: what waits is listed, decisions lie where the poller looks."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from passbox import quarantine_commands
from passbox_poller import custody
from passbox_poller.errors import Refusal
from passbox_poller.quarantine import Quarantine
from passbox_wire.ids import TransferId
from passbox_wire.inner.quarantine import Action
from tests.builders.clocks import FakeClock

TRANSFER = TransferId("ab" * 16)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A poller with one refused file."""
    file = tmp_path / "file"
    file.write_bytes(b"cut")
    Quarantine(tmp_path / "spool/quarantine", FakeClock()).keep(
        TRANSFER, 3, file, Refusal.TRUNCATED
    )
    path = tmp_path / "poller.toml"
    path.write_text(SETTINGS)
    return path


SETTINGS = """
destination = "00000000000000000000000000000000"
[receiver]
url = "https://r.example"
ca = "x"
certificate = "x"
key = "x"
[viewer]
url = "https://v.example"
ca = "x"
certificate = "x"
key = "x"
scp_port = 11112
[keys]
sealing = ["x"]
destination = "x"
receipt = "x"
[spool]
folder = "spool"
[mail]
host = "m.example"
sender = "p@h.example"
admins = ["a@h.example"]
[notify]
fallback = "p@h.example"
"""


def ran(*arguments: str) -> tuple[int, str]:
    """Return exit code and standard output."""
    result = CliRunner().invoke(quarantine_commands.app, list(arguments))
    return result.exit_code, result.stdout


def test_what_waits_is_listed(config: Path) -> None:
    """Transfer, number, reason and size, for people and for programs."""
    code, listed = ran("list", "--config", str(config), "--json")
    assert code == 0
    assert json.loads(listed)["files"] == [
        {
            "transfer": TRANSFER,
            "index": 3,
            "reason": "truncated",
            "size": 3,
            "since": int(FakeClock().now().timestamp()),
        }
    ]
    assert "truncated" in ran("list", "--config", str(config))[1]


@pytest.mark.parametrize("action", [Action.RELEASE, Action.DELETE])
def test_a_decision_waits_for_the_poller(config: Path, action: Action) -> None:
    """It names who and why, and nothing is done yet."""
    arguments = ("--config", str(config), TRANSFER, "3", "--author", "ada", "--reason", "asked")
    assert ran(action.value, *arguments)[0] == 0
    quarantine = Quarantine(config.parent / "spool/quarantine", FakeClock())
    ((path, decision),) = quarantine.decisions()
    assert (decision.action, decision.author, decision.reason) == (action, "ada", "asked")
    assert path.stat().st_mode & 0o777 == 0o600
    assert quarantine.path(TRANSFER, 3) is not None


@pytest.mark.parametrize(
    ("transfer", "index", "reason", "code"),
    [(TRANSFER, "4", "why", 1), (TRANSFER, "3", "a\nb", 2), ("../etc", "3", "why", 2)],
)
def test_what_is_no_decision(
    config: Path, transfer: str, index: str, reason: str, code: int
) -> None:
    """A file that is not there, a reason over two lines, an id that is none: nothing is decided."""
    arguments = ("--config", str(config), transfer, index, "--author", "a", "--reason", reason)
    assert ran("delete", *arguments)[0] == code
    assert custody.quarantined(config).total == 1
    assert not list(Quarantine(config.parent / "spool/quarantine", FakeClock()).decisions())
