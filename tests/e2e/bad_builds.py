"""Programs with one promise broken, so that the kills are seen to find it.

    python -m tests.e2e.bad_builds BUILD SETTINGS

Each is the program itself with one thing exchanged before it starts.
"""

import secrets
import shutil
import sys
from pathlib import Path

from passbox_base.pack_store import PackStore
from passbox_poller import run as poller
from passbox_viewer import serve as viewer
from passbox_viewer import store


def forgetful_poller(settings: Path) -> int:
    """Run a poller that acknowledges packs it has in memory only: a kill takes them along."""
    spool = settings.parent / "spool" / "packs"
    if spool.is_dir():
        shutil.rmtree(spool)
        PackStore(spool)
    return poller.run(settings)


def doubling_viewer(settings: Path) -> int:
    """Run a viewer that calls each file it is given by a new name: what comes again is double."""
    named = store._file_name  # the one thing that is broken

    def new_name(data_set_sha256: bytes, claims: store.Claims) -> str:
        name = named(data_set_sha256, claims)
        return f"{name[:70]}{secrets.token_hex(5)}{store.SUFFIX}"

    store._file_name = new_name
    return viewer.run(settings)


BUILDS = {build.__name__: build for build in (forgetful_poller, doubling_viewer)}

if __name__ == "__main__":
    sys.exit(BUILDS[sys.argv[1]](Path(sys.argv[2])))
