"""`passbox-client`: the entry of the window, also of a bundled one.

Practice software starts it with ``--folder X --recipient Y --lang de``; the exit code is that of
the transfer: 0 all, 1 partial or not yet signed for, 2 nothing was sent, 3 medium, 4 connection or
pin, 5 refused, 6 profile. Nothing of Qt is loaded before it is sure that a window is wanted.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from passbox_client.bundled import serve_if_asked

_CODES = (
    "exit codes: 0 everything is at the hospital, signed; 1 a part, or not yet signed; 2 nothing "
    "was sent; 3 medium; 4 connection; 5 refused; 6 address file"
)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options; leaves with code 2 for what cannot be."""
    parser = argparse.ArgumentParser(
        prog="passbox-client", description="Send images to a hospital.", epilog=_CODES
    )
    parser.add_argument("--profile", type=Path, help="the hospital's name.passbox")
    parser.add_argument("--folder", type=Path, help="a disc drive, folder or ZIP to look at")
    parser.add_argument("--recipient", default="", help="mail address of who is to be told")
    parser.add_argument("--department", default="", help="one of the hospital's departments")
    parser.add_argument("--lang", choices=("de", "en"), help="language; the system's without it")
    parser.add_argument("--state", type=Path, help="where unfinished transfers are remembered")
    parser.add_argument("--high-contrast", action="store_true", help="white and yellow on black")
    return parser.parse_args(arguments)


def main() -> None:
    """Open the window; leave with the exit code of the last transfer."""
    serve_if_asked()
    options = parse(sys.argv[1:])
    from passbox_client.gui.opening import run

    sys.exit(run(options))


if __name__ == "__main__":
    main()
