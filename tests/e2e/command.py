"""The command line as a person types it: a process, its exit code, what it printed.

Forked (warm.py), for most of what a command costs is reading modules; tests of the demo, and every
command behind another program, start it as Python does.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Self

from tests.e2e.awaiting import DEADLINE, eventually
from tests.e2e.hospital import RECIPIENT, ROOT, Hospital
from tests.e2e.warm import Forked, warm

# English, and no sentence broken into lines.
_ENVIRONMENT: Final = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "COLUMNS": "2000"}
SENDER: Final = ("--sender-name", "Dr. Anna Weber", "--sender-email", "praxis@weber.example")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said. ``sentences`` are for the person, ``printed`` is the result."""

    code: int
    printed: str
    sentences: str

    @property
    def json(self) -> dict[str, Any]:
        """The object a command with --json printed."""
        document: dict[str, Any] = json.loads(self.printed)
        return document


class Running:
    """One `passbox …` under way; leaving the block ends it."""

    def __init__(
        self,
        *words: str | Path,
        before: Sequence[str] = (),
        cold: bool = False,
        build: Sequence[str] = ("passbox",),
    ) -> None:
        """Start `passbox WORDS`, by way of the program and options ``before`` it.

        ``build``: other words behind ``python -m`` in its place.
        """
        said = [*build, *map(str, words)]
        environment = {**_inherited(), **_ENVIRONMENT}
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  # kill() closes both
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process: Forked | subprocess.Popen[bytes]
        if not before and not cold:
            self._process = warm().start(said, self._output, self._errors, environment)
            return
        self._process = subprocess.Popen(
            [*before, sys.executable, "-m", *said],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._errors,
            env=environment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def ended(self) -> bool:
        """Whether the command has ended by now."""
        return self._process.poll() is not None

    def said(self) -> Said:
        """Return what it said once it has ended by itself."""
        code = self._process.wait(DEADLINE)
        return Said(code, _text(self._output), _text(self._errors))

    def await_closed(self, hospital: Hospital, known: int) -> str:
        """Wait until the receiver holds all of this sending; return its transfer's id.

        It is the transfer beside the ``known`` ones. Fails at once when the command ends before.
        """

        def closed() -> str | None:
            assert not self.ended, self.said()
            new = hospital.transfers()[known:]
            return str(new[0]["transfer"]) if new and new[0]["state"] == "closed" else None

        return eventually(closed, "a closed transfer")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait(DEADLINE)
        for written in (self._output, self._errors):
            written.close()


def passbox(*words: str | Path, before: Sequence[str] = (), cold: bool = False) -> Said:
    """Run one command to its end."""
    with Running(*words, before=before, cold=cold) as running:
        return running.said()


def sending(
    hospital: Hospital,
    medium: Path,
    *more: str | Path,
    state: Path | None = None,
    recipient: str = RECIPIENT,
    profile: Path | None = None,
    before: Sequence[str] = (),
) -> Running:
    """Start `passbox send` of everything on ``medium``, speaking JSON and English."""
    return Running(
        *("send", medium, "--profile", profile or hospital.rooms.profile, *SENDER),
        *("--recipient", recipient, "--all-patients", "--json", "--lang", "en"),
        *("--state", state or hospital.folder / "sender"),
        *more,
        before=before,
        build=hospital.builds.get("client", ("passbox",)),
    )


def send(
    hospital: Hospital,
    medium: Path,
    *more: str | Path,
    state: Path | None = None,
    profile: Path | None = None,
    before: Sequence[str] = (),
) -> Said:
    """Run `passbox send` to its end."""
    with sending(hospital, medium, *more, state=state, profile=profile, before=before) as client:
        return client.said()


def _inherited() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PASSBOX_")}


def _text(written: IO[bytes]) -> str:
    written.seek(0)
    return written.read().decode()
