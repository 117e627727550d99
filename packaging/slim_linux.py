"""Makes a bundle's libraries for Linux smaller: debuggers' tables, and most of ICU's data.

Of ICU's 32 MB 27 go, which no part of the window asks for. Qt asks ICU how to sort (kept for all
languages), how to write letters large and small, and what time zones are called (kept in German and
English); for dates, numbers, line breaks and text codecs it has its own. Items are removed by ICU's
icupkg; whoever wants them back puts Qt's own library there. Python's and pydicom's charsets are
none of ICU's.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

_UNUSED: Final = re.compile(
    r"(unit|lang|curr|region|translit|rbnf|brkitr)/"
    r"|zone/(?!(pool|root|res_index|tzdbNames|de|en)\.res)"
    r"|(?!(de|en)[_.])[a-z]{2,3}(_\w+)?\.res\Z"
    r"|.*\.(cnv|spp)\Z|unames|confusables"
)


NEEDED: Final = {
    "strip": "binutils",
    "objcopy": "binutils",
    "ld": "binutils",
    "icupkg": "icu-devtools",
}
"""Programs, and the Debian packages they are in."""


def slim(library: Path, folder: Path) -> Path:
    """Return a smaller copy of a library, made in ``folder``; raises CalledProcessError.

    Libraries that auditwheel moved into a wheel's ``.libs`` do not survive strip: themselves.
    """
    if library.parent.name.endswith(".libs"):
        return library
    copy = Path(tempfile.mkdtemp(dir=folder), library.name)
    shutil.copy2(library, copy)
    if library.name.startswith("libicudata.so."):
        _trim_icu(copy)
    _run("strip", "--strip-unneeded", copy)
    return copy


def _trim_icu(library: Path) -> None:
    version = library.name.rsplit(".", 1)[-1]
    with tempfile.TemporaryDirectory() as work:
        whole, trimmed, linked = (Path(work, name) for name in ("whole", "trimmed", "linked.o"))
        for folder in (whole, trimmed):
            folder.mkdir()
        data = f"icudt{version}l.dat"  # icupkg takes the package's name from the file's
        _run("objcopy", "-O", "binary", "--only-section=.rodata", library, whole / data)
        items = _run("icupkg", "-l", whole / data).split()
        (Path(work) / "unused.txt").write_text("\n".join(filter(_UNUSED.match, items)) + "\n")
        _run("icupkg", "-r", Path(work, "unused.txt"), whole / data, trimmed / data)
        (trimmed / data).rename(trimmed / "data")
        _run("ld", "-r", "-b", "binary", "-o", linked, "data", folder=trimmed)
        section = ("--rename-section", ".data=.rodata,alloc,load,readonly,data,contents")
        symbol = ("--redefine-sym", f"_binary_data_start=icudt{version}_dat")
        _run("objcopy", *section, "--set-section-alignment", ".data=16", *symbol, linked)
        named = ("-soname", library.name, "-z", "noexecstack", "--build-id=none")
        _run("ld", "-shared", *named, "-o", library, linked)


def _run(*command: str | Path, folder: Path | None = None) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=folder).stdout
