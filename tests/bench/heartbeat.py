"""How long an event loop is kept waiting, and by whom: the program, or a machine that was busy.

Three witnesses: the loop's own beats; a process with nothing to do that beats beside it; and the
kernel's own account of how long each thread was ready and got no processor (Linux, sched(7),
/proc/PID/task/TID/schedstat). A shared machine stops whole processes, a thread that has just worked
longer than one that is idle, and any thread while it holds the interpreter's lock: a gap in which
the threads of the program could work less than that long is the machine's.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from PySide6.QtCore import QObject, Qt, QTimer

EVERY: Final = 0.010
LONG: Final = 0.100
_THREADS: Final = Path("/proc/self/task")
"""Of each, in schedstat: nanoseconds on a processor, nanoseconds waiting for one, turns."""
_IDLE: Final = """
import sys, time
last = time.monotonic()
while True:
    time.sleep({every})
    now = time.monotonic()
    if now - last > {long}:
        sys.stdout.write(f"{{last}} {{now}}\\n"); sys.stdout.flush()
    last = now
"""


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two beats, in seconds.

    ``work`` is the thread's processor time in it, ``waited`` its waiting for a processor,
    ``others`` the longest waiting of another thread, ``busy`` the processor time of all threads.
    """

    began: float
    ended: float
    work: float
    waited: float
    others: float
    busy: float

    @property
    def length(self) -> float:
        """Return how long it was."""
        return self.ended - self.began

    @property
    def is_long(self) -> bool:
        """Return whether a person could feel it."""
        return self.length > LONG

    @property
    def had_a_processor(self) -> bool:
        """Return whether it would have been long on a machine with a processor to spare."""
        left = self.length - self.waited
        return left > LONG and (self.busy > LONG or left - self.others > LONG)


@dataclass(frozen=True, slots=True)
class _Moment:
    clock: float
    work: float
    waited: Mapping[str, float]
    busy: float

    @classmethod
    def now(cls) -> Self:
        waited = {}
        for thread in _THREADS.iterdir():
            with suppress(OSError):  # it has ended meanwhile
                waited[thread.name] = int((thread / "schedstat").read_bytes().split()[1]) / 1e9
        return cls(time.monotonic(), time.thread_time(), waited, time.process_time())


class Heartbeat(QObject):
    """Beats in the loop of the thread it is made in; entered, an idle process beats beside it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.gaps: list[Gap] = []
        self._idle_file = folder / "idle"
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def __enter__(self) -> Self:
        self._output = self._idle_file.open("w")
        program = _IDLE.format(every=EVERY, long=LONG)
        self._idle = subprocess.Popen([sys.executable, "-c", program], stdout=self._output)
        self._last = _Moment.now()
        self._timer.start(int(EVERY * 1000))
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()
        self._idle.terminate()
        self._idle.wait()
        self._output.close()

    def _beat(self) -> None:
        last, now = self._last, _Moment.now()
        waited = {
            thread: so_far - last.waited.get(thread, 0.0) for thread, so_far in now.waited.items()
        }
        own = waited.pop(str(threading.get_native_id()))
        others = max(waited.values(), default=0.0)
        work, busy = now.work - last.work, now.busy - last.busy
        self.gaps.append(Gap(last.clock, now.clock, work, own, others, busy))
        self._last = now

    def long_gaps(self) -> tuple[list[Gap], list[Gap]]:
        """Return the long gaps: the program's own, and those that the machine explains."""
        stalls = [
            tuple(map(float, line.split()))
            for line in self._idle_file.read_text().split("\n")
            if line
        ]
        own: list[Gap] = []
        machine: list[Gap] = []
        for gap in filter(lambda gap: gap.is_long, self.gaps):
            missed = any(a < gap.ended and b > gap.began for a, b in stalls)
            (own if gap.had_a_processor and not missed else machine).append(gap)
        return own, machine

    def idle_gaps(self) -> int:
        """Return how many long gaps the idle process had."""
        return len(self._idle_file.read_text().splitlines())
