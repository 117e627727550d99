"""`passbox poller run` and `passbox viewer serve`: the two programs inside the hospital."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from passbox import quarantine_commands, relay_commands
from passbox.speaking import say

_USAGE = 2

poller = typer.Typer(
    help="Inside: dials out, opens, checks, delivers, mails. Holds the only key that opens.",
    no_args_is_help=True,
)
poller.add_typer(relay_commands.app, name="receiver")
poller.add_typer(quarantine_commands.app, name="quarantine")
viewer = typer.Typer(
    help="Inside: temporary store, pages, forwarding to the PACS.", no_args_is_help=True
)


def _config(name: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        "--config", help=f"The program's {name}.", exists=True, dir_okay=False
    )
    return option


@poller.command()
def run(config: Annotated[Path, _config("poller.toml")]) -> None:
    """Pull from the DMZ until told to stop (SIGTERM). May be started before everything else."""
    from passbox_poller.run import run as run_poller

    raise typer.Exit(run_poller(config))


@poller.command()
def release(
    transfer: Annotated[str, typer.Argument(help="The transfer's id, as the mail has it.")],
    config: Annotated[Path, _config("poller.toml")],
    reason: Annotated[str, typer.Option(help="Why; kept in the audit.", prompt=True)],
    author: Annotated[str, typer.Option(help="Who; your login name without it.")] = "",
) -> None:
    """Let out what has come of a transfer that stands still; the rest may still come."""
    from passbox_poller import standstill
    from passbox_poller.settings import read_settings
    from passbox_wire.errors import Malformed

    try:
        standstill.release(
            read_settings(config).spool.folder,
            transfer,
            author=author or getpass.getuser(),
            reason=reason,
        )
    except Malformed as error:
        say(f"Not released: {error}.")
        raise typer.Exit(_USAGE) from error
    say("Noted. The poller shows what is there within seconds, and completes it if more comes.")


@viewer.command()
def serve(config: Annotated[Path, _config("viewer.toml")]) -> None:
    """Receive by C-STORE, show pages, forward on request, until told to stop (SIGTERM)."""
    from passbox_viewer.serve import run as run_viewer

    raise typer.Exit(run_viewer(config))


@viewer.callback()
def _viewer() -> None:
    """A group of commands, though it has one only."""
