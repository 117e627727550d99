from pathlib import Path

import pytest

CONFTEST = "from tests.skips import pytest_sessionfinish, pytest_terminal_summary"
SKIPS = "import pytest\ndef test_part(): pytest.skip('needs orthanc: apt-get install orthanc')\n"


def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ci: str) -> pytest.RunResult:
    """Run a session with one skipped test."""
    # The environment is the interface under test, and pytester hands ours to its child.
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_one=SKIPS)
    return pytester.runpytest_subprocess("-p", "no:pytest-qt", "-p", "no:schemathesis")


def test_a_skip_fails_ci(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """With CI=true a run with a skipped test fails and says so."""
    result = run(pytester, monkeypatch, ci="true")
    result.stdout.fnmatch_lines(["CI=true: 1 skipped, so this run failed."])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_skip_is_fine_elsewhere(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a newcomer's machine a run with a skipped test is green."""
    assert run(pytester, monkeypatch, ci="").ret == pytest.ExitCode.OK
