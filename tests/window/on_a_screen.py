"""A window on a real X server, driven by keyboard: `python -m tests.window.on_a_screen`.

Prints the receipt code; leaves with the exit code the program itself would leave with.
"""

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from passbox_client.gui.app import Client
from passbox_client.gui.entry import parse
from passbox_client.window.volumes import Volume, VolumeKind
from tests.window import walk
from tests.window.hands import Hands


def main() -> None:
    """Send the disc named first with the program's options behind it."""
    disc = Path(sys.argv[1])
    application = QApplication(sys.argv[:1])
    assert application.platformName() == "xcb", application.platformName()
    options = parse(sys.argv[2:])
    volume = Volume(disc, "RADIOLOGY", VolumeKind.DISC)
    settings = options.state / "settings"
    client = Client(application, options, ask_media=lambda: (volume,), settings_folder=settings)
    client.window.show()
    client.window.setFocus(Qt.FocusReason.OtherFocusReason)
    hands = Hands(client)
    walk.accept(hands)
    walk.fill_in(hands)
    walk.look_at(hands, disc)
    walk.send(hands)
    result = client.presenter.state.result
    client.close()
    sys.stdout.write(result.receipt_code if result else "")
    sys.exit(int(client.presenter.exit_code))


if __name__ == "__main__":
    main()
