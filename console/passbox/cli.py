"""`passbox`: the one command line. It imports a program only when one of its commands is run.

Exit codes, for all commands: 0 all, 1 partial, 2 usage, 3 medium, 4 connection or pin, 5 refused,
6 profile. Sentences go to standard error, results to standard output, so that --json can be piped.
"""

import sys

import typer

from passbox import (
    audit_commands,
    client_commands,
    demo_command,
    doctor,
    init_command,
    inside_commands,
    profile_commands,
    receiver_commands,
    scan_command,
    site_command,
    viewer_commands,
)
from passbox.speaking import told

app = typer.Typer(
    name="passbox",
    help=(
        "Send DICOM images to a hospital without registering, and run the hospital's side.\n\n"
        "Start with [bold]passbox demo[/bold]: the whole way on this machine, in a minute."
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

_SENDER = "For people who send"
_HOSPITAL = "For the hospital"
_NEWCOMER = "For newcomers"

app.command("demo", rich_help_panel=_NEWCOMER)(demo_command.demo)
app.command("scan", rich_help_panel=_SENDER)(scan_command.scan)
app.command("send", rich_help_panel=_SENDER)(client_commands.send)
app.command("receipt", rich_help_panel=_SENDER)(client_commands.receipt)
app.add_typer(profile_commands.app, name="profile", rich_help_panel=_HOSPITAL)
app.add_typer(site_command.app, name="site", rich_help_panel=_HOSPITAL)
app.command("init", rich_help_panel=_HOSPITAL)(init_command.init)
app.command("doctor", rich_help_panel=_HOSPITAL)(doctor.doctor)
app.add_typer(receiver_commands.app, name="receiver", rich_help_panel=_HOSPITAL)
app.add_typer(audit_commands.app, name="audit", rich_help_panel=_HOSPITAL)
app.add_typer(inside_commands.poller, name="poller", rich_help_panel=_HOSPITAL)
app.add_typer(viewer_commands.app, name="viewer", rich_help_panel=_HOSPITAL)


def main() -> None:
    """Run the command line and leave with its exit code; in a bundled program, be a worker."""
    from passbox_dicom.worker_main import serve_if_asked

    serve_if_asked()
    with told():
        app()
    sys.exit(0)


if __name__ == "__main__":
    main()
