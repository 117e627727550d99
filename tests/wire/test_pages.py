"""The pages in docs/ say what the code says."""

import importlib.util
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from passbox_wire import inventory, manifest, pack, receipts, routes, sealing, states
from passbox_wire.inner import receiver, viewer
from tests.wire.documents import DOCUMENTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CONTRACT = (DOCS / "contract.md").read_text()
PAGE_OF = {
    "inventory": "formats/inventory.md",
    "later inventory": "formats/inventory.md",
    "manifest": "formats/manifest.md",
    "report": "formats/receipt.md",
    "signed receipt": "formats/receipt.md",
    "receipt body": "formats/receipt.md",
    "profile body": "formats/profile.md",
}


def drawing() -> ModuleType:
    """Return the script as a module; scripts/ is no package."""
    spec = importlib.util.spec_from_file_location("draw_states", ROOT / "scripts/draw_states.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_draws_the_tables_as_they_are() -> None:
    """The state and problem tables in docs/contract.md are those of the code."""
    assert drawing().drawn(CONTRACT) == CONTRACT


def test_the_script_says_when_the_page_is_behind() -> None:
    """--check is quiet and 0 while page and tables agree."""
    script = [sys.executable, str(ROOT / "scripts/draw_states.py"), "--check"]
    done = subprocess.run(script, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


def test_every_state_and_problem_is_drawn() -> None:
    """The page has a block for each table."""
    assert re.findall(r"<!-- drawn: (\w+) -->", CONTRACT) == [
        "problems",
        "upload",
        "delivery",
        "forward",
    ]


def test_every_path_and_header_is_on_the_page() -> None:
    """No route and no header is left out, and none is on the page that does not exist."""
    known = {value for _, value in inspect.getmembers(routes, lambda value: isinstance(value, str))}
    paths = {value for value in known if re.match(r"/(inner/)?v1/", value)}
    headers = {value for value in known if re.match(r"Passbox-\w+$", value)}
    asked = re.findall(r"`(?:GET|PUT|POST) (/[^`?]+)(?:\?[^`]*)?`", CONTRACT)
    assert set(asked) == paths
    assert set(re.findall(r"Passbox-[A-Z]\w+", CONTRACT)) == headers


def keys(document: Any) -> Iterator[str]:
    """Yield every key at any depth."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield key
            yield from keys(value)
    if isinstance(document, list):
        for value in document:
            yield from keys(value)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_field_is_on_the_page(name: str) -> None:
    """Each field of each document is named on the page that documents it."""
    page = (DOCS / PAGE_OF.get(name, "contract.md")).read_text()
    page += (DOCS / "formats/inventory.md").read_text() if name == "facts" else ""
    fields = set(keys(json.loads(DOCUMENTS[name].data)))
    assert {field for field in fields if f"`{field}`" not in page} == set()


@pytest.mark.parametrize(
    ("page", "choices"),
    [
        ("formats/inventory.md", inventory.FileKind),
        ("formats/manifest.md", manifest.Outcome),
        ("formats/receipt.md", receipts.FileResult),
        ("formats/receipt.md", receipts.CoarseState),
        ("contract.md", receiver.AlarmKind),
        ("contract.md", receiver.StopReason),
        ("contract.md", viewer.EventKind),
        ("contract.md", states.UploadState),
    ],
)
def test_every_word_is_on_the_page(page: str, choices: Any) -> None:
    """Each word a field may say is on the page."""
    text = (DOCS / page).read_text()
    assert [word for word in choices if f"`{word}`" not in text and f"**{word}**" not in text] == []


def test_the_pack_page_has_the_numbers_of_the_code() -> None:
    """Sizes and numbers on docs/formats/pack.md are those the code uses."""
    page = (DOCS / "formats/pack.md").read_text()
    assert pack.HEADER_BYTES == 60
    assert "## Header: 60 bytes" in page
    assert pack.RECORD_BYTES == 24
    assert "Each is 24 bytes" in page
    assert sealing.OVERHEAD_BYTES == 1136
    assert "1136 bytes more" in page
    assert pack.MAX_SEALED_BYTES == 8 * 2**20 + 1196
    assert "8 MiB + 1196" in page
    for kind in pack.Kind:
        assert f"{int(kind)} {kind.name.lower()}" in page
    for codec in pack.Codec:
        assert f"{int(codec)} {codec.name.lower()}" in page


def test_every_link_between_pages_leads_somewhere() -> None:
    """No page of the contract points to a file that is not there."""
    pages = [DOCS / "contract.md", *(DOCS / "formats").glob("*.md"), *(DOCS / "adr").glob("*.md")]
    broken = [
        (page.name, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []
