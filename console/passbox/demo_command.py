"""`passbox demo`: its options. What it does lives in passbox.demo."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Leave after the run; 0 only if all arrived.")
    ] = False,
    media: Annotated[
        Path | None,
        typer.Option(help="A disc, folder or ZIP instead of the built-in disc.", exists=True),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all figures to this file.")
    ] = None,
    pacs: Annotated[
        str, typer.Option(help="HOST:PORT:AET of a real PACS that knows PASSBOX.")
    ] = "",
    ohif: Annotated[
        Path | None, typer.Option(help="Show images in OHIF too: what scripts/ohif has filled.")
    ] = None,
) -> None:
    """Send a patient's disc the whole way, on this machine, with throw-away keys.

    Starts receiver, poller, viewer, a mail server and a PACS as separate programs on loopback,
    sends a disc through the real client, delivers, mails, forwards, and compares every byte.
    """
    from passbox.demo.readback import PacsAddress
    from passbox.demo.run import Options, run
    from passbox.errors import ConsoleError

    address = None
    if pacs:
        host, _, rest = pacs.partition(":")
        port, _, ae_title = rest.partition(":")
        if not (host and port.isdigit() and 0 < len(ae_title) <= 16):  # noqa: PLR2004  # PS3.5 6.2: an AE title
            raise ConsoleError("--pacs is HOST:PORT:AET, as in 127.0.0.1:4242:ORTHANC.")
        address = PacsAddress(host, int(port), ae_title)
    options = Options(once=once, media=media, json_file=json_file, pacs=address, ohif=ohif)
    raise typer.Exit(run(options))
