"""The register of discs: a name, and a function that writes the medium into an empty folder."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

Maker = Callable[[Path], Path]
MAKERS: dict[str, Maker] = {}
"""By name; a maker returns the path to be scanned."""


def disc(maker: Maker) -> Maker:
    """Register a maker under its function's name; its docstring is the disc's story."""
    MAKERS[maker.__name__] = maker
    return maker


def write(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below ``root`` and return it."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a ZIP and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
