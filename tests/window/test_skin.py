"""What the skin may know, and what must not know the skin."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.window.conftest import ROOT

CLIENT = ROOT / "client/passbox_client"


def imports(path: Path) -> set[str]:
    """Return the first names of what a module imports, wherever it stands in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_only_the_skin_knows_qt() -> None:
    """No module of the core imports Qt, and none imports the skin."""
    for path in CLIENT.rglob("*.py"):
        if path.parent.name != "gui":
            names = imports(path)
            assert not any(name.startswith("PySide6") for name in names), path
            assert not any(name.startswith("passbox_client.gui") for name in names), path


def test_a_worker_of_a_bundled_program_loads_no_window() -> None:
    """The entry finds out what it is to be before anything of Qt is loaded."""
    look = "import sys, passbox_client.gui.entry; sys.exit('PySide6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], cwd=ROOT, check=False).returncode == 0
