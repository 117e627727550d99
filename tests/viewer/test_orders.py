"""Links, holds and deletions ordered while the viewer runs, from its host and from inside."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from passbox.cli import app
from passbox_base import audit
from passbox_viewer import operations, orders
from passbox_viewer.errors import OrderRefused
from passbox_viewer.orders import OrderKind
from passbox_viewer.tables import INBOX_LINKS, LINKS, ORDERS, TRANSFERS
from tests.viewer.house import BASE_URL, House, a_transfer
from tests.viewer.images import an_image


def settings_file(house: House) -> Path:
    """Write what the command line reads: the same store as the running viewer's."""
    path = house.settings.store.folder.parent / "viewer.toml"
    path.write_text(
        f"""
        [pages]
        base_url = "{BASE_URL}"
        [inner]
        certificate = "unused"
        key = "unused"
        client_ca = "unused"
        destination_keys = ["destination.pub"]
        [store]
        folder = "store"
        """
    )
    return path


def told(house: House) -> list[tuple[object, object, object]]:
    """Return event, author and reason of the audit."""
    chain = audit.entries(house.settings.store.folder / "audit.jsonl")
    return [(entry["event"], entry["author"], entry["reason"]) for entry in chain]


def test_a_revoked_link_opens_nothing_in_the_running_viewer(house: House, medium: Path) -> None:
    """The command ends it at once, with who and why in the audit; the transfer stays."""
    page = house.visible(a_transfer(), [an_image(medium)])
    assert house.browser.get(page).status_code == 200

    words = ["viewer", "links", "revoke", a_transfer(), "--config", str(settings_file(house))]
    answer = CliRunner().invoke(app, [*words, "--reason", "sent to the wrong one", "--author", "a"])

    assert (answer.exit_code, answer.output.strip()) == (0, "Done.")
    assert house.browser.get(page).status_code == 404
    assert ("links revoked", "a", "sent to the wrong one") in told(house)
    assert len(house.instances(a_transfer())) == 1


def test_every_link_is_shown_and_none_of_them_opens(house: House, medium: Path) -> None:
    """What is shown of a link tells links apart; the page's address is not in it."""
    page = house.visible(a_transfer(), [an_image(medium)])
    words = ["viewer", "links", "show", a_transfer(), "--config", str(settings_file(house))]

    shown = CliRunner().invoke(app, [*words, "--json"]).output

    (link,) = json.loads(shown)["links"]
    assert link["revoked"] is None
    assert link["expires"] - link["minted"] == 30 * 24 * 60 * 60
    assert house.browser.get(f"/s/{link['name']}").status_code == 404
    assert page.removeprefix("/s/") not in shown


@pytest.mark.parametrize("subject", ["", "f" * 32, "%", "0"])
def test_an_order_about_no_transfer_is_refused(house: House, medium: Path, subject: str) -> None:
    """What names none, or several, is refused before anything is written."""
    house.visible(a_transfer(1), [an_image(medium)])
    house.register(a_transfer(2))
    config = settings_file(house)

    with pytest.raises(OrderRefused):
        operations.order(config, OrderKind.DELETE, subject, author="a", reason="r")

    with house.running.inside.engine.begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(ORDERS)) == 0


@pytest.mark.parametrize(("author", "reason"), [("", "r"), ("a", " "), ("a" * 101, "r")])
def test_an_order_has_an_author_and_a_reason(house: House, author: str, reason: str) -> None:
    """Without either nothing is ordered."""
    engine = house.running.inside.engine
    with pytest.raises(OrderRefused):
        orders.place(engine, OrderKind.REVOKE_INBOX, "x", author=author, reason=reason, now=1)


def test_what_was_ordered_without_a_viewer_is_done_at_its_start(house: House, medium: Path) -> None:
    """The order waits in the ledger and is obeyed before the first page; its value is wiped."""
    page = house.visible(a_transfer(), [an_image(medium)])
    engine, desk = house.running.inside.engine, house.running.rooms.office
    assert desk is not None
    desk.chores.stop()
    config = settings_file(house)

    became = operations.order(
        config, OrderKind.REVOKE_LINKS, a_transfer(), "value", author="a", reason="r", wait=0
    )
    assert (became, house.browser.get(page).status_code) == ("", 200)

    assert desk.orders.carry_out() == 1
    assert house.browser.get(page).status_code == 404
    with engine.begin() as connection:
        assert connection.execute(sa.select(ORDERS.c.value, ORDERS.c.outcome)).all() == [
            ("", "done")
        ]
    assert desk.orders.carry_out() == 0


def test_an_order_that_cannot_be_audited_is_not_carried_out(house: House, medium: Path) -> None:
    """Without its line in the audit nothing happens; the order goes on waiting."""
    page = house.visible(a_transfer(), [an_image(medium)])
    desk = house.running.rooms.office
    assert desk is not None
    desk.chores.stop()
    operations.order(
        settings_file(house), OrderKind.REVOKE_LINKS, a_transfer(), author="a", reason="r", wait=0
    )
    desk.audit.close()

    with pytest.raises(Exception, match="clos"):
        desk.orders.carry_out()

    with house.running.inside.engine.begin() as connection:
        assert connection.scalar(sa.select(LINKS.c.revoked)) is None
        assert connection.scalar(sa.select(ORDERS.c.done)) is None
    assert page


def test_the_command_line_holds_and_deletes(house: House, medium: Path) -> None:
    """Hold, release and delete do what they say, and the audit is still whole."""
    page = house.visible(a_transfer(), [an_image(medium)])
    config = ["--config", str(settings_file(house)), "--reason", "r", "--author", "a"]

    def run(*words: str) -> int:
        return CliRunner().invoke(app, ["viewer", *words, *config]).exit_code

    assert run("hold", a_transfer()[-4:]) == 2  # names are told by their beginning
    assert run("hold", a_transfer()) == 0
    with house.running.inside.engine.begin() as connection:
        assert connection.scalar(sa.select(TRANSFERS.c.hold)) == "r"
    assert run("hold", a_transfer(), "--release") == 0
    assert run("delete", a_transfer()) == 0
    assert house.browser.get(page).status_code == 404
    assert run("delete", a_transfer()) == 2

    chain = house.settings.store.folder / "audit.jsonl"
    assert CliRunner().invoke(app, ["audit", "verify", str(chain)]).exit_code == 0


def test_an_inbox_link_is_printed_once_and_kept_as_a_hash(house: House) -> None:
    """The printed link opens the inbox; the ledger holds nothing that does."""
    words = ["viewer", "inbox", "link", "Radiologie", "--config", str(settings_file(house))]
    answer = CliRunner().invoke(app, [*words, "--reason", "new", "--author", "a"])

    link = next(line for line in answer.output.splitlines() if line.startswith(BASE_URL))
    token = link.rpartition("/")[2]
    with house.running.inside.engine.begin() as connection:
        (row,) = connection.execute(sa.select(INBOX_LINKS)).all()
    assert row.department == "Radiologie"
    ledger = house.settings.store.folder.glob("ledger*")
    assert all(token.encode() not in path.read_bytes() for path in ledger)
