"""Takes out of Qt's ICU data (Linux: 32 MB) what no part of the window can ask for (24 MB).

Qt asks ICU how to sort, how to write letters large and small, which time zones there are, and the
names of days and months; for line breaks, numbers and text codecs it has its own. Names of
currencies, units, languages and countries, transliteration, numbers in words and hundreds of
charsets go. Items are removed by ICU's own icupkg; whoever wants them back puts Qt's library there.
Python's and pydicom's charsets are none of ICU's.
"""

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Final

_UNUSED: Final = re.compile(
    r"(unit|lang|curr|region|translit|rbnf|brkitr)/"
    r"|zone/(?!(pool|root|res_index|tzdbNames|de|en)\.res)"
    r"|.*\.(cnv|spp)\Z|unames|confusables"
)


def trim_icu(library: Path) -> None:
    """Rewrite ``libicudata.so.NN`` in place, smaller; raises CalledProcessError."""
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
