"""What is in a bundle, whose it is and under which licence: LICENCES.txt and a CycloneDX SBOM.

Everything is asked of what was really collected (contents.json, written by client.spec): Python
distributions by their modules, Debian's packages by the libraries taken from the system. A part
without an owner or without a licence text ends the build: a notice left out is a licence broken.
"""

import importlib.metadata
import json
import platform
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6

LICENCE_NAMES = ("LICEN", "COPYING", "NOTICE", "AUTHORS")
NOTICES = Path(__file__).with_name("notices.toml")
LGPL = "GNU LESSER GENERAL PUBLIC LICENSE"


class NoLicence(Exception):
    """A part of the bundle has no licence text, or no owner; the message names it."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One part of a bundle; ``licence`` is its name or expression, ``text`` the full text."""

    name: str
    version: str
    licence: str
    text: str


def parts_of(contents: Path) -> tuple[Part, ...]:
    """Return all parts of the bundle that contents.json describes; raise NoLicence."""
    described = json.loads(contents.read_text("utf-8"))
    owners = importlib.metadata.packages_distributions()
    site = Path(sysconfig.get_path("purelib"))
    names = {name for module in described["modules"] for name in owners.get(module, ())}
    system: set[Path] = set()
    for _, source in described["files"]:
        path = Path(source)
        if path.is_relative_to(site):
            names |= set(owners.get(_top_level(path.relative_to(site)), ()))
        elif path.is_absolute() and ".so" in path.name and not _is_pythons(path):
            system.add(path)
    found = [part for name in sorted(names | {"PyInstaller"}) for part in _distribution(name)]
    return tuple(sorted({*found, _python(), *_debian(sorted(system))}))


def write_notices(parts: tuple[Part, ...], folder: Path) -> None:
    """Write LICENCES.txt and passbox-client.cdx.json into ``folder``."""
    listed = "\n".join(f"  {part.name} {part.version}: {part.licence}" for part in parts)
    texts = "\n\n".join(f"{'=' * 78}\n{part.name} {part.version}\n\n{part.text}" for part in parts)
    head = (
        "This program contains the parts listed here, each under its own licence; the texts "
        "follow.\nQt and PySide6 are under the LGPL-3.0: in the folder form of this program they "
        "are files of\ntheir own (_internal/PySide6) and may be replaced by other builds of them.\n"
    )
    (folder / "LICENCES.txt").write_text(f"{head}\n{listed}\n\n{texts}\n", "utf-8")
    bom = Bom(components=[_component(part) for part in parts])
    (folder / "passbox-client.cdx.json").write_text(JsonV1Dot6(bom).output_as_string(indent=1))


def _component(part: Part) -> Component:
    return Component(
        type=ComponentType.LIBRARY,
        name=part.name,
        version=part.version,
        bom_ref=f"{part.name}@{part.version}",
        licenses=[DisjunctiveLicense(name=part.licence)],
    )


def _top_level(path: Path) -> str:
    """Return the module a file below site-packages belongs to; ``x.libs`` are x's libraries."""
    return path.parts[0].removesuffix(".libs").split(".")[0].lower().replace("pyside6", "PySide6")


def _is_pythons(path: Path) -> bool:
    return path.is_relative_to(sys.base_prefix) and "python" in str(path).lower()


def _distribution(name: str) -> list[Part]:
    found = importlib.metadata.distribution(name)
    said = found.metadata.get("License-Expression") or found.metadata.get("License") or ""
    classified = [
        line.rsplit("::", 1)[-1].strip()
        for line in found.metadata.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    licence = said if said and "\n" not in said else " or ".join(classified) or "see text"
    texts = [
        Path(str(file.locate())).read_text("utf-8", "replace")
        for file in found.files or ()
        if ".dist-info" in str(file) and file.name.upper().startswith(LICENCE_NAMES)
    ]
    if not texts and "LGPL" in licence.upper():
        texts = [_lgpl()]
    if not texts and "\n" in said:
        texts = [said]
    if not texts:
        return list(_supplied(name, found.version))
    return [Part(found.metadata["Name"], found.version, licence, "\n\n".join(texts))]


def _supplied(name: str, version: str) -> Iterator[Part]:
    """Yield what notices.toml says of a distribution that has no licence text of its own."""
    supplied = tomllib.loads(NOTICES.read_text("utf-8"))
    parts = [part for part in supplied["part"] if part["distribution"] == name]
    if not parts:
        raise NoLicence(f"{name} {version}: no licence text beside its metadata: notices.toml")
    for part in parts:
        licence = part["licence"]
        text = f"{part['copyright']}\n{supplied['text'][licence]}"
        yield Part(part["name"], version, licence, text)


def _lgpl() -> str:
    """Return the text of the LGPL-3.0 from whoever on this machine brings it."""
    for candidate in _lgpl_candidates():
        text = candidate.read_text("utf-8", "replace") if candidate.is_file() else ""
        if LGPL in text and "Version 3" in text:
            return text
    raise NoLicence("the text of the LGPL-3.0 is nowhere on this machine")


def _lgpl_candidates() -> Iterator[Path]:
    yield Path("/usr/share/common-licenses/LGPL-3")
    for found in importlib.metadata.distributions():
        for file in found.files or ():
            if ".dist-info" in str(file) and file.name.upper().startswith(LICENCE_NAMES):
                yield Path(str(file.locate()))


def _python() -> Part:
    for folder in (sysconfig.get_path("stdlib"), sys.base_prefix, "/usr/lib/python3.11"):
        for name in ("LICENSE.txt", "LICENSE"):
            if (path := Path(folder, name)).is_file():
                text = path.read_text("utf-8", "replace")
                return Part("Python", platform.python_version(), "PSF-2.0", text)
    raise NoLicence("Python's own LICENSE.txt was not found")


def _debian(libraries: list[Path]) -> Iterator[Part]:
    """Yield the Debian packages of libraries that were taken from the system."""
    if libraries and not shutil.which("dpkg-query"):
        raise NoLicence(f"taken from the system, owner unknown: {libraries[0]}")
    for path in libraries:
        package = _owner(path)
        version = _said("dpkg-query", "-W", "-f", "${Version}", package)
        notice = Path("/usr/share/doc", package.split(":")[0], "copyright")
        if not notice.is_file():
            raise NoLicence(f"{package}: no copyright file")
        text = notice.read_text("utf-8", "replace")
        yield Part(f"{package.split(':')[0]} (Debian)", version, "see text", text)


def _owner(path: Path) -> str:
    for name in (path, path.resolve(), Path("/usr", *path.parts[1:])):
        command = ["dpkg-query", "-S", str(name)]
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            return asked.stdout.split(": ")[0].split(",")[0].strip()
    raise NoLicence(f"{path}: no Debian package owns it")


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
