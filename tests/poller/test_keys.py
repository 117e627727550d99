"""The poller's keys: several at once, and in nothing that leaves the process."""

import base64
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_base.keys import save_sealing_key
from passbox_wire.inner.receiver import StopReason
from passbox_wire.states import DeliveryState
from tests.builders.wire import a_sealing_key, a_signing_key
from tests.parts.smtp import MailSink
from tests.poller.house import House, a_house
from tests.poller.sending import Sending, slices
from tests.poller.test_run import DEADLINE, PROGRAM, written

CORES = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (-1, -1)); "
SECRETS = [
    a_sealing_key().seeds,
    a_signing_key("destination").private_bytes_raw(),
    a_signing_key("receipt").private_bytes_raw(),
]


@pytest.fixture
def house(tmp_path: Path, mail_sink: MailSink) -> Iterator[House]:
    """Peers that are up."""
    with a_house(tmp_path, mail_sink) as house:
        yield house


def forms(secret: bytes) -> list[bytes]:
    """Return the shapes in which a key is searched, whole or its middle."""
    middle = secret[3:27]
    return [middle, middle.hex().encode(), base64.b64encode(middle)]


def found_in(folder: Path) -> list[Path]:
    """Return the files that hold a key, but for the key files themselves."""
    shapes = [shape for secret in SECRETS for shape in forms(secret)]
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pem"]
    assert files
    return [p for p in files if any(shape in p.read_bytes() for shape in shapes)]


def started(house: House, before: str) -> subprocess.Popen[bytes]:
    """Start a poller that may dump its core into the house's folder, its log beside."""
    with (house.folder / "log").open("wb") as log:
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                CORES + PROGRAM + before + "sys.exit(run(Path(sys.argv[1])))",
                str(written(house)),
            ],
            cwd=house.folder,
            stdout=log,
            stderr=log,
        )


def worked_and_aborted(house: House, before: str = "") -> None:
    """Have a poller deliver a transfer, and end it as a fault of its own would."""
    process = started(house, before)
    try:
        sending = Sending(slices(1))
        house.send(sending)
        house.wait_until_finished(sending.transfer)
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        process.send_signal(signal.SIGABRT)
        assert process.wait(DEADLINE) == -signal.SIGABRT
    finally:
        process.kill()
        process.wait()
    (cores,) = [line.split()[4:6] for line in limits.splitlines() if "core file" in line]
    assert (cores == ["0", "0"]) is not bool(before)


def test_keys_are_in_no_log_no_core_and_no_backup(house: House) -> None:
    """A poller that worked and crashed has left no core, and no key in its spool or its log."""
    worked_and_aborted(house)
    assert not list(house.folder.glob("core*"))
    assert found_in(house.folder) == []


@pytest.mark.skipif(
    not sys.platform.startswith("linux")
    or Path("/proc/sys/kernel/core_pattern").read_text().strip() != "core",
    reason="cores of this system go elsewhere",
)
def test_without_the_defence_the_core_holds_the_keys(house: House) -> None:
    """The test above sees what it is about: the same crash undefended leaves the keys on disk."""
    undefended = "import passbox_poller.run as r; r.keep_memory_private = lambda: True; "
    worked_and_aborted(house, undefended)
    (core,) = found_in(house.folder)
    assert core.name.startswith("core")


def test_old_and_new_key_overlap(house: House) -> None:
    """While both are configured, transfers to either are delivered; a retired one opens no more."""
    new = a_sealing_key("new")
    save_sealing_key(house.folder / "keys" / "new.pem", new)
    house.sealing_keys = ["new.pem", "sealing.pem"]
    with house.polling():
        for number, key in enumerate((a_sealing_key(), new)):
            sending = Sending(slices(1), name=f"overlap {number}", sealing_key=key)
            house.send(sending)
            assert house.wait_until_finished(sending.transfer).delivery is DeliveryState.COMPLETE
    house.sealing_keys = ["new.pem"]
    with house.polling():
        late = Sending(slices(1), name="late")
        house.send(late)
        house.wait_until_finished(late.transfer)
    assert house.receiver.stops == [(late.transfer, StopReason.WRONG_SEALING_KEY)]


def test_another_process_of_the_same_user_cannot_look_in() -> None:
    """The kernel counts the process as one nobody may attach to or dump."""
    script = (
        "import ctypes; from passbox_poller.secrecy import keep_memory_private;"
        "assert keep_memory_private(); print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, timeout=DEADLINE
    )
    assert said.stdout.strip() == b"0"
