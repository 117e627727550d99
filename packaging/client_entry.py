"""The one entry of a bundle: the window, or the command line when called as passbox-cli.

A profile that was built in is used unless another is named.
"""

import sys
from pathlib import Path

from passbox_client.bundled import serve_if_asked

serve_if_asked()  # before anything else is loaded: a worker needs nothing of it

if Path(sys.argv[0]).stem == "passbox-cli":
    from passbox.sender_cli import main as command_line

    command_line()
else:
    from passbox_client.gui.entry import main as window

    built_in = Path(__file__).parent / "hospital.passbox"
    if built_in.is_file() and "--profile" not in sys.argv:
        sys.argv += ["--profile", str(built_in)]
    window()
