"""Faults at every system call of an act, by strace (the method of transparency-dev/tessera).

First the act runs once and its write-side calls are counted. Then it runs again once per call and
fault: killed on entering that call, or the call answered with EIO or ENOSPC without being made.
The harness insists that each fault was really injected inside the act: one that injects nothing
passes everything.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.faults.subjects import BEGIN, END
from tests.parts.programs import require

FAULTS: Final = ("signal=KILL", "error=EIO", "error=ENOSPC")
_ROOT: Final = Path(__file__).parents[2]
_CALLS: Final = (
    *("openat", "write", "pwrite64", "fsync", "fdatasync", "close", "fchmod", "ftruncate"),
    *("?link", "linkat", "?unlink", "unlinkat", "?rename", "renameat", "renameat2"),
    *("?mkdir", "mkdirat"),
)
_NAMES: Final = {
    **dict.fromkeys(("link", "linkat", "rename", "renameat", "renameat2"), "name"),
    "pwrite64": "row",
    "fdatasync": "sync ledger",
}
_SYNCS: Final = {"fsync file": "write", "fsync folder": "name", "sync ledger": "row"}
_LINE: Final = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\)\s+= (.*)$")
_DEADLINE: Final = 60.0


class NothingInjected(AssertionError):
    """The harness missed: the fault did not fall into the act."""


@dataclass(frozen=True, slots=True)
class Call:
    """One system call; ``number`` counts the calls of that name of the whole process, from 1."""

    name: str
    number: int
    arguments: str
    result: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act said ("ACK", "REFUSED", "" when it was killed) and the folder it left."""

    call: Call
    fault: str
    said: str
    folder: Path


def order_of(calls: list[Call]) -> list[str]:
    """The calls that make durable, in order; fsync of a folder told apart by how it was opened.

    A ledger is told apart from files by the calls SQLite uses; what goes to standard error is no
    part of it.
    """
    folders: set[str] = set()
    order = []
    for call in calls:
        if call.name == "openat":
            (folders.add if "O_DIRECTORY" in call.arguments else folders.discard)(call.result)
        elif call.name == "fsync":
            order.append("fsync folder" if call.arguments in folders else "fsync file")
        elif call.name == "write" and not call.arguments.startswith("2, "):
            order.append("write")
        elif call.name in _NAMES:
            order.append(_NAMES[call.name])
    return order


def unsynced(order: list[str]) -> list[str]:
    """What of an act was not durable when it said so, or got its name before its bytes were."""
    pending: set[str] = set()
    wrong = []
    for call in order:
        if call in _SYNCS:
            pending.discard(_SYNCS[call])
        elif call == "name" and "write" in pending:
            wrong.append("named before synced")
            pending.add("name")
        else:
            pending.add(call)
    return [*wrong, *sorted(pending)]


def trace(act: str, folder: Path) -> list[Call]:
    """Run ``act`` undisturbed; return its write-side calls in order."""
    said, calls = _run(act, folder, [])
    if said != "ACK":
        raise AssertionError(f"the act fails by itself: {said}")
    return _inside(calls)


def outcomes(act: str, scratch: Path) -> Iterator[Outcome]:
    """Run ``act`` once per call and fault, each in a fresh folder below ``scratch``."""
    trace(act, _fresh(scratch / "warm"))  # so that no run compiles modules any more
    for call in trace(act, _fresh(scratch / "dry")):
        for fault in FAULTS:
            folder = _fresh(scratch / "run")
            inject = f"inject={call.name}:{fault}:when={call.number}"
            said, calls = _run(act, folder, ["-e", inject])
            _insist(calls, call, fault)
            yield Outcome(call, fault, said, folder)


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _run(act: str, folder: Path, inject: list[str]) -> tuple[str, list[Call]]:
    strace = require("strace", "strace")
    log = folder.with_suffix(".strace")
    # Without --seccomp-bpf: with it strace 6.1 takes signal= and never sends it.
    command: list[str | Path] = [strace, "-f", "-qq", "-o", log]
    command += ["-e", f"trace={','.join(_CALLS)}", *inject]
    command += [sys.executable, "-m", "tests.faults.subjects", act, folder]
    process = subprocess.run(
        command,
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=_DEADLINE,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    if "Traceback" in process.stderr:
        raise AssertionError(f"an untyped error came out of {act} {inject}:\n{process.stderr}")
    return process.stdout, _parse(log.read_text())


def _parse(log: str) -> list[Call]:
    counts: Counter[str] = Counter()
    calls = []
    for line in log.splitlines():
        if found := _LINE.match(line):
            name, arguments, result = found.groups()
            counts[name] += 1
            calls.append(Call(name, counts[name], arguments, result))
    return calls


def _inside(calls: list[Call]) -> list[Call]:
    marks = [at for at, call in enumerate(calls) if call.arguments in {str(BEGIN), str(END)}]
    if len(marks) == 1:  # killed before the second one
        return calls[marks[0] + 1 :]
    begin, end = marks[:2]  # an act may say by itself where it ends, before the process does
    return calls[begin + 1 : end]


def _insist(calls: list[Call], call: Call, fault: str) -> None:
    inside = [(found.name, found.number, found.result) for found in _inside(calls)]
    if fault == "signal=KILL":
        hit = inside[-1:] and inside[-1][:2] == (call.name, call.number)
    else:
        hit = any(
            found[:2] == (call.name, call.number) and "INJECTED" in found[2] for found in inside
        )
    if not hit:
        raise NothingInjected(f"{fault} at {call} did not happen")
