"""What `passbox doctor` tries on the machines inside: are workers fenced in, does clamd look?

The rule: what is told was tried just now: a worker attempts what it must not be able to, and the
virus scanner is asked. The words are for whoever runs the machine.
"""

import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from passbox.doctor import Diagnosis
from passbox.house import Rooms
from passbox_base.errors import SettingsError
from passbox_dicom.errors import WorkerFailed
from passbox_dicom.probing import Freedom, freedoms
from passbox_dicom.worker import WorkerLimits
from passbox_poller.errors import NotNow
from passbox_poller.scanning import Clamd, Health
from passbox_poller.settings import read_settings

_STALE: Final = timedelta(days=7)
_WITHOUT: Final[Mapping[Freedom, str]] = {
    Freedom.NETWORK: "open connections: a kernel with seccomp (x86-64, arm64) forbids it",
    Freedom.PROGRAMS: "start other programs: a kernel with seccomp (x86-64, arm64) forbids it",
    Freedom.WRITING: "write files: Linux 5.13 or newer with Landlock forbids it",
    Freedom.READING: "read the keys of this machine: Linux 5.13 or newer with Landlock forbids it",
    Freedom.MEMORY: "take all memory: only Linux limits it",
}
"""What a file that takes over its worker could do, by what worked."""


def confinement(rooms: Rooms) -> Iterator[Diagnosis]:
    """Have a worker try what none may do, on the machine of the poller or the viewer."""
    if not (rooms.poller_settings.exists() or rooms.viewer_settings.exists()):
        return
    what = "workers that read images"
    try:
        with tempfile.TemporaryDirectory() as folder:
            worked = freedoms(Path(folder), WorkerLimits(opens_files=False))
    except (WorkerFailed, OSError) as error:
        yield Diagnosis(what, f"none comes up ({type(error).__name__}), so no file is taken")
        return
    for freedom in sorted(worked):
        yield Diagnosis(what, f"a hostile image could {_WITHOUT[freedom]}")
    if not worked:
        yield Diagnosis(f"{what} have no network, programs or files, and bounded memory", None)


def scanner(rooms: Rooms) -> Iterator[Diagnosis]:
    """Ask the virus scanner, where the poller has one, how it is and how old its signatures are."""
    if not rooms.poller_settings.exists():
        return
    try:
        settings = read_settings(rooms.poller_settings).checks.scanner
    except SettingsError:
        return  # told by doctor.py
    if settings is None:
        return
    try:
        yield judged(Clamd(settings).health(), datetime.now(UTC))
    except NotNow as error:
        yield Diagnosis("the virus scanner", f"{error}; until it does, every file waits")


def judged(health: Health, now: datetime) -> Diagnosis:
    """Return what there is to say of a scanner that answers."""
    what = f"the virus scanner answers ({health.version})"
    if health.signatures is None:
        return Diagnosis(what, "it does not say how old its signatures are; look at freshclam")
    day = f"{health.signatures:%Y-%m-%d}"
    if now - health.signatures > _STALE:
        return Diagnosis(what, f"its signatures are of {day}; have freshclam fetch newer ones")
    return Diagnosis(f"{what}, signatures of {day}", None)
