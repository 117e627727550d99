"""How one of our own modules is started as a process, installed or bundled.

A child gets what Python and the C library need to start, never the parent's whole environment: it
may hold secrets. In a bundle it also gets what the bundle's start told this process: where a single
file was unpacked, or each child would unpack it all again, and where its libraries are.
"""

import os
import sys
from typing import Final

_KEPT: Final = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR", "TEMP")
_BUNDLE: Final = ("_PYI_", "LD_LIBRARY_PATH")
"""How the names begin that PyInstaller's bootloader sets; with the first it sets no second."""
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
    bundled = getattr(sys, "frozen", False)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or (bundled and name.startswith(_BUNDLE))
    }
    return kept | _ONE_THREAD
