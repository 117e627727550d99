"""The one entry of a bundle: the window, or the command line when called as passbox-cli.

A profile that was built in lies beside; the window finds it by itself, and prefers a newer one that
was opened since. For the command line it is the one that is used unless another is named.
"""

import os
import sys
from pathlib import Path

from passbox_client.bundled import serve_if_asked

serve_if_asked()  # before anything else is loaded: a worker needs nothing of it

if Path(sys.argv[0]).stem == "passbox-cli":
    from passbox.sender_cli import main as command_line

    built_in = Path(__file__).parent / "hospital.passbox"
    if built_in.is_file():
        os.environ.setdefault("PASSBOX_PROFILE", str(built_in))
    command_line()
else:
    from passbox_client.gui.entry import main as window

    window()
