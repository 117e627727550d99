"""The sender's part of the command line, for the client's package: nothing of a hospital in it.

The same commands as of `passbox`; only what needs a hospital's machine is left out.
"""

import sys

import typer

from passbox import client_commands, scan_command
from passbox.speaking import told

app = typer.Typer(
    name="passbox-cli",
    help="Send DICOM images to a hospital without registering; the window's work without a window.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: what colours it is not in the package
    pretty_exceptions_enable=False,
)
app.command("scan")(scan_command.scan)
app.command("send")(client_commands.send)
app.command("receipt")(client_commands.receipt)


def main() -> None:
    """Run and leave with the exit code that all commands share (passbox.cli)."""
    with told():
        app()
    sys.exit(0)
