"""How one of our own modules is started as a process, installed or bundled.

A child gets what Python and the C library need to start, never the parent's whole environment: it
may hold secrets. Where a bundle of one file was unpacked is passed on, or each child would unpack
it all again (PyInstaller 6.9).
"""

import os
import sys
from typing import Final

_KEPT: Final = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR", "TEMP")
_BUNDLE: Final = "_PYI_"
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


def own_command(flag: str, module: str) -> list[str]:
    """Return what starts ``module``; a bundle has no ``python -m``, its entry looks for ``flag``.

    -P: the current folder, which may be a medium, is no place to import from.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, flag]
    return [sys.executable, "-P", "-m", module]


def own_environment() -> dict[str, str]:
    """Return the environment of a child."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith(_BUNDLE)
    }
    return kept | _ONE_THREAD
