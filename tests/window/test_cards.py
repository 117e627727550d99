"""Which address card of a hospital is used when another was used before."""

from dataclasses import replace
from pathlib import Path

from passbox_client.gui.app import Client
from passbox_client.gui.card import CardPage
from passbox_client.window.steps import Page
from passbox_wire.profile import sign_profile
from tests.builders.wire import a_profile, a_signing_key
from tests.window.conftest import Opened
from tests.window.mouse import Mouse


def a_card(folder: Path, *, serial: int, signer: str = "profile", url: str = "") -> Path:
    """Write a card of the same hospital, unless another address is given."""
    profile = a_profile(serial=serial)
    profile = replace(profile, url=url or profile.url)
    path = folder / f"{signer}-{serial}.passbox"
    path.write_bytes(sign_profile(profile, a_signing_key(signer)))
    return path


def page_of(client: Client) -> Page:
    """Return the page that is shown now."""
    return client.presenter.state.page


def test_a_card_that_follows_is_used_and_an_older_one_refused(
    opened: Opened, tmp_path: Path
) -> None:
    """As `passbox profile check --known` says: same signer, higher serial, else the reason."""
    client = opened("--profile", str(a_card(tmp_path, serial=5)))
    client.open_card(a_card(tmp_path, serial=6))
    assert page_of(client) is Page.PRIVACY
    client.open_card(a_card(tmp_path, serial=5))
    assert client.presenter.state.sentence is not None
    assert client.presenter.state.sentence.code == "profile_older_serial"
    again = opened("--profile", str(a_card(tmp_path, serial=4)))
    assert page_of(again) is Page.CARD
    client.open_card(a_card(tmp_path, serial=6))
    assert page_of(client) is Page.PRIVACY


def test_somebody_elses_card_is_used_only_after_its_fingerprint_was_compared(
    opened: Opened, tmp_path: Path
) -> None:
    """The same address under another key is refused; a person may say that the letter has it."""
    client = opened("--profile", str(a_card(tmp_path, serial=5)))
    client.open_card(a_card(tmp_path, serial=9, signer="other"))
    page = client.window.pages[Page.CARD]
    assert isinstance(page, CardPage)
    state = client.presenter.state
    assert state.doubted is not None
    assert page.trouble.code.text().endswith("profile_other_signer")
    assert page.fingerprint.text() == state.doubted.fingerprint
    Mouse(client).click(page.trust)
    assert page_of(client) is Page.PRIVACY
    assert client.presenter.state.card == state.doubted
    client.open_card(a_card(tmp_path, serial=6))
    assert page_of(client) is Page.CARD


def test_another_hospital_is_no_successor(opened: Opened, tmp_path: Path) -> None:
    """A practice sends to several hospitals; their serials have nothing in common."""
    client = opened("--profile", str(a_card(tmp_path, serial=5)))
    url = "https://elsewhere.example"
    client.open_card(a_card(tmp_path, serial=1, signer="other", url=url))
    assert page_of(client) is Page.PRIVACY
    client.open_card(a_card(tmp_path, serial=6))
    assert page_of(client) is Page.PRIVACY
