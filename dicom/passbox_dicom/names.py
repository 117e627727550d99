"""Which file a DICOMDIR means: names as writers, file systems and copying change them.

Names are only ever compared with names the walk found; nothing is opened by a claimed name. Part by
part, the exact name wins, then one that differs by case, ".dcm", ";1" or a trailing dot, then one
whose short name on DOS and ISO 9660 (8.3, "IMAGE0~1.DCM") it may be. (PS3.12 annex F, ISO 9660 7.5,
"8.3 filename" in the FAT specification.)
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from passbox_dicom.rooted import Parts

_VERSION_SUFFIX: Final = re.compile(r";\d+$")  # ISO 9660 file versions
_SHORT: Final = re.compile(r"(?P<base>[^.~]{1,7})~(?P<number>\d{1,6})(?:\.(?P<suffix>[^.]{0,3}))?")
_MOST_SUFFIX: Final = 3
_LONGEST_BASE: Final = 7
_MOST_ALIKE: Final = 1000
"""Names with one beginning among which a short name is looked for; a hostile folder has more."""


@dataclass(slots=True)
class _Folder:
    """What is in one folder of the medium, by its names and by how else they may be written.

    ``below`` is None for a file. ``shortened`` groups loose names by so many first letters, made
    when first asked for; ``short`` those that are themselves short names, by their letters.
    """

    below: dict[str, "_Folder | None"] = field(default_factory=dict)
    loose: dict[str, str] = field(default_factory=dict)
    shortened: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    short: dict[str, list[str]] | None = None


class PathIndex:
    """Finds files by the names a DICOMDIR may give them."""

    def __init__(self, paths: Iterable[Parts]) -> None:
        """Take the real paths; of two that are told apart by case only, the exact one wins."""
        self._root = _Folder()
        for path in paths:
            here = self._root
            for part in path[:-1]:
                here = _entered(here, part)
            if path:
                here.below.setdefault(path[-1], None)
                here.loose.setdefault(_loosely(path[-1]), path[-1])

    def find(self, path: Parts) -> Parts | None:
        """Return the real path of a file, None when there is none."""
        real, rest, folder = self._reached(path)
        return real if real and not rest and folder is None else None

    def reach(self, path: Parts) -> tuple[Parts, Parts]:
        """Return how far ``path`` leads on the medium, and the parts that lead nowhere."""
        return self._reached(path)[:2]

    def _reached(self, path: Parts) -> tuple[Parts, Parts, _Folder | None]:
        here: _Folder | None = self._root
        real: list[str] = []
        for position, part in enumerate(path):
            name = None if here is None else _name_in(here, part)
            if here is None or name is None:
                return tuple(real), path[position:], here
            real.append(name)
            here = here.below[name]
        return tuple(real), (), here


def _entered(folder: _Folder, name: str) -> _Folder:
    below = folder.below.get(name)
    if below is None:
        below = folder.below[name] = _Folder()
        folder.loose.setdefault(_loosely(name), name)
    return below


def _name_in(folder: _Folder, claimed: str) -> str | None:
    if claimed in folder.below:
        return claimed
    loose = _loosely(claimed)
    return folder.loose.get(loose) or _by_short_name(folder, loose)


def _loosely(name: str) -> str:
    """Return a name as ISO 9660, Joliet, Windows and copying programs may have changed it."""
    plain = _VERSION_SUFFIX.sub("", unicodedata.normalize("NFC", name).casefold()).rstrip(". ")
    return plain.removesuffix(".dcm")


def _by_short_name(folder: _Folder, claimed: str) -> str | None:
    """Return the name whose short name is ``claimed``, or that is the short name of ``claimed``."""
    short = _SHORT.fullmatch(claimed)
    if short is not None:
        alike = [name for name in _beginning(folder, short["base"]) if _shortens(short, name)]
        place = int(short["number"]) - 1
        return folder.loose[alike[place]] if 0 <= place < len(alike) else None
    # The other way round nothing says which of several it is: only a single one will do.
    base = _base_and_suffix(claimed)[0]
    found = [
        name
        for length in range(1, min(len(base), _LONGEST_BASE) + 1)
        for name in _short_names(folder).get(base[:length], ())[:_MOST_ALIKE]
        if (other := _SHORT.fullmatch(name)) is not None and _shortens(other, claimed)
    ]
    return folder.loose[found[0]] if len(found) == 1 else None


def _beginning(folder: _Folder, base: str) -> list[str]:
    """Return the loose names that begin with ``base``, sorted."""
    groups = folder.shortened.get(len(base))
    if groups is None:
        groups = folder.shortened[len(base)] = {}
        for name in sorted(folder.loose):
            groups.setdefault(_base_and_suffix(name)[0][: len(base)], []).append(name)
    alike = groups.get(base, [])
    return alike if len(alike) <= _MOST_ALIKE else []


def _short_names(folder: _Folder) -> dict[str, list[str]]:
    if folder.short is None:
        folder.short = {}
        for name in folder.loose:
            if (short := _SHORT.fullmatch(name)) is not None:
                folder.short.setdefault(short["base"], []).append(name)
    return folder.short


def _shortens(short: re.Match[str], name: str) -> bool:
    base, suffix = _base_and_suffix(name)
    begins = base.startswith(short["base"]) and len(base) > len(short["base"])
    return begins and suffix[:_MOST_SUFFIX] == (short["suffix"] or suffix[:_MOST_SUFFIX])


def _base_and_suffix(name: str) -> tuple[str, str]:
    base, _, suffix = name.rpartition(".") if "." in name else (name, "", "")
    return base.replace(" ", "").replace(".", ""), suffix
