"""What each machine installs is enough to import its program, and no more is needed.

import-linter holds who may import whom (pyproject.toml); this holds what it cannot say: allow-lists
of third parties, taken from the extras themselves. Imports for type checking alone do not count.
"""

import ast
import importlib.metadata
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_layout import PACKAGES, ROOT

FOLDERS = {package.split("/")[1]: ROOT / package for package in PACKAGES}
EXTRAS = {
    "passbox_client": ["client", "window"],
    "passbox_receiver": ["receiver"],
    "passbox_poller": ["poller"],
    "passbox_viewer": ["viewer"],
}


def is_for_types_only(node: ast.AST) -> bool:
    """Tell ``if TYPE_CHECKING:`` blocks."""
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imported_names(node: ast.AST) -> Iterator[str]:
    """Yield the dotted name of everything imported below ``node`` while running."""
    for child in ast.iter_child_nodes(node):
        if is_for_types_only(child):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and not child.level:
            yield child.module
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        else:
            yield from imported_names(child)


def source_of(name: str) -> Path | None:
    """Return the file of one of our modules, None for any other name."""
    package, *rest = name.split(".")
    if package not in FOLDERS:
        return None
    base = FOLDERS[package].joinpath(*rest)
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


def third_parties(files: list[Path]) -> set[str]:
    """Return the top-level third-party modules that ``files`` need, through our own modules too."""
    seen: set[Path] = set()
    found: set[str] = set()
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        for name in imported_names(ast.parse(file.read_text())):
            if source := source_of(name):
                waiting.append(source)
            elif name.split(".")[0] not in FOLDERS:
                found.add(name.split(".")[0])
    return found - sys.stdlib_module_names


def distributions(extras: list[str]) -> set[str]:
    """Return the names of the distributions a machine with these extras asks for."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*table["dependencies"]]
    for extra in extras:
        lines += table["optional-dependencies"][extra]
    return {canonicalize_name(Requirement(line).name) for line in lines}


@pytest.mark.parametrize("program", sorted(EXTRAS))
def test_a_program_imports_only_what_its_machine_installs(program: str) -> None:
    """Every third party a program imports is named in its own extra or in the base dependencies."""
    allowed = distributions(EXTRAS[program])
    owners = importlib.metadata.packages_distributions()
    missing = {
        module
        for module in third_parties(sorted(FOLDERS[program].rglob("*.py")))
        if not {canonicalize_name(name) for name in owners.get(module, [])} & allowed
    }
    assert missing == set()


def test_the_contract_needs_only_cryptography() -> None:
    """The wire package imports the standard library and cryptography, nothing else."""
    files = sorted(FOLDERS["passbox_wire"].rglob("*.py"))
    assert third_parties(files) <= {"cryptography"}


def test_the_dmz_installs_no_window_and_no_dicom_parser() -> None:
    """The receiver's extra brings no Qt, no DICOM parser, no image codec and no viewer."""
    unwanted = {"pyside6-essentials", "pydicom", "pynetdicom", "numpy", "pillow", "pyjpegls"}
    assert distributions(EXTRAS["passbox_receiver"]) & unwanted == set()
