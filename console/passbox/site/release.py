"""The packages of a release, as `make client` names them; what lies beside them is left out."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(
    r"passbox-client-(?P<version>\d+\.\d+\.\d+)-(?P<system>windows|macos|linux)"
    r"-(?P<machine>x86_64|arm64|universal2)(?P<one_file>-one-file)?"
    r"\.(?P<ending>zip|exe|dmg|tar\.gz|bin)\Z",
    re.ASCII,
)


class System(StrEnum):
    """The visitor's system, in the order of the page."""

    WINDOWS = "windows"
    MACOS = "macos"
    LINUX = "linux"


@dataclass(frozen=True, slots=True)
class Package:
    """One file to download; ``signature`` is its detached signature, where there is one."""

    path: Path
    version: str
    system: System
    machine: str
    one_file: bool
    size: int
    sha256: str
    signature: Path | None

    @property
    def name(self) -> str:
        """The file's name, safe in a link: its form was checked."""
        return self.path.name


def packages_in(folder: Path) -> tuple[Package, ...]:
    """Return the packages by system, the folder form before the single file."""
    found = [_package(path, match) for path in folder.iterdir() if (match := _match(path))]
    order = list(System)
    return tuple(sorted(found, key=lambda p: (order.index(p.system), p.one_file, p.name)))


def _match(path: Path) -> re.Match[str] | None:
    return _NAME.match(path.name) if path.is_file() else None


def _package(path: Path, match: re.Match[str]) -> Package:
    signature = path.with_name(f"{path.name}.sig")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return Package(
        path=path,
        version=match["version"],
        system=System(match["system"]),
        machine=match["machine"],
        one_file=match["one_file"] is not None,
        size=path.stat().st_size,
        sha256=digest.hexdigest(),
        signature=signature if signature.is_file() else None,
    )
