"""The poller's console against the real receiver, over mutual TLS: commands, answers, audits."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from passbox.cli import app
from passbox_base.audit import AuditChain, entries
from passbox_base.clocks import SystemClock
from passbox_base.keys import save_sealing_key, save_signing_key
from passbox_poller.ledger import Ledger
from passbox_poller.relay import AUDIT_NAME
from passbox_receiver import operations
from tests.builders.receiver import House, an_open_receiver, serving
from tests.builders.wire import a_destination_id, a_sealing_key, a_signing_key

RUN = CliRunner()


@dataclass(frozen=True)
class Hospital:
    """A receiver that listens, and the settings of a poller that may dial it."""

    house: House
    settings: Path

    def run(self, *words: str) -> Result:
        """Run one command of `passbox poller receiver`."""
        return RUN.invoke(app, ["poller", "receiver", *words, "--config", str(self.settings)])

    def shown(self, *words: str) -> list[dict[str, object]]:
        """Return the rows a command shows as JSON."""
        answer = self.run(*words, "--json")
        assert answer.exit_code == 0, answer.output
        (rows,) = json.loads(answer.output).values()
        return list(rows)


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    """Open the receiver's inner door; no poller runs."""
    with (
        an_open_receiver(tmp_path / "dmz", clock=SystemClock()) as house,
        serving(house) as ports,
    ):
        yield Hospital(house, poller_settings(tmp_path / "poller", house, ports["inner"]))


def poller_settings(folder: Path, house: House, port: int) -> Path:
    """Write a poller.toml whose receiver is ``house``."""
    folder.mkdir()
    save_sealing_key(folder / "sealing.key", a_sealing_key())
    for name in ("destination", "receipt"):
        save_signing_key(folder / f"{name}.key", a_signing_key(name))
    tls = (
        f'ca = "{house.inner_pki.ca_file}"\n'
        f'certificate = "{house.poller.certificate}"\nkey = "{house.poller.key}"'
    )
    path = folder / "poller.toml"
    path.write_text(
        f"""\
destination = "{a_destination_id()}"
[receiver]
url = "https://127.0.0.1:{port}"
{tls}
[viewer]
url = "https://127.0.0.1:1"
scp_port = 1
{tls}
[keys]
sealing = ["sealing.key"]
destination = "destination.key"
receipt = "receipt.key"
[spool]
folder = "spool"
[mail]
host = "127.0.0.1"
sender = "passbox@hospital.example"
admins = ["admin@hospital.example"]
[notify]
fallback = "post@hospital.example"
"""
    )
    return path


def test_the_receiver_is_administered_from_inside(hospital: Hospital) -> None:
    """What is set, blocked, stopped and resumed inside is in force outside, and in both audits."""
    because = ("--reason", "a flood", "--author", "anna")
    for words in (
        ("limits", "set", "limits.day_bytes", "1000000"),
        ("lists", "add", "block", "2001:db8::/48", "--hours", "1"),
        ("stop", "--text", "Back at noon."),
        ("resume",),
        ("lists", "remove", "1"),
        ("limits", "reset", "limits.day_bytes"),
        ("test-alarm",),
        ("reopen",),
    ):
        done = hospital.run(*words, *because)
        assert done.exit_code == 0, done.output
    assert hospital.shown("lists", "show") == operations.lists(hospital.house.settings_path) == []
    assert hospital.shown("limits", "show") == operations.limits(hospital.house.settings_path)
    assert [alarm["kind"] for alarm in hospital.shown("alarms")] == ["test"]
    assert hospital.shown("monitor")[0]["stopped"] is False
    assert hospital.shown("transfers") == []
    outside = [entry["facts"] for entry in operations.audit(hospital.house.settings_path)]
    spool = hospital.settings.parent / "spool"
    inside = [entry["facts"] for entry in entries(spool / AUDIT_NAME)]
    carried = [fact["command"] for fact in inside if isinstance(fact, dict)][::2]
    assert [fact["command"] for fact in outside if isinstance(fact, dict)] == carried
    assert len(carried) == 8
    assert len(hospital.shown("audit", "--last", "3")) == 3


def test_a_trial_changes_nothing(hospital: Hospital) -> None:
    """--dry-run says what a rule would have hit, and leaves no trace in any audit."""
    because = ("--reason", "a flood", "--dry-run")
    for words in (
        ("limits", "set", "limits.day_bytes", "1"),
        ("lists", "add", "block", "192.0.2.0/24"),
    ):
        tried = hospital.run(*words, *because)
        assert (tried.exit_code, "transfers" in tried.output) == (0, True)
    assert hospital.shown("lists", "show") == []
    assert operations.audit(hospital.house.settings_path) == []


def test_refusals_say_why(hospital: Hospital) -> None:
    """A rule that makes no sense leaves with 5, a command that is none with 2."""
    refused = hospital.run("limits", "set", "limits.none", "1", "--reason", "x")
    assert (refused.exit_code, "there is no limit" in refused.output) == (5, True)
    assert hospital.run("resume", "--reason", "").exit_code != 0
    assert hospital.run("lists", "add", "grey", "192.0.2.1", "--reason", "x").exit_code == 2


def test_a_receiver_that_is_away_is_told(tmp_path: Path) -> None:
    """Without a receiver a command leaves with 4, and says that nothing is known."""
    with an_open_receiver(tmp_path / "dmz", clock=SystemClock()) as house:
        hospital = Hospital(house, poller_settings(tmp_path / "poller", house, 1))
        away = hospital.run("resume", "--reason", "over")
    assert (away.exit_code, "cannot be reached" in away.output) == (4, True)


def test_a_rewritten_audit_is_found_by_the_heads_the_poller_kept(hospital: Hospital) -> None:
    """`passbox audit verify --poller` refuses a sound chain that is not the one that was shown."""
    for number in range(3):
        hospital.run("test-alarm", "--reason", f"try {number}")
    chain = hospital.house.settings_path.parent.parent / "store" / "audit.jsonl"
    spool = hospital.settings.parent / "spool"
    ledger = Ledger.open(spool, SystemClock())
    for count in (2, 3):
        ledger.keep_audit_head(_head_after(chain, count))
    ledger.close()
    copy = hospital.settings.parent / "copy.jsonl"
    copy.write_bytes(chain.read_bytes())
    assert _verify(copy, hospital.settings) == 0
    copy.write_bytes(b"".join(chain.read_bytes().splitlines(keepends=True)[:2]))  # cut
    assert (_verify(copy), _verify(copy, hospital.settings)) == (0, 1)
    copy.unlink()
    forged = AuditChain(copy, SystemClock())  # written anew, each line following the one before
    for _ in range(3):
        forged.append("rules changed", author="nobody", reason="nothing happened")
    forged.close()
    assert (_verify(copy), _verify(copy, hospital.settings)) == (0, 1)


def _head_after(chain: Path, lines: int) -> bytes:
    return bytes.fromhex(json.loads(chain.read_text().splitlines()[lines - 1])["head"])


def _verify(chain: Path, poller: Path | None = None) -> int:
    kept = ["--poller", str(poller)] if poller is not None else []
    return RUN.invoke(app, ["audit", "verify", str(chain), *kept]).exit_code
