""".github/workflows: what can be held of them without a runner."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def steps(workflow: Path) -> list[dict[str, Any]]:
    """Return the steps of all jobs."""
    jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_named_by_commit(workflow: Path) -> None:
    """Every action is pinned to a commit, and a job may read the sources and no more."""
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)] == []
    assert yaml.safe_load(workflow.read_text("utf-8"))["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_runner_runs_what_is_there(workflow: Path) -> None:
    """Every script and file that a step names is in the repository."""
    commands = "\n".join(step["run"] for step in steps(workflow) if "run" in step)
    named = re.findall(r"\b(?:packaging|scripts)/[\w.-]+|\brequirements\.lock\b", commands)
    assert len(named) >= 4
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_the_client_is_built_for_three_systems() -> None:
    """The same steps run on Windows, macOS and Linux; only system libraries are Linux's own."""
    workflow = ROOT / ".github/workflows/client.yml"
    job = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]["build"]
    systems = {name.split("-")[0] for name in job["strategy"]["matrix"]["os"]}
    assert systems == {"windows", "macos", "ubuntu"}
    assert [step["run"] for step in steps(workflow) if "if" in step] == [
        "sudo scripts/debian-packages window"
    ]
