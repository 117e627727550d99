"""Refused files, kept as they came until a person has looked: a bad file may still be a diagnosis.

The rule: a refused file is durable here before its refusal is written down, under names of ours
(transfer id and file index), mode 0400, in a folder nobody else may enter. Nothing opens it again
by itself. The reason is in the ledger and in the sender's receipt.

It does not decide how long: people release or delete, the clocks of the departments come later.
"""

import os
from pathlib import Path
from typing import Final

from passbox_base.durable import disk_errors, make_folder, move, sync_descriptor
from passbox_wire.ids import TransferId, parse_transfer_id

READ_ONLY: Final = 0o400


class Quarantine:
    """A folder of folders, one for each transfer that had a file refused."""

    def __init__(self, folder: Path) -> None:
        """Create the folder."""
        self._folder = folder
        make_folder(folder)

    def keep(self, transfer: TransferId, index: int, file: Path) -> None:
        """Move ``file`` here, durable on return; again after a restart is fine.

        Raises StoreFull, StoreFailed; then the file is still where it was.
        """
        folder = self._folder / parse_transfer_id(transfer)
        make_folder(folder)
        with disk_errors("syncing a refused file"):
            descriptor = os.open(file, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                os.fchmod(descriptor, READ_ONLY)
                sync_descriptor(descriptor)
            finally:
                os.close(descriptor)
        move(file, folder / f"{index:07d}")
