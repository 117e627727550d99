"""Who is measured: Passbox, and its peers dcmsend and STOW-RS into Orthanc. One way of asking all.

A run is from the start of sending until the last instance is where it is kept: for the peers when
Orthanc has said so of all, for Passbox when the last file has its final name in the temporary
store. Bytes are those that passed the relay towards the hospital, TLS and TCP payload included.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from passbox_client.coding import CodecChoice
from tests.bench.relay import LOOPBACK
from tests.e2e.hospital import ROOT, Hospital
from tests.parts.orthanc import AE_TITLE, Orthanc
from tests.parts.programs import require

_PATIENCE: Final = 1800.0
_BOUNDARY: Final = "passbox-bench"


@dataclass(frozen=True, slots=True)
class Speed:
    """A line: ``bits_per_second`` None is as fast as it goes, ``rtt`` in seconds."""

    bits_per_second: float | None
    rtt: float


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run."""

    seconds: float
    bytes_sent: int
    peak_rss: int | None = None
    receipt_seconds: float | None = None


class RelayProcess:
    """The relay, one process; ``ports`` in the order of the targets."""

    def __init__(self, speed: Speed, targets: Sequence[tuple[int, str | None]]) -> None:
        self._process = _python("tests.bench.relay")
        wanted = {"bits_per_second": speed.bits_per_second, "rtt": speed.rtt, "targets": targets}
        self.ports: list[int] = _ask(self._process, json.dumps(wanted))

    def passed(self) -> list[int]:
        """Return the bytes that went to each target so far."""
        return [there for there, _ in _ask(self._process, "")]

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def _python(module: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", module]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        words, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, start_new_session=True
    )


def _ask(process: "subprocess.Popen[str]", line: str) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    assert answer, f"{process.args!r} ended"
    return json.loads(answer) if answer[0] in "[{" else answer


class Contender(Protocol):
    """Somebody who sends a folder of DICOM files."""

    name: str

    def run(self, medium: Path, count: int) -> Run:
        """Send ``count`` instances, all that ``medium`` holds; fail when not all arrive."""


def peak_rss(pid: int) -> int:
    """Return the most memory a process had, in bytes (VmHWM, Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise LookupError("no VmHWM")


@dataclass(slots=True)
class Sender:
    """A Passbox client in a process of its own, ready to send at the word."""

    process: "subprocess.Popen[str]"

    @classmethod
    def ready(cls, hospital: Hospital, url: str, medium: Path, state: Path, codec: str) -> "Sender":
        """Start one and wait until it has imported what it needs."""
        process = _python("tests.bench.sender")
        order = {
            "profile": str(hospital.rooms.profile),
            "url": url,
            "medium": str(medium),
            "state": str(state),
            "codec": codec,
        }
        _ask(process, json.dumps(order))
        return cls(process)

    def start(self) -> None:
        """Say the word."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def finish(self) -> dict[str, Any]:
        """Wait for the receipt; return the sender's words and its peak memory."""
        assert self.process.stdout is not None
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        answer["peak_rss"] = peak_rss(self.process.pid)
        self.process.communicate()
        return answer


@dataclass(slots=True)
class Passbox:
    """Passbox with one codec or with its own choice."""

    hospital: Hospital
    relay: RelayProcess | None
    folder: Path
    codec: CodecChoice = CodecChoice.AUTO
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = "Passbox" if self.codec is CodecChoice.AUTO else only(self.codec)

    @property
    def url(self) -> str:
        """Where senders dial."""
        port = self.relay.ports[0] if self.relay else self.hospital.house.ports.public
        return f"https://{LOOPBACK}:{port}"

    def run(self, medium: Path, count: int) -> Run:
        before = self.relay.passed()[0] if self.relay else 0
        sender = Sender.ready(self.hospital, self.url, medium, self.folder, self.codec)
        sender.start()
        answer = sender.finish()
        assert answer["exit_code"] == 0, answer
        passed = self.relay.passed()[0] - before if self.relay else int(answer["bytes_sent"])
        return Run(
            durable_at(self.hospital, answer["transfer"], count) - answer["started"],
            passed,
            answer["peak_rss"],
            answer["ended"] - answer["started"],
        )


def only(codec: CodecChoice) -> str:
    """Return what Passbox with a single codec is called."""
    return f"Passbox, {codec} only"


def durable_at(hospital: Hospital, transfer: str, count: int) -> float:
    """Return when the last of ``count`` instances got its final name, in seconds since 1970.

    A file's inode changes last when it loses its temporary name, right before the folder's sync.
    """
    assert len(hospital.stored(transfer)) == count
    folder = hospital.rooms.viewer / "store" / "transfers" / transfer / "instances"
    return max(path.stat().st_ctime for path in folder.glob("*.dcm"))


class _IntoOrthanc:
    """Empties the PACS, sends, and looks that all is there."""

    name: str

    def __init__(self, orthanc: Orthanc, relay: RelayProcess | None, position: int) -> None:
        self._orthanc = orthanc
        self._relay = relay
        self._position = position
        self.port = relay.ports[position] if relay else self._direct()

    def _direct(self) -> int:
        raise NotImplementedError

    def _send(self, medium: Path) -> None:
        raise NotImplementedError

    def _prepare(self, medium: Path) -> None:
        """Do what a sender would have done before."""

    def run(self, medium: Path, count: int) -> Run:
        self._orthanc.empty()
        self._prepare(medium)
        before = self._relay.passed()[self._position] if self._relay else 0
        started = time.monotonic()
        self._send(medium)
        seconds = time.monotonic() - started
        assert self._orthanc.instance_count() == count
        return Run(seconds, self._relay.passed()[self._position] - before if self._relay else 0)


class Dcmsend(_IntoOrthanc):
    """dcmtk's dcmsend as installed, or with TCP_NODELAY=1 in its environment."""

    def __init__(
        self, orthanc: Orthanc, relay: RelayProcess | None, *, no_delay: bool = False
    ) -> None:
        super().__init__(orthanc, relay, 1)
        self._environment = {k: v for k, v in os.environ.items() if k != "TCP_NODELAY"}
        if no_delay:
            self._environment["TCP_NODELAY"] = "1"
        self.name = "dcmsend → Orthanc" + (", TCP_NODELAY=1" if no_delay else "")

    def _direct(self) -> int:
        return self._orthanc.dicom_port

    def _send(self, medium: Path) -> None:
        program = require("dcmsend", "dcmtk")
        words: list[str | Path] = [
            program,
            "--scan-directories",
            "--recurse",
            "--aetitle",
            "PASSBOX",
        ]
        target: list[str | Path] = ["--call", AE_TITLE, LOOPBACK, str(self.port), medium]
        subprocess.run(
            [*words, *target], check=True, capture_output=True, timeout=_PATIENCE,
            env=self._environment,
        )  # fmt: skip


class Stow(_IntoOrthanc):
    """One STOW-RS request (PS3.18 section 10.5) by curl over plain HTTP."""

    name = "STOW-RS (curl) → Orthanc"

    def __init__(self, orthanc: Orthanc, relay: RelayProcess | None, folder: Path) -> None:
        super().__init__(orthanc, relay, 2)
        self._body = folder / "stow-body"

    def _direct(self) -> int:
        return self._orthanc.rest_port

    def _prepare(self, medium: Path) -> None:
        with self._body.open("wb") as body:
            for path in sorted(p for p in medium.rglob("*") if p.is_file()):
                body.write(f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode())
                body.write(path.read_bytes() + b"\r\n")
            body.write(f"--{_BOUNDARY}--\r\n".encode())

    def _send(self, medium: Path) -> None:
        kind = f'multipart/related; type="application/dicom"; boundary={_BOUNDARY}'
        words: list[str | Path] = [require("curl", "curl"), "--silent", "--fail", "--noproxy", "*"]
        words += ["--request", "POST", "--header", f"Content-Type: {kind}"]
        words += ["--header", "Accept: application/dicom+json", "--data-binary", f"@{self._body}"]
        url = f"http://{LOOPBACK}:{self.port}/dicom-web/studies"
        subprocess.run([*words, url], check=True, capture_output=True, timeout=_PATIENCE)
