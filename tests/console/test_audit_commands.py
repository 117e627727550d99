"""`passbox audit verify` on chains that are whole, changed, and rewritten."""

from pathlib import Path

from typer.testing import CliRunner

from passbox.cli import app
from passbox_base.audit import AuditChain
from tests.builders.clocks import FakeClock


def _chain(path: Path, author: str) -> list[str]:
    chain = AuditChain(path, FakeClock())
    heads = [chain.append("done", author=author, reason="r").sha256.hex() for _ in range(3)]
    chain.close()
    return heads


def _verify(*arguments: str) -> int:
    return CliRunner().invoke(app, ["audit", "verify", *arguments]).exit_code


def test_a_whole_chain_with_its_heads(tmp_path: Path) -> None:
    """A chain that contains every kept head is whole."""
    heads = _chain(tmp_path / "audit.jsonl", "anna")
    assert _verify(str(tmp_path / "audit.jsonl"), "--head", heads[0], "--head", heads[2]) == 0


def test_a_changed_or_rewritten_chain(tmp_path: Path) -> None:
    """A changed line, and a sound chain without a kept head, are refused with 1."""
    path = tmp_path / "audit.jsonl"
    heads = _chain(path, "anna")
    _chain(tmp_path / "other", "mallory")
    assert _verify(str(tmp_path / "other")) == 0
    assert _verify(str(tmp_path / "other"), "--head", heads[1]) == 1
    path.write_text(path.read_text().replace("anna", "otto", 1))
    assert _verify(str(path)) == 1


def test_a_head_that_is_none(tmp_path: Path) -> None:
    """What is not hexadecimal is a mistake of usage."""
    _chain(tmp_path / "audit.jsonl", "anna")
    assert _verify(str(tmp_path / "audit.jsonl"), "--head", "xyz") == 2
