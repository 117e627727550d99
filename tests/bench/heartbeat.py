"""How long an event loop is kept waiting: its own beats, and those of a process with nothing to do.

A shared machine stops whole processes; what the idle process missed as well is the machine's.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, Self

from PySide6.QtCore import QObject, Qt, QTimer

EVERY: Final = 0.010
LONG: Final = 0.100
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


class Heartbeat(QObject):
    """Beats in the loop of the thread it is made in; entered, an idle process beats beside it.

    ``gaps`` are begin and end of each pause between two beats, ``work`` what the thread's processor
    time was meanwhile: a long gap with little work was waiting for a processor, or for the lock.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.gaps: list[tuple[float, float]] = []
        self._idle_file = folder / "idle"
        self.work: list[float] = []
        self._last = 0.0
        self._worked = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def __enter__(self) -> Self:
        self._output = self._idle_file.open("w")
        program = _IDLE.format(every=EVERY, long=LONG)
        self._idle = subprocess.Popen([sys.executable, "-c", program], stdout=self._output)
        self._last, self._worked = time.monotonic(), time.thread_time()
        self._timer.start(int(EVERY * 1000))
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()
        self._idle.terminate()
        self._idle.wait()
        self._output.close()

    def _beat(self) -> None:
        now = time.monotonic()
        worked = time.thread_time()
        self.gaps.append((self._last, now))
        self.work.append(worked - self._worked)
        self._last, self._worked = now, worked

    def long_gaps(self) -> tuple[list[float], list[float]]:
        """Return the long gaps in seconds: the loop's own, and those the idle process shared."""
        stalls = [
            tuple(map(float, line.split()))
            for line in self._idle_file.read_text().split("\n")
            if line
        ]
        own: list[float] = []
        shared: list[float] = []
        for began, ended in self.gaps:
            if ended - began <= LONG:
                continue
            missed = any(a < ended and b > began for a, b in stalls)
            (shared if missed else own).append(ended - began)
        return own, shared

    def summary(self) -> tuple[float, float]:
        """Return the median and the longest gap in seconds."""
        lengths = [ended - began for began, ended in self.gaps]
        return statistics.median(lengths), max(lengths)
