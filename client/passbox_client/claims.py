"""What tables of contents (DICOMDIR) claim, held against what the walk found. Pure.

A claimed name is looked up below the folder its table lies in, then below the medium's root; what
is not there is looked for by its SOP Instance UID, so that a wrong folder name is no loss.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from passbox_client.found import FoundInstance, Missing, Parts, shown_path
from passbox_dicom.directory import Context, Directory, DirectoryEntry
from passbox_dicom.names import PathIndex

_UPWARDS: Final = frozenset({".", ".."})


@dataclass(slots=True)
class Claims:
    """What all directories of a medium claim together.

    ``found`` are real paths of listed files and what is said of them; ``damaged`` the directories
    that could not be read to their end; ``outside`` names that lead off the medium; ``folders`` how
    many files are claimed below folders that are not there.
    """

    found: dict[Parts, Context] = field(default_factory=dict)
    missing: dict[str, Missing] = field(default_factory=dict)
    damaged: list[Parts] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    folders: Counter[str] = field(default_factory=Counter)

    @property
    def listed(self) -> int:
        """Files that are named, there or not."""
        return len(self.found) + len(self.missing)


def compare(
    directories: Iterable[tuple[Parts, Directory | None]],
    paths: Iterable[Parts],
    instances: Iterable[FoundInstance],
) -> Claims:
    """Return the claims of ``directories`` over the walk's paths; None: it cannot be read."""
    index = PathIndex(paths)
    by_uid = {file.sop_instance_uid: file.parts for file in instances}
    claims = Claims()
    for where, directory in directories:
        if directory is None or not directory.complete:
            claims.damaged.append(where)
        for entry in directory.entries if directory else ():
            _take(claims, entry, where[:-1], index, by_uid)
    return claims


def _take(
    claims: Claims,
    entry: DirectoryEntry,
    folder: Parts,
    index: PathIndex,
    by_uid: Mapping[str, Parts],
) -> None:
    file_id = entry.untrusted_file_id
    real = next(filter(None, (index.find(path) for path in _readings(folder, file_id))), None)
    if real is not None:
        claims.found.setdefault(real, entry.context)
        return
    path = shown_path((*folder, *_without_root(file_id)))
    if path in claims.missing:
        return
    elsewhere = by_uid.get(entry.sop_instance_uid or "")
    claims.missing[path] = Missing(path, entry.context, elsewhere)
    if _leads_off(file_id):
        claims.outside.append(path)
    elif missing_folder := _missing_folder(index, (*folder, *file_id)):
        claims.folders[shown_path(missing_folder)] += 1


def _readings(folder: Parts, file_id: Parts) -> Iterator[Parts]:
    below = _without_root(file_id)
    yield (*folder, *below)
    if folder:
        yield below


def _without_root(file_id: Parts) -> Parts:
    return file_id[1:] if file_id[:1] == ("",) else file_id


def _leads_off(file_id: Parts) -> bool:
    return file_id[:1] == ("",) or any(part in _UPWARDS or ":" in part for part in file_id)


def _missing_folder(index: PathIndex, path: Parts) -> Parts | None:
    """Return the uppermost folder on the way that is not there, None when only the file is not."""
    real, rest = index.reach(path)
    return (*real, rest[0]) if len(rest) > 1 else None
