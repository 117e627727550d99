"""`passbox viewer links|inbox|admin|retention|hold|delete …`: care for the viewer on its host.

Every change needs a reason, and the running viewer writes it into its audit chain and obeys within
a second. Nothing here opens a port.
"""

import contextlib
import getpass
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from passbox import inside_commands
from passbox.speaking import JsonOption, results, say, say_json

app: Final = inside_commands.viewer
links_app = typer.Typer(help="Links in mails: see them, end them.", no_args_is_help=True)
inbox_app = typer.Typer(help="Departments' inboxes: make a link, end it.", no_args_is_help=True)
admin_app = typer.Typer(help="The administrator of the pages.", no_args_is_help=True)
app.add_typer(links_app, name="links")
app.add_typer(inbox_app, name="inbox")
app.add_typer(admin_app, name="admin")

_REFUSED = 2
_NOT_DONE = 1

_Config = Annotated[Path, typer.Option("--config", help="viewer.toml", exists=True, dir_okay=False)]
_Transfer = Annotated[str, typer.Argument(help="Its id, or the beginning of it.")]
_Department = Annotated[str, typer.Argument(help="As senders choose it; blank for none.")]
_Reason = Annotated[str, typer.Option(help="Why; kept in the audit chain.", prompt=True)]
_Author = Annotated[str, typer.Option(help="Who; your login name without it.")]


@links_app.command("show")
def show_links(
    transfer: Annotated[str, typer.Argument(help="Its whole id.")],
    config: _Config,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show when a transfer's links were made and end. The links themselves nobody keeps."""
    from passbox_viewer import operations

    rows = operations.transfer_links(config, transfer)
    if as_json:
        say_json({"links": rows})
        return
    table = Table("link", "made", "expires", "revoked")
    for row in rows:
        moments = (_moment(row[name]) for name in ("minted", "expires", "revoked"))
        table.add_row(str(row["name"]), *moments)
    results.print(table, markup=False)


@links_app.command("revoke")
def revoke_links(
    transfer: _Transfer, config: _Config, reason: _Reason, author: _Author = ""
) -> None:
    """End every link of a transfer, at once."""
    from passbox_viewer.orders import OrderKind

    _order(config, OrderKind.REVOKE_LINKS, transfer, author, reason)


@inbox_app.command("link")
def make_inbox_link(
    department: _Department, config: _Config, reason: _Reason, author: _Author = ""
) -> None:
    """Make a link to a department's inbox and print it, once; earlier ones go on working."""
    from passbox_viewer import operations

    with _refusals():
        link, became = operations.make_inbox_link(
            config, department, author=author or getpass.getuser(), reason=reason
        )
    results.print(link, markup=False, soft_wrap=True)
    _say_what_became(became)


@inbox_app.command("revoke")
def revoke_inbox(
    department: _Department, config: _Config, reason: _Reason, author: _Author = ""
) -> None:
    """End every link to a department's inbox, at once."""
    from passbox_viewer.orders import OrderKind

    _order(config, OrderKind.REVOKE_INBOX, department, author, reason)


@admin_app.command()
def password(
    config: _Config,
    author: _Author = "",
    *,
    from_stdin: Annotated[
        bool, typer.Option("--stdin", help="Read it from standard input instead of asking.")
    ] = False,
) -> None:
    """Set the password of the pages' administrator; whoever is logged in has to log in again."""
    from passbox_viewer import operations

    secret = (
        typer.get_text_stream("stdin").readline().rstrip("\r\n")
        if from_stdin
        else typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    )
    with _refusals():
        became = operations.set_password(config, secret, author=author or getpass.getuser())
    _say_what_became(became)


@admin_app.callback()
def _admin() -> None:
    """A group of commands, though it has one only."""


@app.command()
def retention(
    config: _Config,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only what would be done now.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show when each transfer will be deleted, and what the clocks would do now.

    It changes nothing: the running viewer keeps the clocks by itself.
    """
    from passbox_viewer import operations

    rows = [row for row in operations.due(config) if row["now"] or not dry_run]
    if as_json:
        say_json({"transfers": rows})
        return
    table = Table("transfer", "department", "state", "ends", "held because", "now")
    for row in rows:
        table.add_row(
            str(row["transfer"]), str(row["department"]), str(row["state"]), _moment(row["ends"]),
            str(row["hold"]), str(row["now"]),
        )  # fmt: skip
    results.print(table, markup=False)


@app.command()
def hold(
    transfer: _Transfer,
    config: _Config,
    reason: _Reason,
    author: _Author = "",
    *,
    release: Annotated[bool, typer.Option("--release", help="Let the clock go on.")] = False,
) -> None:
    """Keep a transfer beyond its time."""
    from passbox_viewer.orders import OrderKind

    kind = OrderKind.RELEASE_HOLD if release else OrderKind.HOLD
    _order(config, kind, transfer, author, reason)


@app.command()
def delete(transfer: _Transfer, config: _Config, reason: _Reason, author: _Author = "") -> None:
    """Delete a transfer now, all but a record in numbers. The PACS keeps what it has."""
    from passbox_viewer.orders import OrderKind

    _order(config, OrderKind.DELETE, transfer, author, reason)


def _order(config: Path, kind: str, subject: str, author: str, reason: str) -> None:
    from passbox_viewer import operations
    from passbox_viewer.orders import OrderKind

    with _refusals():
        became = operations.order(
            config, OrderKind(kind), subject, author=author or getpass.getuser(), reason=reason
        )
    _say_what_became(became)


def _say_what_became(became: str) -> None:
    if not became:
        say("Noted. The viewer does it as soon as it runs.")
    elif became == "done":
        say("Done.")
    else:
        say(f"Not done: {became}.")
        raise typer.Exit(_NOT_DONE)


def _moment(seconds: object) -> str:
    if not isinstance(seconds, int):
        return ""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    from passbox_viewer.errors import OrderRefused

    try:
        yield
    except OrderRefused as error:
        say(f"Not ordered: {error}.")
        raise typer.Exit(_REFUSED) from error
