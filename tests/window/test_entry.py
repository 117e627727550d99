"""The program as practice software starts it."""

import pytest
from PySide6.QtWidgets import QApplication

from passbox_client.errors import ExitCode
from passbox_client.gui import style
from passbox_client.gui.app import dress
from passbox_client.gui.entry import parse
from passbox_client.window.steps import Page
from tests.window.conftest import Opened


def test_an_unknown_language_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong options leave with 2, as every command does."""
    with pytest.raises(SystemExit) as left:
        parse(["--lang", "fr"])
    assert left.value.code == ExitCode.USAGE
    assert "--lang" in capsys.readouterr().err


def test_the_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """Who writes a script finds them without a manual."""
    with pytest.raises(SystemExit):
        parse(["--help"])
    assert "exit codes: 0 everything is at the hospital" in capsys.readouterr().out


def test_a_changed_card_is_refused_with_the_reason(opened: Opened) -> None:
    """A card that is not as it was signed opens no hospital; the page says why."""
    client = opened(card=b"PASSBOX PROFILE 1\nnonsense\n{}")
    assert client.presenter.state.page is Page.CARD
    page = client.window.pages[Page.CARD]
    assert page.trouble.isVisibleTo(page)
    assert "profile_unsigned" in page.trouble.code.text()
    assert client.presenter.exit_code is ExitCode.PROFILE


def test_closing_without_sending_is_no_success(opened: Opened) -> None:
    """Practice software that named a folder learns that nothing was sent."""
    client = opened("--folder", "somewhere")
    assert client.presenter.exit_code is ExitCode.USAGE


def test_high_contrast_can_be_asked_for(opened: Opened) -> None:
    """The option gives white and yellow on black."""
    opened("--high-contrast")
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    assert style.CONTRAST.accent in application.styleSheet()
    dress(application, high_contrast=False)
