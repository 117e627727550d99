"""`passbox receiver …`: run the receiver, and tune it on its host while it runs.

Every change needs a reason and is written to the audit chain with its author. Nothing here opens a
port: the commands work on the ledger, and the running receiver obeys with its next request.
"""

import contextlib
import getpass
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from passbox.speaking import JsonOption, results, say, say_json

app = typer.Typer(
    help="The DMZ: takes sealed packs from anybody, opens none. Serve it, limit it, close it.",
    no_args_is_help=True,
)
limits_app = typer.Typer(help="Limits: see them, set one, give one back.", no_args_is_help=True)
lists_app = typer.Typer(help="Block and allow lists of addresses.", no_args_is_help=True)
app.add_typer(limits_app, name="limits")
app.add_typer(lists_app, name="lists")

_Config = Annotated[
    Path, typer.Option("--config", help="receiver.toml", exists=True, dir_okay=False)
]
_Reason = Annotated[str, typer.Option(help="Why; kept in the audit chain.", prompt=True)]
_ReasonAsked = Annotated[str, typer.Option("--reason", help="Why; kept in the audit chain.")]
_DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Change nothing; say what it would have hit last week.")
]
_Author = Annotated[str, typer.Option(help="Who; your login name without it.")]


@app.command()
def serve(config: _Config) -> None:
    """Listen for senders and for the poller until told to stop (SIGTERM)."""
    from passbox_receiver.serve import run

    raise typer.Exit(run(config))


@limits_app.command("show")
def show_limits(config: _Config, *, as_json: JsonOption = False) -> None:
    """Show every limit, what is in force and what the file says."""
    from passbox_receiver import operations

    rows = operations.limits(config)
    if as_json:
        say_json({"limits": rows})
    else:
        _print_table(("name", "value", "configured"), rows)


@limits_app.command("set")
def set_limit(
    config: _Config,
    name: Annotated[str, typer.Argument(help="As `limits show` names it.")],
    value: Annotated[int, typer.Argument(help="In the unit of its name: bytes, seconds, a count.")],
    reason: _ReasonAsked = "",
    author: _Author = "",
    *,
    dry_run: _DryRun = False,
) -> None:
    """Set a limit now; it wins over the file until it is reset."""
    from passbox_receiver import operations

    with _refusals():
        if dry_run:
            _say_hits(operations.try_limit(config, name, value))
            return
        why = reason or typer.prompt("Reason")
        operations.set_limit(config, name, value, author=author or _me(), reason=why)


@limits_app.command("reset")
def reset_limit(
    config: _Config, name: Annotated[str, typer.Argument()], reason: _Reason, author: _Author = ""
) -> None:
    """Give a limit back to the file."""
    from passbox_receiver import operations

    with _refusals():
        operations.reset_limit(config, name, author=author or _me(), reason=reason)


@lists_app.command("show")
def show_lists(config: _Config, *, as_json: JsonOption = False) -> None:
    """Show every entry of both lists."""
    from passbox_receiver import operations

    rows = operations.lists(config)
    if as_json:
        say_json({"lists": rows})
    else:
        _print_table(("id", "kind", "network", "comment", "author", "expires"), rows)


@lists_app.command("add")
def add_to_list(
    config: _Config,
    kind: Annotated[str, typer.Argument(help="block or allow")],
    network: Annotated[str, typer.Argument(help="An address or CIDR network, IPv4 or IPv6.")],
    reason: _ReasonAsked = "",
    hours: Annotated[float, typer.Option(help="For how long; for ever without it.")] = 0,
    author: _Author = "",
    *,
    dry_run: _DryRun = False,
) -> None:
    """Block or allow a network from now on."""
    from passbox_receiver import operations

    ends = datetime.now(UTC) + timedelta(hours=hours)
    with _refusals():
        if dry_run:
            _say_hits(operations.try_network(config, network))
            return
        entry = operations.add_to_list(
            config,
            kind,
            network,
            author=author or _me(),
            reason=reason or typer.prompt("Reason"),
            expires=int(ends.timestamp()) if hours else None,
        )
    results.print(f"Entry {entry}.")


@lists_app.command("remove")
def remove_from_list(
    config: _Config,
    entry: Annotated[int, typer.Argument(help="Its id in `lists show`.")],
    reason: _Reason,
    author: _Author = "",
) -> None:
    """Take an entry off its list."""
    from passbox_receiver import operations

    with _refusals():
        operations.remove_from_list(config, entry, author=author or _me(), reason=reason)


@app.command()
def monitor(
    config: _Config,
    *,
    reopen: Annotated[bool, typer.Option(help="Accept again today, over the hard limit.")] = False,
    test_alarm: Annotated[bool, typer.Option(help="Send an alarm that means nothing.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for --reopen and --test-alarm.")] = "",
    author: _Author = "",
    as_json: JsonOption = False,
) -> None:
    """Show how much came today; re-open; see whether alarms arrive."""
    from passbox_receiver import operations

    with _refusals():
        if reopen:
            operations.reopen(config, author=author or _me(), reason=reason)
        if test_alarm:
            operations.send_test_alarm(config, author=author or _me(), reason=reason)
    facts = operations.monitor(config)
    if as_json:
        say_json(facts)
        return
    for name, value in facts.items():
        results.print(f"{name:20} {value}", markup=False)


@app.command()
def stop(
    config: _Config,
    reason: _Reason,
    text: Annotated[str, typer.Option(help="What senders read.")] = "",
    author: _Author = "",
) -> None:
    """Accept nothing any more, at once, until `receiver resume`."""
    from passbox_receiver import operations

    with _refusals():
        operations.stop(config, author=author or _me(), reason=reason, text=text or None)


@app.command()
def resume(config: _Config, reason: _Reason, author: _Author = "") -> None:
    """Undo `receiver stop`."""
    from passbox_receiver import operations

    with _refusals():
        operations.resume(config, author=author or _me(), reason=reason)


@app.command()
def transfers(config: _Config, *, as_json: JsonOption = False) -> None:
    """Show every transfer the receiver knows: sizes, times, sources; it knows nothing else."""
    from passbox_receiver import operations

    rows = operations.transfers(config)
    if as_json:
        say_json({"transfers": rows})
    else:
        _print_table(("transfer", "state", "source", "packs", "waiting", "bytes_on_wire"), rows)


@app.command()
def audit(
    config: _Config,
    *,
    last: Annotated[int, typer.Option(help="How many entries.", min=1)] = 50,
    as_json: JsonOption = False,
) -> None:
    """Check the whole audit chain, then show its last entries."""
    from passbox_receiver import operations

    rows = operations.audit(config, last)
    if as_json:
        say_json({"entries": rows})
    else:
        _print_table(("n", "time", "event", "author", "reason", "transfer_id", "facts"), rows)


@app.command()
def fsck(config: _Config, *, as_json: JsonOption = False) -> None:
    """Read every pack held and compare it with what was taken in; leave with 1 when any differs."""
    from passbox_receiver import operations

    rows = operations.check_store(config)
    if as_json:
        say_json({"findings": rows})
    else:
        _print_table(("transfer", "number", "damage"), rows)
    raise typer.Exit(1 if rows else 0)


def _say_hits(hits: Mapping[str, object] | None) -> None:
    if hits is None:
        results.print("The ledger keeps no trace of what this limit would have hit.")
        return
    results.print("In the last seven days it would have hit:")
    for name, value in hits.items():
        results.print(f"{name:12} {value}", markup=False)


def _print_table(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    results.print(table, markup=False)


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    from passbox_receiver.errors import RuleRefused

    try:
        yield
    except RuleRefused as error:
        say(f"Not changed: {error}.")
        raise typer.Exit(2) from error


def _me() -> str:
    return getpass.getuser()
