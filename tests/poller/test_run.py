"""The poller as a process: what it says when it cannot start, and that it ends when told to."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_poller.records import record, transfers
from passbox_poller.run import run
from tests.builders.wire import a_signing_key, a_transfer_id
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, slices

DEADLINE = 120.0  # seconds
PROGRAM = "import sys; from passbox_poller.run import run; from pathlib import Path; "


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def written(house: House) -> Path:
    """Return a settings file as an operator writes it."""
    sections = json.loads(house.settings().model_dump_json(exclude_none=True))
    top = {name: value for name, value in sections.items() if not isinstance(value, dict)}
    lines = [f"{name} = {json.dumps(value)}" for name, value in top.items()]
    for section in sections.keys() - top.keys():
        tables = {n: v for n, v in sections[section].items() if isinstance(v, dict)}
        plain = {n: v for n, v in sections[section].items() if n not in tables}
        lines += [f"[{section}]", *(f"{n} = {json.dumps(v)}" for n, v in plain.items())]
        for name, table in tables.items():
            lines += [f"[{section}.{name}]", *(f"{n} = {json.dumps(v)}" for n, v in table.items())]
    path = house.folder / "poller.toml"
    path.write_text("\n".join(lines))
    return path


def test_a_process_delivers_and_ends_on_sigterm(house: House) -> None:
    """A started program says when it polls, delivers, and ends with status 0 when it is told to."""
    settings = written(house)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM + "sys.exit(run(Path(sys.argv[1])))", str(settings)]
    )
    try:
        sending = Sending(slices(2))
        house.send(sending)
        house.wait_until_finished(sending.transfer)
        assert json.loads((house.folder / "ready.json").read_text()) == {"polling": True}
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
    finally:
        process.kill()
        process.wait()
    assert not (house.folder / "ready.json").exists()
    (known,) = transfers(settings)
    found = record(settings, known.id)
    assert found is not None
    assert [file.sop_instance_uid for file in found.files] == ["1.2.3.4.1", "1.2.3.4.2"]
    assert record(settings, a_transfer_id(a_signing_key("unknown"))) is None


def test_nothing_is_known_where_no_poller_ran(house: House) -> None:
    """Asking for records before the first start makes no ledger."""
    assert transfers(written(house)) == []
    assert not house.spool.exists()


def test_wrong_settings_are_told_all_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every fault of the settings is a line, and the status says that it is usage."""
    path = tmp_path / "poller.toml"
    path.write_text('destination = "x"\n[receiver]\nurl = "http://insecure"\npinz = []\n')
    assert run(path) == 2
    said = capsys.readouterr().err
    for word in ("destination", "receiver.url", "pins", "viewer", "keys", "mail"):
        assert word in said


def test_a_key_that_others_can_read_is_not_used(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    """With an unsealing key of the wrong mode the poller does not start, and says which file."""
    (house.folder / "keys" / "sealing.pem").chmod(0o644)
    assert run(written(house)) == 1
    assert "sealing.pem" in capsys.readouterr().err
