"""What tables of contents (DICOMDIR) claim, held against what the walk found. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from passbox_client.found import Parts
from passbox_dicom.directory import Directory
from passbox_dicom.names import PathIndex


@dataclass(frozen=True, slots=True)
class Claims:
    """What all directories of a medium claim together.

    ``found`` are real paths of listed files; ``missing`` the claimed names of those that are not
    there; ``damaged`` the directories that could not be read to their end; ``listed`` counts files.
    """

    found: frozenset[Parts]
    missing: tuple[str, ...]
    damaged: tuple[Parts, ...]
    listed: int


def compare(
    directories: Iterable[tuple[Parts, Directory | None]], paths: Sequence[Parts]
) -> Claims:
    """Return the claims of ``directories`` over the walk's paths; None: it cannot be read."""
    index = PathIndex(paths)
    found: set[Parts] = set()
    missing: dict[str, None] = {}
    damaged: list[Parts] = []
    for where, directory in directories:
        if directory is None or not directory.complete:
            damaged.append(where)
        for entry in directory.entries if directory else ():
            claimed = (*where[:-1], *entry.untrusted_file_id)
            real = index.find(claimed)
            if real is None:
                missing["/".join(claimed)] = None
            else:
                found.add(real)
    return Claims(frozenset(found), tuple(missing), tuple(damaged), len(found) + len(missing))
