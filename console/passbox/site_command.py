"""`passbox site build`: the page from which a sender downloads the program."""

from pathlib import Path
from typing import Annotated

import typer

from passbox.speaking import Language, results

app = typer.Typer(help="Make the hospital's download page.", no_args_is_help=True)


@app.callback()
def site() -> None:
    """Make the hospital's download page."""


@app.command()
def build(
    profile: Annotated[Path, typer.Option(help="The .passbox file.", exists=True, dir_okay=False)],
    downloads: Annotated[
        Path | None, typer.Option(help="The folder `make client` filled.", file_okay=False)
    ] = None,
    out: Annotated[Path, typer.Option(help="A new folder for the site.")] = Path("site"),
    publisher: Annotated[
        str, typer.Option(help="The name in the signatures; the hospital's without it.")
    ] = "",
    name: Annotated[str, typer.Option(help="The program's name, as `make client` had it.")] = (
        "Passbox"
    ),
    colour: Annotated[str, typer.Option(help="The hospital's colour, #rrggbb.")] = "#0b5394",
    release_key: Annotated[
        Path | None, typer.Option(help="Public key of the detached signatures.", dir_okay=False)
    ] = None,
    lang: Annotated[Language, typer.Option(help="The language of index.html.")] = Language.GERMAN,
) -> None:
    """Write a static download page in German and English, to be put on the hospital's web server.

    Not on the receiver's host in the DMZ: who took that over could hand out a doctored program. The
    page works without script and asks for nothing.
    """
    from passbox.profile_commands import usable
    from passbox.site.build import build_site
    from passbox.site.page import Site
    from passbox.site.release import packages_in

    signed = usable(profile)
    packages = packages_in(downloads) if downloads else ()
    written = build_site(
        Site(signed, packages, publisher or signed.profile.hospital, name),
        profile.read_bytes(),
        out,
        colour=colour,
        first=lang,
        release_key=release_key,
    )
    results.print(
        f"{out}: {len(written)} files, {len(packages)} packages. Publish the folder as it is; "
        "the fingerprint on it must be the one in your letters.",
        markup=False,
    )
