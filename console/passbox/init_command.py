"""`passbox init`: from an empty folder to everything a hospital installs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from passbox.speaking import results


def init(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder.")],
    hospital: Annotated[str, typer.Option(help="The name senders see.")] = "Hospital",
    host: Annotated[str, typer.Option(help="The receiver's public name.")] = "localhost",
    receiver_inner_host: Annotated[
        str, typer.Option(help="The receiver's name as the poller dials it; --host without it.")
    ] = "",
    viewer_host: Annotated[
        str, typer.Option(help="The viewer's name inside the hospital.")
    ] = "localhost",
    phone: Annotated[str, typer.Option(help="Whom senders call.")] = "",
    domain: Annotated[
        list[str] | None, typer.Option(help="Mail domains that may get notifications.")
    ] = None,
) -> None:
    """Make a hospital's keys, certificates, settings and profile.

    Writes five folders: [bold]public[/bold] (for anybody), [bold]dmz[/bold], [bold]poller[/bold]
    and [bold]viewer[/bold] (one machine each), and [bold]offline[/bold] (CA, profile-signing and
    backup-pin keys: copy them to a medium in a safe, then delete them here). Nothing that exists is
    overwritten.
    """
    from passbox.house import House, Rooms
    from passbox.initialise import initialise

    domains = tuple(domain) if domain else House().domains
    house = House(
        hospital=hospital,
        phone=phone,
        dmz_host=host,
        receiver_inner_host=receiver_inner_host or host,
        viewer_host=viewer_host,
        domains=domains,
        fallback_mailbox=f"radiology@{domains[0]}",
    )
    rooms = Rooms(folder)
    fingerprint = initialise(rooms, house, datetime.now(UTC))
    results.print(f"Made in {folder}:", markup=False)
    for name, what in (
        ("public/", "hospital.passbox, the profile for senders, and its fingerprint"),
        ("dmz/", "goes to the receiver's machine; it holds no key that opens anything"),
        ("poller/", "goes to the poller's machine; the only place of the unsealing key"),
        ("viewer/", "goes to the viewer's machine"),
        ("offline/", "take this off the network and keep it in a safe"),
    ):
        results.print(f"  {name:9} {what}", markup=False)
    results.print(f"Print this in your letters: {fingerprint}", markup=False)
    results.print("Next: read the three .toml files, then `passbox doctor " + str(folder) + "`.")
