from pytestqt.qtbot import QtBot


def test_a_window_opens_without_a_screen(qtbot: QtBot) -> None:
    """Qt shows a window on its off-screen platform, and pytest-qt drives it."""
    from PySide6.QtWidgets import QPushButton

    button = QPushButton("Send")
    qtbot.addWidget(button)
    with qtbot.waitSignal(button.clicked):
        button.click()
