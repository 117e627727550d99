"""`passbox poller quarantine …`: refused files that wait for a person, on the poller's machine.

The running poller does what is decided here within seconds, and writes author and reason to its
audit before; without a running poller the decision waits for it. The viewer's pages offer the same.
"""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from passbox.speaking import JsonOption, results, say, say_json

app = typer.Typer(help="Refused files: see them, let one out, delete one.", no_args_is_help=True)

_Config = Annotated[Path, typer.Option("--config", help="poller.toml", exists=True, dir_okay=False)]
_Transfer = Annotated[str, typer.Argument(help="The transfer's id, as `list` shows it.")]
_Index = Annotated[int, typer.Argument(help="The file's number in the transfer.", min=0)]
_Reason = Annotated[str, typer.Option(help="Why; kept in the audit.", prompt=True)]
_Author = Annotated[str, typer.Option(help="Who; your login name without it.")]

_NOT_THERE = 1
_USAGE = 2


@app.command("list")
def list_(config: _Config, *, as_json: JsonOption = False) -> None:
    """List every file that waits, with the reason it was refused."""
    from passbox_poller import custody

    quarantined = custody.quarantined(config)
    if as_json:
        say_json({"files": [file.to_json() for file in quarantined.files]})
        return
    table = Table("transfer", "file", "reason", "bytes", "since")
    for file in quarantined.files:
        since = datetime.fromtimestamp(file.since, UTC).isoformat(" ", "minutes")
        table.add_row(file.transfer, str(file.index), file.reason, str(file.size), since)
    results.print(table, markup=False)
    if quarantined.total > len(quarantined.files):
        say(f"And {quarantined.total - len(quarantined.files)} more.")


@app.command()
def release(
    config: _Config, transfer: _Transfer, index: _Index, reason: _Reason, author: _Author = ""
) -> None:
    """Let a file out although it was refused: as an image if it can be one, else as attachment."""
    from passbox_wire.inner.quarantine import Action

    _decide(config, transfer, index, Action.RELEASE, reason, author)


@app.command()
def delete(
    config: _Config, transfer: _Transfer, index: _Index, reason: _Reason, author: _Author = ""
) -> None:
    """Delete a file for good."""
    from passbox_wire.inner.quarantine import Action

    _decide(config, transfer, index, Action.DELETE, reason, author)


def _decide(config: Path, transfer: str, index: int, action: str, reason: str, author: str) -> None:
    from passbox_poller import custody
    from passbox_wire.errors import Malformed
    from passbox_wire.inner.quarantine import Action

    try:
        there = custody.decide(
            config,
            transfer,
            index,
            Action(action),
            author=author or getpass.getuser(),
            reason=reason,
        )
    except Malformed as error:
        say(f"Not decided: {error}.")
        raise typer.Exit(_USAGE) from error
    if not there:
        say("There is no such file in quarantine.")
        raise typer.Exit(_NOT_THERE)
    say("Decided. The poller does it once it runs and the transfer is settled; see `list`.")
