"""`passbox poller run` and `passbox viewer serve`: the two programs inside the hospital."""

from pathlib import Path
from typing import Annotated

import typer

from passbox import quarantine_commands, relay_commands

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


@viewer.command()
def serve(config: Annotated[Path, _config("viewer.toml")]) -> None:
    """Receive by C-STORE, show pages, forward on request, until told to stop (SIGTERM)."""
    from passbox_viewer.serve import run as run_viewer

    raise typer.Exit(run_viewer(config))


@viewer.callback()
def _viewer() -> None:
    """A group of commands, though it has one only."""
