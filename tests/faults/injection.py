"""Faults at every system call of an act, by strace (the method of transparency-dev/tessera).

First the act runs once and its write-side calls are counted. Then it runs again once per call and
fault: killed on entering that call, or the call answered with EIO or ENOSPC without being made.
The harness insists that each fault was really injected inside the act: one that injects nothing
passes everything.

A subject is forked from a process that has loaded everything, prepares itself and waits; strace is
attached then. So it counts the act's calls only, and counts each thread's for itself: a call is
known by its name and which one of its thread it is.
"""

import contextlib
import multiprocessing
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, Final

from tests.e2e.awaiting import eventually
from tests.faults.subjects import GO, PRINTED, SAID, run
from tests.parts.programs import require

FAULTS: Final = ("signal=KILL", "error=EIO", "error=ENOSPC")
_LOADED: Final = ["tests.faults.hasty", "tests.faults.mails_and_rows"]
_CALLS: Final = (
    *("openat", "write", "pwrite64", "fsync", "fdatasync", "close", "fchmod", "ftruncate"),
    *("?link", "linkat", "?unlink", "unlinkat", "?rename", "renameat", "renameat2"),
    *("?mkdir", "mkdirat"),
)
_MARK: Final = "getpgid"
_NAMES: Final = {
    **dict.fromkeys(("link", "linkat", "rename", "renameat", "renameat2"), "name"),
    "pwrite64": "row",
    "fdatasync": "sync ledger",
}
_SYNCS: Final = {"fsync file": "write", "fsync folder": "name", "sync ledger": "row"}
_LINE: Final = re.compile(r"^(\d+) +(\w+)\((.*?)(?:\)\s+= (.*)| <unfinished \.\.\.>)$")
_RESUMED: Final = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>.*\)\s+= (.*)$")
_DEADLINE: Final = 60.0


class NothingInjected(AssertionError):
    """The harness missed: the fault did not fall into the act."""


@dataclass(frozen=True, slots=True)
class Call:
    """One system call; ``number`` counts a thread's calls of that name, from 1."""

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


Broken = Callable[[Outcome], str | None]
"""What is wrong with the folder after an outcome, in a few words; None when nothing is."""


def attack(outcomes: Iterable[Outcome], act: str, broken: Broken) -> tuple[int, list[str]]:
    """Return how many faults were injected, and what they broke."""
    count, found = Counter[str](), []
    for outcome in outcomes:
        count[outcome.fault] += 1
        if wrong := broken(outcome):
            found.append(f"{outcome.fault} at {outcome.call.name}: {wrong}")
    print(f"{act}: {count.total()} faults injected {dict(count)}, {len(found)} broke a promise")  # noqa: T201  # the figure is the point
    return count.total(), found


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


class Injector:
    """Runs acts."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_LOADED)

    def trace(self, act: str, folder: Path) -> list[Call]:
        """Run ``act`` undisturbed; return its write-side calls in order."""
        said, calls = self._run(act, folder, [])
        if said != "ACK":
            raise AssertionError(f"the act fails by itself: {said}")
        return _inside(calls)

    def outcomes(self, act: str, scratch: Path) -> Iterator[Outcome]:
        """Run ``act`` once per call and fault, each in a fresh folder below ``scratch``."""
        seen = set()
        for call in self.trace(act, scratch / "dry"):
            if (call.name, call.number) in seen:  # of another thread: it is hit with the first
                continue
            seen.add((call.name, call.number))
            for fault in FAULTS:
                folder = scratch / "run"
                inject = f"inject={call.name}:{fault}:when={call.number}"
                said, calls = self._run(act, folder, ["-e", inject])
                _insist(calls, call, fault)
                yield Outcome(call, fault, said, folder)

    def _run(self, act: str, folder: Path, inject: list[str]) -> tuple[str, list[Call]]:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        log = folder.with_suffix(".strace")
        for end in (GO, SAID, PRINTED):
            folder.with_suffix(end).unlink(missing_ok=True)
        os.mkfifo(folder.with_suffix(GO))
        subject = self._context.Process(target=run, args=(act, folder))
        subject.start()
        try:
            with _once_prepared(subject, folder) as go, _attached(subject, log, inject) as strace:
                go.write(b".")
                go.close()
                strace.wait(_DEADLINE)
        finally:
            subject.kill()
            subject.join()
        _insist_on_types(folder, f"{act} {inject}")
        return folder.with_suffix(SAID).read_text(), _parse(log.read_text())


@contextlib.contextmanager
def _once_prepared(subject: BaseProcess, folder: Path) -> Iterator[IO[bytes]]:
    """Yield the subject's pipe once it reads from it."""

    def opened() -> IO[bytes] | None:
        if not subject.is_alive():
            _insist_on_types(folder, "the preparing")
        with contextlib.suppress(OSError):  # ENXIO: nobody reads yet
            descriptor = os.open(folder.with_suffix(GO), os.O_WRONLY | os.O_NONBLOCK)
            return os.fdopen(descriptor, "wb")
        return None

    with eventually(opened, "a prepared subject", _DEADLINE) as pipe:
        yield pipe


def _insist_on_types(folder: Path, what: str) -> None:
    printed = folder.with_suffix(PRINTED).read_text()
    if "Traceback" in printed:
        raise AssertionError(f"an untyped error came out of {what}:\n{printed}")


@contextlib.contextmanager
def _attached(
    subject: BaseProcess, log: Path, inject: list[str]
) -> Iterator[subprocess.Popen[str]]:
    # Without --seccomp-bpf: with it strace 6.1 takes signal= and never sends it.
    command: list[str | Path] = [require("strace", "strace"), "-f", "-o", log]
    command += ["-e", f"trace={','.join((*_CALLS, _MARK))}", *inject, "-p", str(subject.pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        if "attached" not in (first := strace.stderr.readline()):
            raise AssertionError(f"strace does not attach: {first}")
        try:
            yield strace
        finally:
            strace.kill()


def _parse(log: str) -> list[Call]:
    counts: Counter[tuple[str, str]] = Counter()
    calls: list[Call] = []
    unfinished: dict[str, int] = {}
    for line in log.splitlines():
        if found := _LINE.match(line):
            thread, name, arguments, result = found.groups()
            counts[thread, name] += 1
            unfinished[thread] = len(calls)
            calls.append(Call(name, counts[thread, name], arguments, result or ""))
        elif found := _RESUMED.match(line):
            at = unfinished[found[1]]
            calls[at] = replace(calls[at], result=found[2])
    return calls


def _inside(calls: list[Call]) -> list[Call]:
    marks = [at for at, call in enumerate(calls) if call.name == _MARK]
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
