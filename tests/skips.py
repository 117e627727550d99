"""With ``CI=true`` a skipped test is a failed run: there every part is installed.

On a newcomer's machine a skip is fine; its reason says what to install. Imported by conftest.py,
apart so that a test can run it in a session of its own.
"""

import os

import pytest


def _forbidden_skips(config: pytest.Config) -> int:
    if os.environ.get("CI") != "true":
        return 0
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", [])) if reporter else 0


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a green run with skips red where CI=true."""
    if session.exitstatus == pytest.ExitCode.OK and _forbidden_skips(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say why the run is red, below the reasons of the skips."""
    if count := _forbidden_skips(config):
        terminalreporter.write_line(f"CI=true: {count} skipped, so this run failed.", red=True)
