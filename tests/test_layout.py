"""The rules of the layout that no linter knows."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.parts.programs import require

ROOT = Path(__file__).parents[1]
PACKAGES = [
    "wire/passbox_wire",
    "base/passbox_base",
    "dicom/passbox_dicom",
    "client/passbox_client",
    "receiver/passbox_receiver",
    "poller/passbox_poller",
    "viewer_stub/passbox_viewer",
    "console/passbox",
]
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "shared"}

LONGEST_FILE = 400
LONGER_WITH_REASON: dict[str, str] = {}
"""Path to reason. Aim at 80 to 250 lines; a name here is a question asked and answered."""

MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:home|Users|root|work)/\w|\.\./shared/")
REGISTRY_HOST = re.compile(r"(?:pypi|pythonhosted|npmjs|debian)\.org", re.IGNORECASE)
WRITTEN_BY_TOOLS = {"package-lock.json"}
"""npm writes the address each package came from; `npm ci` follows the machine's own settings."""


def project() -> dict[str, object]:
    """Return the [project] table."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert isinstance(table, dict)
    return table


def modules() -> list[Path]:
    """Return every Python file of the product."""
    return sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))


def committed_files() -> list[Path]:
    """Return every file git keeps."""
    git = require("git", package="git")
    listed = subprocess.run([git, "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True)
    files = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [file for file in files if file.is_file()]


def test_the_wheel_lists_every_package() -> None:
    """The eight packages are spelled out, each typed, and pyproject and this test agree."""
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]
    assert hatch["build"]["targets"]["wheel"]["packages"] == PACKAGES
    assert [p for p in PACKAGES if not (ROOT / p / "py.typed").exists()] == []


@pytest.mark.parametrize("folder", [*sorted({p.split("/")[0] for p in PACKAGES}), "packaging"])
def test_a_program_folder_is_no_package(folder: str) -> None:
    """No ``__init__.py`` above the packages: packaging/ would hide the library of that name."""
    assert not (ROOT / folder / "__init__.py").exists()


def test_no_file_in_packaging_is_named_like_a_module() -> None:
    """PyInstaller puts the entry script's folder first, so packaging/json.py would become json."""
    known = sys.stdlib_module_names | set(importlib.metadata.packages_distributions())
    named = {file.stem for file in (ROOT / "packaging").rglob("*.py")}
    assert named & known == set()


def test_every_module_has_a_name_of_its_own() -> None:
    """No module is called utils, helpers, manager, misc or common."""
    assert [str(m) for m in modules() if {m.stem, m.parent.name} & EMPTY_NAMES] == []


def test_a_file_fits_in_one_reading() -> None:
    """No file is longer than 400 lines without a reason, and no reason outlives its file."""
    lengths = {str(m.relative_to(ROOT)): len(m.read_text().splitlines()) for m in modules()}
    assert {name for name, n in lengths.items() if n > LONGEST_FILE} == set(LONGER_WITH_REASON)


def test_every_test_states_its_rule() -> None:
    """Each test has a docstring: a sentence of the specification."""
    silent = [
        f"{file.relative_to(ROOT)}::{node.name}"
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_file_knows_a_machine() -> None:
    """No committed file names a folder of somebody's machine or the host of a package registry."""
    knowing = []
    for file in committed_files():
        if file.name in WRITTEN_BY_TOOLS or file == Path(__file__):
            continue
        text = file.read_bytes().decode("utf-8", errors="ignore")
        if MACHINE_PATH.search(text) or REGISTRY_HOST.search(text):
            knowing.append(str(file.relative_to(ROOT)))
    assert knowing == []


def locked() -> dict[str, list[Version]]:
    """Return the versions that requirements.lock pins; two where they differ by Python version."""
    versions: dict[str, list[Version]] = {}
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if match := re.match(r"([\w.-]+)==([^\s;]+)", line):
            versions.setdefault(canonicalize_name(match[1]), []).append(Version(match[2]))
    return versions


def requirements() -> list[Requirement]:
    """Return what pyproject.toml asks for, every extra included, ourselves left out."""
    table = project()
    extras, plain = table["optional-dependencies"], table["dependencies"]
    assert isinstance(extras, dict)
    assert isinstance(plain, list)
    asked = [Requirement(line) for lines in [plain, *extras.values()] for line in lines]
    return [requirement for requirement in asked if requirement.name != "passbox"]


def test_the_lock_is_what_pyproject_asks_for() -> None:
    """Every dependency is locked in a version inside its range; if not: ``make lock``."""
    pinned = locked()
    stale = [
        str(asked)
        for asked in requirements()
        if not pinned.get(canonicalize_name(asked.name))
        or not all(map(asked.specifier.contains, pinned[canonicalize_name(asked.name)]))
    ]
    assert stale == []


def test_the_lock_names_packages_and_hashes_only() -> None:
    """The lock holds no address: where packages come from is the machine's own affair."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert [line for line in lines if "://" in line or line.startswith("-")] == []
    assert all(line.strip().startswith("--hash=") or "==" in line for line in lines)


def test_the_demo_installs_every_machine() -> None:
    """The demo's extra holds what each of the five machines installs, window aside."""
    extras = project()["optional-dependencies"]
    assert isinstance(extras, dict)
    assert Requirement(extras["demo"][0]).extras == {"client", "receiver", "poller", "viewer"}
