"""Fonts of this computer for a PDF: which files there are, and which of them a text needs.

A PDF that others read must bring its fonts along, and ours are nobody's to ship: so what the
computer has is taken, cut to the letters used. A font that its maker does not allow to be embedded
or cut (OS/2 table, fsType; OpenType 1.9) is passed over. Without any font the PDF's own Helvetica
writes Western European.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont, TTLibError

_FOLDERS: Final = {
    "win32": ("C:/Windows/Fonts",),
    "darwin": ("/System/Library/Fonts", "/System/Library/Fonts/Supplemental", "/Library/Fonts"),
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts"),
}
_TEXT: Final = (
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("segoeui.ttf", "segoeuib.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
)
"""Regular and bold, the best first."""
_FOR_THE_REST: Final = (
    "DejaVuSans.ttf",
    "Arial Unicode.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "msyh.ttc",
    "msgothic.ttc",
    "malgun.ttf",
    "simsun.ttc",
    "Nirmala.ttf",
    "Leelawui.ttf",
    "Hiragino Sans GB.ttc",
    "AppleSDGothicNeo.ttc",
)
"""Scripts that the font of the text does not have."""
_RESTRICTED: Final = 0x0002
_LICENCE_BITS: Final = 0x000E
_NO_SUBSET: Final = 0x0100
_BITMAP_ONLY: Final = 0x0200


@dataclass(frozen=True, slots=True)
class Fonts:
    """Files to write a text with; ``unshowable`` letters stand in none of them.

    ``regular`` is None where the computer has no font of ours: then there is only Latin-1.
    """

    regular: Path | None
    bold: Path | None
    more: tuple[Path, ...]
    unshowable: frozenset[str]


def installed(folders: Iterable[Path] | None = None) -> dict[str, Path]:
    """Return the font files we know, by name; ``folders`` None are the system's."""
    wanted = {name for pair in _TEXT for name in pair} | set(_FOR_THE_REST)
    found: dict[str, Path] = {}
    for folder in _system_folders() if folders is None else folders:
        for path in _files(folder):
            if path.name in wanted:
                found.setdefault(path.name, path)
    return found


def _system_folders() -> Iterator[Path]:
    return map(Path, _FOLDERS.get(sys.platform, _FOLDERS["linux"]))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.tt?") if path.is_file())


def choose(text: str, found: dict[str, Path]) -> Fonts:
    """Return the fonts that ``text`` needs, as few as do."""
    letters = {letter for letter in text if not letter.isspace()}
    for regular, bold in _TEXT:
        covered = _letters_of(found.get(regular))
        if covered:
            more, rest = _for_the_rest(letters - covered, found)
            bold_file = found[bold] if _letters_of(found.get(bold)) else None
            return Fonts(found[regular], bold_file, more, rest)
    return Fonts(None, None, (), frozenset(x for x in letters if not _is_latin(x)))


def _for_the_rest(
    missing: set[str], found: dict[str, Path]
) -> tuple[tuple[Path, ...], frozenset[str]]:
    more = []
    for name in _FOR_THE_REST if missing else ():
        covered = _letters_of(found.get(name))
        if covered & missing:
            more.append(found[name])
            missing = missing - covered
    return tuple(more), frozenset(missing)


def _letters_of(path: Path | None) -> frozenset[str]:
    """Return the letters a font file has, none for one that must not or cannot be embedded."""
    if path is None:
        return frozenset()
    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            if not may_be_embedded(font["OS/2"].fsType):
                return frozenset()
            return frozenset(map(chr, font.getBestCmap() or ()))
    except (OSError, TTLibError, KeyError, ValueError):
        return frozenset()


def may_be_embedded(fs_type: int) -> bool:
    """Return whether a font's maker allows to embed a cut of it in a document to be read."""
    if fs_type & (_NO_SUBSET | _BITMAP_ONLY):
        return False
    return fs_type & _LICENCE_BITS != _RESTRICTED


def _is_latin(letter: str) -> bool:
    try:
        letter.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def showing(text: str, fonts: Fonts) -> str:
    """Return ``text`` with what no font has replaced by a sign that every font has."""
    return "".join("?" if letter in fonts.unshowable else letter for letter in text)
