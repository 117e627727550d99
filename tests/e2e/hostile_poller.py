"""The poller with a checker that hostile files take over, as a program: its settings follow.

The product has no switch for this: a test starts its own program with the seam the poller offers.
"""

import signal
import sys
from pathlib import Path

from passbox_base import logs
from passbox_poller.run import build
from passbox_poller.settings import read_settings
from tests.e2e.hospital import ROOT

CHECKER = "tests.poller.bad_checkers:check"


def main(settings_path: str) -> None:
    """Run until SIGTERM."""
    logs.configure("poller")
    settings = read_settings(Path(settings_path))
    poller = build(settings, checker_target=CHECKER, checker_search_path=[str(ROOT)])
    signal.signal(signal.SIGTERM, lambda *_: poller.stop())
    poller.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
