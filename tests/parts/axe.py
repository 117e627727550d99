"""Accessibility judged by axe-core (npm), run inside the page that Chromium shows."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / ".venv/npm/axe-core/axe.min.js"
# WCAG 2.1, levels A and AA, which EN 301 549 asks for as well.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


def violations(page: "Page") -> list[str]:
    """Return what is wrong with the page as it is now, one line per rule and place."""
    if not AXE.is_file():
        pytest.skip("needs axe-core: scripts/npm-parts (`make test` does it where npm is)")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, rules).then(r => r.violations)", RULES)
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]
