"""What is in a bundle, whose it is and under which licence: LICENCES.txt and a CycloneDX SBOM.

Everything is asked of what was really collected (contents.json, written by client.spec): Python
distributions by their modules and files, Debian's packages by the libraries taken from the system.
A part without an owner or without a licence text ends the build: a notice left out is a licence
broken. What wheels say is inside them (their SBOMs, PEP 770) stands below them in ours.
"""

import csv
import functools
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
from packageurl import PackageURL

LICENCE_NAMES = ("LICEN", "COPYING", "NOTICE", "AUTHORS")
NOTICES = Path(__file__).with_name("notices.toml")
# The LGPL-3.0 adds to the GPL-3.0 and wants both given along.
LGPL_TEXTS = [NOTICES.parent / "licences" / f"{name}-3.0-only.txt" for name in ("LGPL", "GPL")]


class NoLicence(Exception):
    """A part of the bundle has no licence text, or no owner; the message names it."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One part of a bundle; ``licence`` is its name or expression, ``text`` the full text.

    ``source`` is where it is from, as package URLs name it: pypi, deb, or empty for what came with
    another part. ``inside`` are names and versions of what its wheel says is compiled into it.
    """

    name: str
    version: str
    licence: str
    text: str
    source: str = ""
    inside: tuple[tuple[str, str], ...] = ()


def parts_of(contents: Path) -> tuple[Part, ...]:
    """Return all parts of the bundle that contents.json describes; raise NoLicence."""
    described = json.loads(contents.read_text("utf-8"))
    owners = _owners()
    site = Path(sysconfig.get_path("purelib"))
    tops: dict[str, set[str]] = {}
    for file, name in owners.items():
        tops.setdefault(file.split("/")[0].split(".")[0], set()).add(name)
    names = {name for module in described["modules"] for name in tops.get(module, ())}
    system: set[Path] = set()
    for _, source in described["files"]:
        path = Path(source)
        if path.is_relative_to(site):
            file = path.relative_to(site).as_posix()
            if file not in owners:
                raise NoLicence(f"{path}: no distribution owns it")
            names.add(owners[file])
        elif path.is_absolute() and ".so" in path.name and not _is_pythons(path):
            system.add(path)
    found = [part for name in sorted(names | {"PyInstaller"}) for part in _distribution(name)]
    return tuple(sorted({*found, _python(), *_debian(sorted(system))}))


def write_notices(parts: tuple[Part, ...], folder: Path) -> None:
    """Write LICENCES.txt and passbox-client.cdx.json into ``folder``."""
    listed = "\n".join(f"  {part.name} {part.version}: {part.licence}" for part in parts)
    named: dict[str, list[str]] = {}
    for part in parts:  # some stand in many parts, word for word
        named.setdefault(part.text, []).append(f"{part.name} {part.version}")
    texts = "\n\n".join(f"{'=' * 78}\n{chr(10).join(of)}\n\n{text}" for text, of in named.items())
    head = (
        "This program contains the parts listed here, each under its own licence; the texts "
        "follow.\nQt, PySide6, shiboken6 and fpdf2 are under the LGPL-3.0: in the folder form of "
        "this program they\nare files of their own (_internal/PySide6, shiboken6, fpdf) and may be "
        "replaced by other builds of\nthem. docs/packages.md of the sources tells how.\n"
    )
    (folder / "LICENCES.txt").write_text(f"{head}\n{listed}\n\n{texts}\n", "utf-8")
    bom = Bom(components=[_component(part) for part in parts])
    (folder / "passbox-client.cdx.json").write_text(JsonV1Dot6(bom).output_as_string(indent=1))


def _component(part: Part) -> Component:
    reference = f"{part.name}@{part.version}"
    url = None
    if part.source:
        space = "debian" if part.source == "deb" else None
        url = PackageURL(part.source, space, part.name.removesuffix(" (Debian)"), part.version)
    return Component(
        type=ComponentType.LIBRARY,
        name=part.name,
        version=part.version,
        bom_ref=reference,
        purl=url,
        licenses=[DisjunctiveLicense(name=part.licence)],
        components=[
            Component(
                type=ComponentType.LIBRARY,
                name=name,
                version=version,
                bom_ref=f"{reference}/{name}@{version}",
            )
            for name, version in part.inside
        ],
    )


@functools.cache
def _owners() -> dict[str, str]:
    """Return which distribution each installed file, below site-packages, belongs to."""
    return {
        line[0]: name
        for found in importlib.metadata.distributions()
        for name in [found.name]  # parsed at each asking
        for line in csv.reader((found.read_text("RECORD") or "").splitlines())
    }


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
    if "LGPL" in licence.upper():
        texts += [path.read_text("utf-8") for path in LGPL_TEXTS]
    if not texts and "\n" in said:
        texts = [said]
    parts = list(_supplied(name, found.version))
    if texts:
        text = "\n\n".join(texts)
        inside = _inside(found)
        parts.append(Part(found.metadata["Name"], found.version, licence, text, "pypi", inside))
    if not any(part.source for part in parts):
        raise NoLicence(f"{name} {found.version}: no licence text beside its metadata")
    return parts


def _inside(found: importlib.metadata.Distribution) -> tuple[tuple[str, str], ...]:
    """Return what a wheel's own SBOMs (PEP 770) name, but itself."""
    boms = [
        json.loads(Path(str(file.locate())).read_text("utf-8"))
        for file in found.files or ()
        if "/sboms/" in str(file) and file.suffix == ".json"
    ]
    named = {
        (part["name"], str(part.get("version", "")))
        for bom in boms
        for part in bom.get("components", ())
    }
    return tuple(sorted(named - {(found.metadata["Name"], found.version)}))


def _supplied(name: str, version: str) -> Iterator[Part]:
    """Yield what notices.toml says of a distribution: its own text, and what came with it."""
    supplied = tomllib.loads(NOTICES.read_text("utf-8"))
    for part in supplied["part"]:
        if part["distribution"] == name:
            own = part["name"] == name
            if "file" in part:
                text = NOTICES.with_name("licences").joinpath(part["file"]).read_text("utf-8")
            else:
                text = f"{part['copyright']}\n{supplied['text'][part['licence']]}"
            within = version if own else f"in {name} {version}"
            yield Part(part["name"], within, part["licence"], text, "pypi" if own else "")


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
        yield Part(f"{package.split(':')[0]} (Debian)", version, "see text", text, "deb")


def _owner(path: Path) -> str:
    for name in (path, path.resolve(), Path("/usr", *path.parts[1:])):
        command = ["dpkg-query", "-S", str(name)]
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            return asked.stdout.split(": ")[0].split(",")[0].strip()
    raise NoLicence(f"{path}: no Debian package owns it")


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
