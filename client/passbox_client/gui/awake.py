"""Keeping the window awake: nothing holds the interpreter's lock for long while it scans and sends.

The rule: threads give the lock up every millisecond, and there is no full collection of garbage
meanwhile: over the objects of 3,000 files one takes 0.2 s in a single piece. Next to all that
scanning and sending make is freed without it; the rest waits until a medium is chosen anew.
"""

import gc
import sys
from typing import Final

SWITCH_SECONDS: Final = 0.001
"""How long a busy thread keeps the interpreter: with a dozen of them and the usual 5 ms the window
would come to its turn too seldom."""
_NEVER: Final = 2**31 - 1


def stay_awake() -> None:
    """Do so from now on; what is loaded already is never looked through again."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*gc.get_threshold()[:2], _NEVER)
    gc.freeze()


def tidy_up() -> None:
    """Collect now what was left lying about, if nobody else does."""
    if gc.get_threshold()[2] == _NEVER:
        gc.collect()
