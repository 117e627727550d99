"""`passbox audit verify`: whether an audit chain is whole, and is the one whose heads were kept.

It needs the file and nothing else: on the receiver's host, or a copy of it where the poller's
ledger is. It changes nothing.
"""

from pathlib import Path
from typing import Annotated

import typer

from passbox.speaking import results, say

app = typer.Typer(help="Audit chains: is one whole, and is it the one that was shown.")

_WRONG = 1


@app.callback()
def audit() -> None:
    """Audit chains."""


@app.command()
def verify(
    chain: Annotated[Path, typer.Argument(help="audit.jsonl", exists=True, dir_okay=False)],
    head: Annotated[
        list[str] | None, typer.Option(help="A head that was kept, hexadecimal; may be repeated.")
    ] = None,
    poller: Annotated[
        Path | None,
        typer.Option(help="poller.toml: every head its poller kept must be in the chain."),
    ] = None,
) -> None:
    """Check the chain line by line, and that it contains every head somebody kept."""
    from passbox_base.audit import verify_heads
    from passbox_base.errors import ChainBroken

    try:
        kept = [bytes.fromhex(one) for one in head or []]
    except ValueError as error:
        raise typer.BadParameter("a head is hexadecimal") from error
    if poller is not None:
        from passbox_poller import records

        kept += records.audit_heads(poller)
    try:
        end = verify_heads(chain, kept)
    except ChainBroken as error:
        say(f"Not whole: {error}.")
        raise typer.Exit(_WRONG) from error
    results.print(f"Whole: {end.count} entries, {len(kept)} kept heads, head {end.sha256.hex()}.")
