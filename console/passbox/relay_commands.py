"""`passbox poller receiver …`: tune the receiver from inside, over the poller's own way to it.

The same commands as `passbox receiver …` on its host, signed with the poller's key and audited on
both sides; a poller may be running beside. Leaves with 4 when the receiver cannot be reached, with
5 when it refuses.
"""

import getpass
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from passbox.speaking import JsonOption, results, say, say_json

app = typer.Typer(help="The receiver in the DMZ, administered from inside.", no_args_is_help=True)
limits_app = typer.Typer(help="Limits: see them, set one, give one back.", no_args_is_help=True)
lists_app = typer.Typer(help="Block and allow lists of addresses.", no_args_is_help=True)
app.add_typer(limits_app, name="limits")
app.add_typer(lists_app, name="lists")

_UNREACHABLE = 4
_REFUSED = 5

_Config = Annotated[Path, typer.Option("--config", help="poller.toml", exists=True, dir_okay=False)]
_Reason = Annotated[str, typer.Option(help="Why; kept in both audits.", prompt=True)]
_Author = Annotated[str, typer.Option(help="Who; your login name without it.")]
_DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Change nothing; say what it would have hit last week.")
]
_Last = Annotated[int, typer.Option(help="How many, newest first.", min=1, max=500)]


@limits_app.command("show")
def show_limits(config: _Config, *, as_json: JsonOption = False) -> None:
    """Show every limit, what is in force and what the file says."""
    _show(_ask(config, "limits"), "limits", as_json=as_json)


@limits_app.command("set")
def set_limit(
    config: _Config,
    name: Annotated[str, typer.Argument(help="As `limits show` names it.")],
    value: Annotated[int, typer.Argument(help="In the unit of its name.", min=1)],
    reason: _Reason,
    author: _Author = "",
    *,
    dry_run: _DryRun = False,
) -> None:
    """Set a limit now; it wins over the file until it is reset."""
    kind = "try limit" if dry_run else "set limit"
    _say_hits(_ask(config, kind, author, reason, name=name, value=value), dry_run=dry_run)


@limits_app.command("reset")
def reset_limit(
    config: _Config, name: Annotated[str, typer.Argument()], reason: _Reason, author: _Author = ""
) -> None:
    """Give a limit back to the file."""
    _ask(config, "reset limit", author, reason, name=name)


@lists_app.command("show")
def show_lists(config: _Config, *, as_json: JsonOption = False) -> None:
    """Show every entry of both lists."""
    _show(_ask(config, "lists"), "lists", as_json=as_json)


@lists_app.command("add")
def add_to_list(
    config: _Config,
    kind: Annotated[str, typer.Argument(help="block or allow")],
    network: Annotated[str, typer.Argument(help="An address or CIDR network, IPv4 or IPv6.")],
    reason: _Reason,
    hours: Annotated[float, typer.Option(help="For how long; for ever without it.")] = 0,
    author: _Author = "",
    *,
    dry_run: _DryRun = False,
) -> None:
    """Block or allow a network from now on."""
    from passbox_wire.inner.admin import ListName

    if kind not in set(ListName):
        raise typer.BadParameter("block or allow")
    if dry_run:
        _say_hits(_ask(config, "try network", author, reason, network=network), dry_run=True)
        return
    ends = int((datetime.now(UTC) + timedelta(hours=hours)).timestamp()) if hours else None
    wanted = {"list": ListName(kind), "network": network, "expires": ends}
    (row,) = _ask(config, "add to list", author, reason, **wanted)
    results.print(f"Entry {row['entry']}.")


@lists_app.command("remove")
def remove_from_list(
    config: _Config,
    entry: Annotated[int, typer.Argument(help="Its id in `lists show`.")],
    reason: _Reason,
    author: _Author = "",
) -> None:
    """Take an entry off its list."""
    _ask(config, "remove from list", author, reason, entry=entry)


@app.command()
def monitor(config: _Config, *, as_json: JsonOption = False) -> None:
    """Show how much came today and whether the door is open."""
    _show(_ask(config, "monitor"), "monitor", as_json=as_json)


@app.command()
def alarms(config: _Config, *, as_json: JsonOption = False) -> None:
    """Show the newest alarms."""
    _show(_ask(config, "alarms"), "alarms", as_json=as_json)


@app.command()
def reopen(config: _Config, reason: _Reason, author: _Author = "") -> None:
    """Accept again today, over the hard limit."""
    _ask(config, "reopen", author, reason)


@app.command("test-alarm")
def send_test_alarm(config: _Config, reason: _Reason, author: _Author = "") -> None:
    """Send an alarm that means nothing, to see that alarms arrive."""
    _ask(config, "test alarm", author, reason)


@app.command()
def stop(
    config: _Config,
    reason: _Reason,
    text: Annotated[str, typer.Option(help="What senders read.")] = "",
    author: _Author = "",
) -> None:
    """Accept nothing any more, at once, until `resume`."""
    _ask(config, "stop", author, reason, text=text or None)


@app.command()
def resume(config: _Config, reason: _Reason, author: _Author = "") -> None:
    """Undo `stop`."""
    _ask(config, "resume", author, reason)


@app.command()
def transfers(config: _Config, last: _Last = 50, *, as_json: JsonOption = False) -> None:
    """Show the newest transfers: sizes, times, sources; the receiver knows nothing else."""
    _show(_ask(config, "transfers", last=last), "transfers", as_json=as_json)


@app.command()
def audit(config: _Config, last: _Last = 50, *, as_json: JsonOption = False) -> None:
    """Have the receiver check its whole audit chain, and show its last entries."""
    _show(_ask(config, "audit", last=last), "entries", as_json=as_json)


def _ask(
    config: Path, kind: str, author: str = "", reason: str = "", **arguments: Any
) -> Sequence[Mapping[str, Any]]:
    """Return the rows of an answer; leave with a code when there is none."""
    from passbox_poller import administer
    from passbox_poller.errors import NotNow
    from passbox_wire.errors import Malformed
    from passbox_wire.inner.admin import CommandKind, Outcome

    try:
        answer = administer.ask(
            config,
            CommandKind(kind),
            author=author or getpass.getuser(),
            reason=reason,
            **arguments,
        )
    except Malformed as error:
        raise typer.BadParameter(str(error)) from error
    except NotNow as error:
        say("The receiver cannot be reached; whether it was done is not known.")
        raise typer.Exit(_UNREACHABLE) from error
    if answer.outcome is not Outcome.DONE:
        say(f"Not changed: {answer.why or answer.outcome.value}.")
        raise typer.Exit(_REFUSED)
    return answer.rows


def _say_hits(rows: Sequence[Mapping[str, Any]], *, dry_run: bool) -> None:
    if not dry_run:
        return
    if not rows:
        results.print("The ledger keeps no trace of what this limit would have hit.")
        return
    results.print("In the last seven days it would have hit:")
    for name, value in rows[0].items():
        results.print(f"{name:12} {value}", markup=False)


def _show(rows: Sequence[Mapping[str, Any]], name: str, *, as_json: bool) -> None:
    if as_json:
        say_json({name: [dict(row) for row in rows]})
        return
    table = Table(*(rows[0] if rows else ()))
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    results.print(table, markup=False)
