"""The installed OHIF: which of its files are handed out, and the page that starts it.

OHIF's own start page and service worker are not used: they speak to foreign hosts and carry inline
script. Names and kinds of files are fixed when the viewer starts; a request chooses among them and
never becomes a path.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from passbox_viewer.errors import NoOhif

_KINDS: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,128}\Z")
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>OHIF</title>
<script src="/static/ohif-config.js"></script>
<script src="/static/ohif-ndarray.js"></script>
<script defer src="/{script}"></script>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/app.bundle.css">
</head>
<body>
<div id="react-portal"></div>
<div id="root"></div>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class OhifFile:
    """One file. ``gzip`` is the same file compressed, if it is there."""

    path: Path
    media_type: str
    gzip: Path | None


@dataclass(frozen=True, slots=True)
class Installed:
    """An OHIF that can be handed out; ``page`` is HTML, ``files`` by name."""

    page: str
    files: Mapping[str, OhifFile]


def installed(folder: Path) -> Installed:
    """Return what scripts/ohif put into ``folder``; raise NoOhif when it is not all there."""
    try:
        paths = sorted((folder / "dist").iterdir())
    except OSError as error:
        raise NoOhif("no OHIF in the folder of [ohif]") from error
    files = {
        path.name: OhifFile(path, _KINDS[path.suffix], _compressed(path))
        for path in paths
        if path.suffix in _KINDS and _NAME.match(path.name)
    }
    scripts = [name for name in files if re.fullmatch(r"app\.bundle\.[0-9a-f]+\.js", name)]
    if len(scripts) != 1 or "app.bundle.css" not in files:
        raise NoOhif("not the OHIF that scripts/ohif puts there")
    return Installed(_PAGE.format(script=scripts[0]), MappingProxyType(files))


def _compressed(path: Path) -> Path | None:
    beside = path.with_name(f"{path.name}.gz")
    return beside if beside.is_file() else None
