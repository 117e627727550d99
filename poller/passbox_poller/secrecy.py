"""The keys stay in this process: no core dump of it, no other process of its user looks into it.

It cannot keep memory out of swap: that is the host's (no swap, or an encrypted one; poller/README).
"""

import ctypes
import sys
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def keep_memory_private() -> bool:
    """Forbid core dumps and attaching; return whether this OS does both."""
    if sys.platform == "win32":
        return False
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return False
    # A pattern that pipes cores to a program ignores the limit, but not this (core(5)).
    done: int = ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return done == 0
