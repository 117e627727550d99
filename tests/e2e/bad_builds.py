"""Programs with one promise broken, so that the kills are seen to find it.

    python -m tests.e2e.bad_builds BUILD SETTINGS
    python -m tests.e2e.bad_builds forgetful_client send ...

Each is the program itself with one thing exchanged before it starts.
"""

import secrets
import shutil
import sys
from pathlib import Path

from passbox.cli import main
from passbox_base.pack_store import PackStore
from passbox_client.journal import Journal
from passbox_poller import run as poller
from passbox_receiver import serve as receiver
from passbox_viewer import serve as viewer
from passbox_viewer import store


def forgetful_poller(settings: Path) -> int:
    """Run a poller that acknowledges packs it has in memory only: a kill takes them along."""
    spool = settings.parent / "spool" / "packs"
    if spool.is_dir():
        shutil.rmtree(spool)
        PackStore(spool)
    return poller.run(settings)


def forgetful_receiver(settings: Path) -> int:
    """Run a receiver that acknowledges packs it has in memory only."""
    for pack in (settings.parent / "store" / "packs" / "transfers").glob("*/*/*"):
        pack.unlink()
    return receiver.run(settings)


def doubling_viewer(settings: Path) -> int:
    """Run a viewer that calls each file it is given by a new name: what comes again is double."""
    named = store._file_name  # the one thing that is broken

    def new_name(data_set_sha256: bytes, claims: store.Claims) -> str:
        name = named(data_set_sha256, claims)
        return f"{name[:70]}{secrets.token_hex(5)}{store.SUFFIX}"

    store._file_name = new_name
    return viewer.run(settings)


def forgetful_client() -> None:
    """Run a client that sends a pack without having written down that it exists."""
    Journal.sending = lambda *_: None  # type: ignore[method-assign]  # the one thing that is broken
    sys.argv = ["passbox", *sys.argv[2:]]
    main()


BUILDS = {
    build.__name__: build for build in (forgetful_receiver, forgetful_poller, doubling_viewer)
}

if __name__ == "__main__":
    if sys.argv[1] == forgetful_client.__name__:
        forgetful_client()
    sys.exit(BUILDS[sys.argv[1]](Path(sys.argv[2])))
