"""Several files with one SOP Instance UID: equal bytes are one image, other bytes are two.

Reads bytes and parses nothing.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from passbox_client.found import FoundInstance, Parts
from passbox_dicom.errors import MediumError
from passbox_dicom.medium import Medium

_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Duplicates:
    """``copies``: files with the bytes of an earlier one. ``rivals``: same UID, other bytes."""

    copies: frozenset[Parts]
    rivals: tuple[FoundInstance, ...]


def find_duplicates(medium: Medium, instances: Iterable[FoundInstance]) -> Duplicates:
    """Return what comes twice. Only files that share a UID are read."""
    by_uid: dict[str, list[FoundInstance]] = defaultdict(list)
    for instance in instances:
        by_uid[instance.sop_instance_uid].append(instance)
    copies: set[Parts] = set()
    rivals: list[FoundInstance] = []
    for alike in by_uid.values():
        if len(alike) > 1:
            _compare(medium, alike, copies, rivals)
    return Duplicates(frozenset(copies), tuple(rivals))


def _compare(
    medium: Medium,
    alike: list[FoundInstance],
    copies: set[Parts],
    rivals: list[FoundInstance],
) -> None:
    first: dict[bytes, FoundInstance] = {}
    for instance in alike:
        digest = _digest(medium, instance)
        if digest is not None and digest in first:
            copies.add(instance.parts)
        else:
            first[digest or repr(instance.parts).encode()] = instance
    if len(first) > 1:
        rivals += first.values()


def _digest(medium: Medium, instance: FoundInstance) -> bytes | None:
    """Return the SHA-256 of a file, None when it cannot be read: then it is nobody's copy."""
    digest = hashlib.sha256()
    try:
        with medium.open_file(instance.parts) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except (OSError, MediumError):
        return None
    return digest.digest()
