"""The demo's verdict: what lay on the medium against what every station says it has. Pure.

The first hash is the demo's own reader's, taken before the client started; the last is of what the
PACS keeps or gives back. An instance is equal only if it is equal at every station.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from passbox.demo.reader import ReadFile


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What the inside's check said of one file: its path on the medium and its hashes."""

    path: str
    sop_instance_uid: str
    delivered: bool
    kept: bool
    reason: str
    file_sha256: bytes | None
    data_set_sha256: bytes | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Counts and what failed; ``unequal`` are delivered files that differ at a later station."""

    instances_delivered: int
    instances_in_pacs: int
    unequal: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


def compare(
    instances: Mapping[str, str],
    on_medium: Mapping[str, ReadFile],
    checked: Mapping[str, CheckedFile],
    stored: Mapping[str, frozenset[bytes]],
    in_pacs: frozenset[str],
    equal_in_pacs: Mapping[str, bytes | None],
) -> Comparison:
    """Compare all stations.

    ``instances``: {path: SOP Instance UID} the client found. ``stored``: {UID: data set hashes} by
    the store's own index. ``in_pacs``: UIDs by C-FIND. ``equal_in_pacs``: {UID: data set hash the
    PACS keeps}, with None as hash where a PACS gave every element back equal.
    """
    delivered = [path for path in instances if path in checked and checked[path].delivered]
    unequal = [
        path
        for path in delivered
        if not _equal(path, instances[path], on_medium, checked[path], stored, equal_in_pacs)
    ]
    refused = [
        (file.path, file.reason)
        for file in checked.values()
        if not file.delivered and not file.kept
    ]
    return Comparison(
        instances_delivered=sum(len(hashes) for hashes in stored.values()),
        instances_in_pacs=len(in_pacs & set(instances.values())),
        unequal=tuple(unequal),
        refused=tuple(sorted(refused)),
    )


def _equal(
    path: str,
    uid: str,
    on_medium: Mapping[str, ReadFile],
    checked: CheckedFile,
    stored: Mapping[str, frozenset[bytes]],
    equal_in_pacs: Mapping[str, bytes | None],
) -> bool:
    first = on_medium.get(path)
    if first is None or checked.file_sha256 != first.sha256 or uid not in equal_in_pacs:
        return False
    last = equal_in_pacs[uid]
    stations = {first.data_set_sha256, checked.data_set_sha256}
    return (
        len(stations) == 1
        and first.data_set_sha256 in stored.get(uid, frozenset())
        and last in {None, first.data_set_sha256}
    )
