"""Keeping the window awake: nothing holds the interpreter's lock for long while it scans and sends.

The rule: threads give the lock up every millisecond; what scanning and sending need is loaded while
the person still reads; and there is no full collection of garbage meanwhile: over the objects of
3,000 files one takes 0.2 s in a single piece. Nearly all that they make is freed without it; the
rest waits until a medium is chosen anew.
"""

import gc
import importlib
import sys
import threading
from typing import Final

_SWITCH_SECONDS: Final = 0.001
"""How long a busy thread keeps the interpreter: with a dozen of them and the usual 5 ms the window
would come to its turn too seldom."""
_NEVER: Final = 2**31 - 1
_AHEAD: Final = (
    "passbox_client.scan",
    "passbox_client.thumbnails",
    "passbox_client.send",
    "passbox_client.https_receiver",
    "passbox_dicom.codec",
    "segno",
)


def stay_awake() -> None:
    """Do so from now on."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.set_threshold(*gc.get_threshold()[:2], _NEVER)
    threading.Thread(target=load_ahead, name="loading", daemon=True).start()


def load_ahead() -> None:
    """Load what is needed later; what is loaded then is never looked through for garbage."""
    for module in _AHEAD:
        importlib.import_module(module)
    gc.freeze()


def tidy_up() -> None:
    """Collect now what was left lying about, if nobody else does."""
    if gc.get_threshold()[2] == _NEVER:
        gc.collect()
