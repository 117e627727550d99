"""Writing the site: pages, style, card, logo and the packages, all into one new folder."""

import shutil
from pathlib import Path

from passbox.errors import SiteWrong
from passbox.site.look import SCRIPT, style_sheet
from passbox.site.page import CARD, LOGO, RELEASE_KEY, Site, download_page, file_name
from passbox.speaking import Language


def build_site(
    site: Site, card: bytes, folder: Path, *, colour: str, first: Language, release_key: Path | None
) -> tuple[Path, ...]:
    """Write the site into ``folder``, which must be new or empty; return what was written.

    Raises SiteWrong for a folder in use, an unreadable colour, and signatures without the key that
    checks them.
    """
    style = style_sheet(colour)
    if folder.exists() and any(folder.iterdir()):
        raise SiteWrong(f"{folder} is not empty: build a site into a new folder, then publish it.")
    if release_key is None and any(package.signature for package in site.packages):
        raise SiteWrong("These packages are signed: name the public key with --release-key.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("style.css", style), ("system.js", SCRIPT)):
        (folder / name).write_text(text, "utf-8")
    for language in Language:
        page = download_page(site, language, first)
        (folder / file_name(language, first)).write_text(page, "utf-8")
    (folder / CARD).write_bytes(card)
    if site.signed.profile.logo:
        (folder / LOGO).write_bytes(site.signed.profile.logo)
    if release_key is not None:
        shutil.copyfile(release_key, folder / RELEASE_KEY)
    for package in site.packages:
        for path in (package.path, package.signature):
            if path is not None:
                shutil.copyfile(path, folder / path.name)
    sums = "".join(f"{package.sha256}  {package.name}\n" for package in site.packages)
    (folder / "SHA256SUMS").write_text(sums, "ascii")
    return tuple(sorted(folder.iterdir()))
