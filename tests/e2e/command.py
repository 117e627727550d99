"""The command line as a person types it: a process, its exit code, what it printed."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from tests.e2e.awaiting import DEADLINE, eventually
from tests.e2e.hospital import RECIPIENT, ROOT, Hospital

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

    def __init__(self, *words: str | Path, before: Sequence[str] = ()) -> None:
        """Start `passbox WORDS`, by way of the program and options ``before`` it."""
        self._process = subprocess.Popen(
            [*before, sys.executable, "-m", "passbox", *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**_inherited(), **_ENVIRONMENT},
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
        printed, sentences = self._process.communicate(timeout=DEADLINE)
        return Said(self._process.returncode, printed, sentences)

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
        with contextlib.suppress(ValueError):  # its output was read already
            self._process.communicate()


def passbox(*words: str | Path, before: Sequence[str] = ()) -> Said:
    """Run one command to its end."""
    with Running(*words, before=before) as running:
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
