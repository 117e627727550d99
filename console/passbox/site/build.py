"""Writing the site: pages, style, card, logo and the packages, all into one new folder."""

import shutil
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from passbox.errors import SiteWrong
from passbox.site.look import SCRIPT, style_sheet
from passbox.site.page import CARD, LOGO, RELEASE_KEY, Site, download_page, file_name
from passbox.speaking import Language
from passbox_wire.errors import Malformed
from passbox_wire.keys import verifying_key_from_pem

SUMS: Final = "SHA256SUMS"


def build_site(
    site: Site, card: bytes, folder: Path, *, colour: str, first: Language, release_key: Path | None
) -> tuple[Path, ...]:
    """Write the site into ``folder``, which must be new or empty; return what was written.

    Raises SiteWrong for a folder in use, an unreadable colour, signatures without the key that
    checks them, and signatures that do not hold: senders would find a genuine program doctored.
    """
    style = style_sheet(colour)
    if folder.exists() and any(folder.iterdir()):
        raise SiteWrong(f"{folder} is not empty: build a site into a new folder, then publish it.")
    if release_key is None and any(package.signature for package in site.packages):
        raise SiteWrong("These packages are signed: name the public key with --release-key.")
    sums = "".join(f"{package.sha256}  {package.name}\n" for package in site.packages)
    lists = _signed_lists(site, sums)
    if release_key is not None:
        _refuse_unsigned(site, lists, release_key)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("style.css", style), ("system.js", SCRIPT), (SUMS, sums)):
        (folder / name).write_text(text, "utf-8")
    for language in Language:
        page = download_page(site, language, first)
        (folder / file_name(language, first)).write_text(page, "utf-8")
    (folder / CARD).write_bytes(card)
    if site.signed.profile.logo:
        (folder / LOGO).write_bytes(site.signed.profile.logo)
    if release_key is not None:
        shutil.copyfile(release_key, folder / RELEASE_KEY)
    packages = [path for each in site.packages for path in (each.path, each.signature)]
    for path in (*packages, *(lists or ())):
        if path is not None:
            shutil.copyfile(path, folder / path.name)
    return tuple(sorted(folder.iterdir()))


def _signed_lists(site: Site, sums: str) -> tuple[Path, Path] | None:
    """Return the release's own signed list of sums and its signature, where it has them."""
    paths = {package.path.parent / SUMS for package in site.packages}
    for path in paths:
        signature = path.with_name(f"{SUMS}.sig")
        if path.is_file() and signature.is_file():
            if missing := set(sums.splitlines()) - set(path.read_text("utf-8").splitlines()):
                raise SiteWrong(f"{path}: does not say {min(missing)!r}. Sign the release anew.")
            return path, signature
    return None


def _refuse_unsigned(site: Site, lists: tuple[Path, Path] | None, release_key: Path) -> None:
    try:
        key = Ed25519PublicKey.from_public_bytes(verifying_key_from_pem(release_key.read_bytes()))
    except (OSError, Malformed) as error:
        raise SiteWrong(f"{release_key}: no Ed25519 public key in PEM.") from error
    signed = [(package.path, package.signature) for package in site.packages if package.signature]
    for path, signature in (*signed, *([lists] if lists else ())):
        try:
            key.verify(signature.read_bytes(), path.read_bytes())
        except InvalidSignature as error:
            raise SiteWrong(
                f"{path.name}: its signature does not hold under {release_key.name}."
            ) from error
