"""The first thing a bundled program does: it may have been started to be a part of itself.

A bundle (PyInstaller) has no ``python -m``; readers of foreign bytes and the JPEG-LS coder are the
same program with a flag. Nothing of the window is loaded for them.
"""

import sys
from typing import Final

from passbox_dicom.worker_main import serve_if_asked as serve_worker_if_asked

CODER_FLAG: Final = "--passbox-coder"


def serve_if_asked() -> None:
    """Be a worker or a coder when started as one, and never return then."""
    serve_worker_if_asked()
    if sys.argv[1:2] == [CODER_FLAG]:
        from passbox_client.coding import main

        main()
        sys.exit(0)
