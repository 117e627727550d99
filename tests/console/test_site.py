"""`passbox site build`: what a sender sees before anything is downloaded."""

import dataclasses
import hashlib
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Dialog, Page
from typer.testing import CliRunner

from passbox.cli import app
from passbox.errors import SiteWrong
from passbox.site.build import build_site
from passbox.site.look import contrast_with_white, style_sheet
from passbox.site.page import Site
from passbox.site.release import packages_in
from passbox.speaking import Language
from passbox_wire.keys import verifying_key_to_pem
from passbox_wire.profile import parse_profile
from tests.builders import wire
from tests.parts.axe import violations

ROOT = Path(__file__).parents[2]
WINDOWS = "passbox-client-1.2.3-windows-x86_64.zip"
LINUX = "passbox-client-1.2.3-linux-x86_64.tar.gz"
ONE_FILE = "passbox-client-1.2.3-linux-x86_64-one-file.bin"
HOSTILE = "<script>alert(1)</script> & Söhne"
PAGES = ("index.html", "en.html")


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of three packages, and what else may lie beside them."""
    folder = tmp_path_factory.mktemp("downloads")
    for name in (WINDOWS, LINUX, ONE_FILE, "notes.txt", "passbox-client.exe"):
        (folder / name).write_bytes(name.encode())
    sums = [f"{hashlib.sha256(n.encode()).hexdigest()}  {n}" for n in (WINDOWS, LINUX, ONE_FILE)]
    (folder / "SHA256SUMS").write_text("\n".join(sorted(sums)) + "\n")
    key = Ed25519PrivateKey.generate()
    for name in (LINUX, "SHA256SUMS"):
        (folder / f"{name}.sig").write_bytes(key.sign((folder / name).read_bytes()))
    public = key.public_key().public_bytes_raw()
    (folder / "release.pub").write_bytes(verifying_key_to_pem(public))
    return folder


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The profile of a hospital with a name that wants to be markup."""
    year = int(datetime.now(UTC).timestamp()) + wire.YEAR
    profile = dataclasses.replace(wire.a_profile(expires=year), hospital=HOSTILE)
    path = tmp_path_factory.mktemp("card") / "house.passbox"
    path.write_bytes(wire.a_profile_file(profile))
    return path


@pytest.fixture(scope="module")
def site(downloads: Path, card: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, made by the command."""
    out = tmp_path_factory.mktemp("web") / "site"
    key = str(downloads / "release.pub")
    words = ["site", "build", "--profile", str(card), "--downloads", str(downloads)]
    answer = CliRunner().invoke(app, [*words, "--out", str(out), "--release-key", key])
    assert answer.exit_code == 0, answer.output
    return out


def test_the_packages_are_there_with_their_sums(site: Path) -> None:
    """Each package lies beside the page, with its SHA-256 on the page and in SHA256SUMS."""
    page = (site / "index.html").read_text()
    for name in (WINDOWS, LINUX, ONE_FILE):
        digest = hashlib.sha256((site / name).read_bytes()).hexdigest()
        assert digest in page
        assert f"{digest}  {name}\n" in (site / "SHA256SUMS").read_text()
    assert (site / f"{LINUX}.sig").is_file()
    assert (site / "release.pub").is_file()
    assert (site / "SHA256SUMS.sig").is_file()


def test_what_a_sender_downloads_there_verifies(site: Path, downloads: Path) -> None:
    """packaging/verify takes the published Linux packages, with the key from elsewhere."""
    for name in (WINDOWS, ONE_FILE):
        (site / name).rename(site.parent / name)
    command = [ROOT / "packaging/verify", site, downloads / "release.pub"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    for name in (WINDOWS, ONE_FILE):
        (site.parent / name).rename(site / name)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("name", [LINUX, "SHA256SUMS"])
def test_a_broken_release_is_not_published(
    downloads: Path, card: Path, tmp_path: Path, name: str
) -> None:
    """A package or list that changed after it was signed makes no site."""
    broken = shutil.copytree(downloads, tmp_path / "downloads")
    with (broken / name).open("ab") as file:
        file.write(b"more\n")
    words = ["site", "build", "--profile", str(card), "--downloads", str(broken)]
    out = tmp_path / "site"
    key = str(broken / "release.pub")
    answer = CliRunner().invoke(app, [*words, "--out", str(out), "--release-key", key])
    assert isinstance(answer.exception, SiteWrong)
    assert not out.exists()


def test_nothing_but_packages_is_published(site: Path) -> None:
    """A file that is not named as a package of a release does not get onto the site."""
    assert not {"notes.txt", "passbox-client.exe"} & {path.name for path in site.iterdir()}


def test_the_fingerprint_and_the_card_are_on_it(site: Path, card: Path) -> None:
    """The page shows the signer's fingerprint and gives out the very profile it was made from."""
    signed = parse_profile((site / "hospital.passbox").read_bytes())
    assert signed == parse_profile(card.read_bytes())
    assert all(signed.fingerprint in (site / name).read_text() for name in PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_profile_cannot_become_markup(site: Path, page: Page, name: str) -> None:
    """A hospital's name is text, whatever is in it; the page runs no script but its own file."""
    said: list[str] = []

    def note(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    page.goto((site / name).as_uri())
    assert HOSTILE in page.locator("h1").inner_text()
    assert said == []
    assert page.locator("script").count() == 1


@pytest.mark.parametrize("name", PAGES)
def test_the_page_asks_for_nothing(site: Path, page: Page, name: str) -> None:
    """The page has no form and no field, and every link but the telephone stays on the site."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / name).as_uri())
    assert page.locator("form, input, textarea, iframe").count() == 0
    assert all(url.startswith(site.as_uri()) for url in asked)
    for link in re.findall(r'href="([^"]+)"', (site / name).read_text()):
        assert link.startswith(("#", "tel:")) or (site / link).is_file(), link


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_use_it(site: Path, page: Page, name: str, width: int) -> None:
    """axe-core finds nothing against WCAG 2.1 AA, on a telephone as on a desk, all unfolded."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((site / name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_would_find_something(page: Page) -> None:
    """The judge of accessibility does find a picture without a word and a page without a title."""
    page.set_content("<html><body><img src='data:,x'></body></html>")
    assert any(line.startswith("image-alt") for line in violations(page))


def test_it_is_complete_without_script(site: Path, page: Page) -> None:
    """Without script every system has its button; with it the visitor's own comes first."""
    without = page.context.browser.new_context(java_script_enabled=False).new_page()  # type: ignore[union-attr]  # made by a browser
    without.goto((site / "index.html").as_uri())
    assert without.locator("a.button:not(.plain)").count() == 2
    assert without.locator(".system").first.get_attribute("id") == "windows"
    page.goto((site / "index.html").as_uri())
    assert page.locator(".system").first.get_attribute("id") == "linux"


def test_a_colour_must_be_readable() -> None:
    """White on the hospital's colour must be readable; a colour that is none is refused."""
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert "#0b5394" in style_sheet("#0b5394")
    for wrong in ("#ffe000", "blue", "#12345", "#000000;}"):
        with pytest.raises(SiteWrong):
            style_sheet(wrong)


def test_nothing_is_written_over(site: Path, card: Path) -> None:
    """A folder that has something in it is left as it is."""
    with pytest.raises(SiteWrong):
        build_site(
            Site(parse_profile(card.read_bytes()), (), "x"),
            card.read_bytes(),
            site,
            colour="#0b5394",
            first=Language.GERMAN,
            release_key=None,
        )


def test_a_signature_needs_its_key(downloads: Path, card: Path, tmp_path: Path) -> None:
    """A site with detached signatures but without the key to check them is not made."""
    signed = Site(parse_profile(card.read_bytes()), packages_in(downloads), "x")
    with pytest.raises(SiteWrong, match="release-key"):
        build_site(
            signed,
            card.read_bytes(),
            tmp_path / "site",
            colour="#0b5394",
            first=Language.ENGLISH,
            release_key=None,
        )
    assert not (tmp_path / "site").exists()
