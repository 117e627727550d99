"""What the administrator's pages show, and what their buttons order."""

import re
from pathlib import Path

import httpx
import sqlalchemy as sa

from passbox_viewer.tables import TRANSFERS
from passbox_wire.inner.admin import CommandKind
from passbox_wire.inner.quarantine import Action, parse_decisions
from passbox_wire.inner.viewer import Finding
from passbox_wire.inventory import FileKind
from passbox_wire.receipts import FileResult
from tests.viewer.house import House, a_delivery, a_transfer
from tests.viewer.images import an_image
from tests.viewer.office import (
    answer_commands,
    entries,
    press,
    quarantine,
)


def test_the_five_numbers_have_their_limits(office: House, medium: Path) -> None:
    """Volume, disk, people, decisions and the poller's last word are there, each with a limit."""
    office.visible(a_transfer(1), [an_image(medium)])
    office.visible(a_transfer(2), [an_image(medium)])
    with office.running.inside.engine.begin() as connection:
        failed = sa.update(TRANSFERS).where(TRANSFERS.c.id == a_transfer(2))
        connection.execute(failed.values(forward_state="failed"))
    quarantine(office, a_transfer(1))
    press(office, "/admin/receiver", "/admin/receiver", kind="refresh")
    assert set(answer_commands(office)) == {
        CommandKind.MONITOR, CommandKind.LIMITS, CommandKind.LISTS,
    }  # fmt: skip

    text = re.sub(r"<[^>]+>|\s+", " ", office.browser.get("/admin?lang=en").text)
    text = " ".join(text.split())

    for expected in (
        "Received today 31.0 GB", "limit of the day 80.0 GB", "Room on the disk",
        "Waiting for people 1", "the oldest for 0 of 30 days", "To be decided 2",
        "1 files in quarantine, 1 not completely in the PACS", "limit 300 s",
        "2 together, at most 2 in one day",
    ):  # fmt: skip
        assert expected in text, expected


def test_a_transfer_is_found_by_id_and_by_phone_code(office: House, medium: Path) -> None:
    """The beginning of the id, the code as it is read out, and nothing else find it."""
    wanted = a_transfer(0xABCD << 112)
    office.visible(wanted, [an_image(medium)])
    office.visible(a_transfer(2), [an_image(medium)])

    def found(words: str) -> set[str]:
        html = office.browser.get("/admin/transfers", params={"q": words}).text
        return set(re.findall(r"/admin/transfers/([0-9a-f]{32})", html))

    assert found("ABCD00") == {wanted}
    assert found(" 7k3m q9wd ") == {wanted, a_transfer(2)}
    assert found("7K3M-Q9WE") == set()
    assert found("abc") == found("%") == found("' OR 1=1 --") == set()
    assert found("") == {wanted, a_transfer(2)}


def test_a_transfers_page_tells_what_the_sender_saw_and_no_patient(
    office: House, medium: Path
) -> None:
    """States, links and history are there; name, id and birth date of the patient are not."""
    office.visible(a_transfer(), [an_image(medium)])
    press(office, "/admin/receiver", f"/admin/transfers/{a_transfer()}", kind="transfers")
    columns: dict[str, str | int | bool | None] = dict.fromkeys(
        ("destination", "source", "client", "total_bytes", "packs", "bytes_held", "waiting",
         "bytes_on_wire", "opened", "last_pack", "ended", "stop_reason")
    )  # fmt: skip
    row = columns | {"transfer": a_transfer(), "state": "closed"}
    answer_commands(office, transfers=(row,))

    html = office.browser.get(f"/admin/transfers/{a_transfer()}?lang=en").text

    for expected in ("Handed over completely", "Dr. Beispiel", ">closed", "visible", "7K3M-Q9WD"):
        assert expected in html
    for forbidden in ("Doe", "4711", "19620314", "1962"):
        assert forbidden not in html
    assert office.browser.get(f"/admin/transfers/{a_transfer(9)}").status_code == 404


def test_links_are_revoked_and_transfers_held_and_deleted_by_button(
    office: House, medium: Path
) -> None:
    """Each deed has its reason in the audit, by the administrator; without one nothing happens."""
    page = office.visible(a_transfer(), [an_image(medium)])
    here = f"/admin/transfers/{a_transfer()}"

    assert press(office, f"{here}/revoke", here, reason="  ").status_code == 400
    assert office.browser.get(page).status_code == 200
    assert press(office, f"{here}/revoke", here, reason="wrong person").status_code == 303
    assert office.browser.get(page).status_code == 404
    assert press(office, f"{here}/hold", here, reason="court").status_code == 303
    assert "Held: court" in office.browser.get(f"{here}?lang=en").text
    assert press(office, f"{here}/release", here, reason="over").status_code == 303
    assert press(office, f"{here}/delete", here, reason="gone").status_code == 400
    assert press(office, f"{here}/delete", here, reason="gone", sure="yes").status_code == 303
    html = office.browser.get(f"{here}?lang=en").text
    assert "Deleted" in html
    assert "Dr. Beispiel" not in html
    assert press(office, f"{here}/hold", "/admin/inboxes", reason="late").status_code == 404

    told = [(e["event"], e["author"], e["reason"]) for e in entries(office)]
    for expected in (
        ("links revoked", "admin", "wrong person"), ("held", "admin", "court"),
        ("no longer held", "admin", "over"), ("deleted", "admin", "gone"),
    ):  # fmt: skip
        assert expected in told


def test_a_quarantined_file_is_released_or_deleted_by_decision(office: House, medium: Path) -> None:
    """The poller gets the decision with who and why; a file not on the list is none."""
    office.visible(a_transfer(1), [an_image(medium)])
    finding = Finding("IMG/<b>3", FileKind.INSTANCE, FileResult.REFUSED, "truncated", 3)
    office.deliver(a_transfer(1), a_delivery(findings=(finding,)))
    quarantine(office, a_transfer(1), a_transfer(2))
    html = office.browser.get("/admin/quarantine?lang=en").text
    assert "IMG/&lt;b&gt;3" in html
    assert "ends in the middle" in html

    def decide(file: str, action: str, reason: str) -> httpx.Response:
        return press(
            office, "/admin/quarantine", "/admin/quarantine",
            file=file, action=action, reason=reason,
        )  # fmt: skip

    assert decide(f"{a_transfer(1)} 3", "release", "").status_code == 400
    assert decide(f"{a_transfer(1)} 99", "release", "r").status_code == 404
    assert decide("x y", "release", "r").status_code == 404
    assert decide(f"{a_transfer(1)} 3", "burn", "r").status_code == 404
    assert decide(f"{a_transfer(1)} 3", "release", "sender called").status_code == 303
    assert decide(f"{a_transfer(2)} 4", "delete", "empty").status_code == 303

    body = office.ask("GET", "/inner/v1/quarantine/decisions?after=0&wait=0").content
    first, second = parse_decisions(body)
    assert (first.action, first.author, first.reason) == (Action.RELEASE, "admin", "sender called")
    assert (second.transfer, second.index, second.action) == (a_transfer(2), 4, Action.DELETE)
    behind = f"/inner/v1/quarantine/decisions?after={first.sequence}&wait=0"
    assert parse_decisions(office.ask("GET", behind).content) == (second,)
    assert "release on its way" in office.browser.get("/admin/quarantine?lang=en").text
    # The poller tried, and says why the file stays: nothing is on its way any more.
    quarantine(office, a_transfer(1), a_transfer(2), reason="a program")
    html = office.browser.get("/admin/quarantine?lang=en").text
    assert html.count("Not possible: a program") == 2
    assert "on its way" not in html
    assert decide(f"{a_transfer(1)} 3", "delete", "empty").status_code == 303
    html = office.browser.get("/admin/quarantine?lang=en").text
    assert html.count("deletion on its way") == 1
    quarantine(office)
    assert "The quarantine is empty" in office.browser.get("/admin/quarantine?lang=en").text


def test_a_change_at_the_receiver_shows_where_it_is(office: House) -> None:
    """On its way until the poller brought the answer; with author and reason in the audit."""
    here = "/admin/receiver"
    press(office, here, here, kind="refresh")
    answer_commands(office)
    shown = office.browser.get(f"{here}?lang=en").text
    assert "limits.day_bytes" in shown
    assert "192.0.2.0/24" in shown

    form = {"kind": "set limit", "name": "limits.day_bytes", "value": "7000000"}
    assert press(office, here, here, **form).status_code == 400
    answer = press(office, here, here, **form, reason="more discs")
    waiting = office.browser.get(answer.headers["location"]).text
    assert "on its way" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert answer_commands(office) == [CommandKind.SET_LIMIT]
    done = office.browser.get(answer.headers["location"]).text
    assert "<strong>done</strong>" in done
    assert 'http-equiv="refresh"' not in done
    *_, last = entries(office)
    assert (last["event"], last["author"], last["reason"]) == (
        "asked of the receiver: set limit", "admin", "more discs",
    )  # fmt: skip


CHANGES = (
    {"kind": "stop", "text": "back\r\nsoon"},
    {"kind": "resume"},
    {"kind": "reopen"},
    {"kind": "test alarm"},
    {"kind": "reset limit", "name": "limits.files"},
    {"kind": "add to list", "list": "allow", "network": "2001:db8::/32", "hours": "3"},
    {"kind": "add to list", "list": "block", "network": "192.0.2.1", "hours": ""},
    {"kind": "remove from list", "entry": "7"},
)
NO_COMMANDS = (
    {"kind": "launch"},
    {"kind": "set limit", "name": "x", "value": "many"},
    {"kind": "set limit", "name": "x\x00", "value": "3"},
    {"kind": "add to list", "list": "grey", "network": "192.0.2.1"},
    {"kind": "remove from list", "entry": "-1"},
)


def test_every_change_travels_and_nothing_else(office: House) -> None:
    """Each button becomes the command of its kind; words that are none are told so and kept out."""
    here = "/admin/receiver"
    for form in CHANGES:
        answer = press(office, here, here, **form, reason="because")
        assert answer.status_code == 303, form
        assert [kind.value for kind in answer_commands(office)] == [form["kind"]]
        assert "done" in office.browser.get(answer.headers["location"]).text
    for form in NO_COMMANDS:
        assert press(office, here, here, **form, reason="r").status_code == 400, form
        assert answer_commands(office) == []


def test_an_inbox_link_is_made_by_button_and_shown_once(office: House) -> None:
    """The answer shows it, the next page does not; it opens the inbox."""
    answer = press(
        office, "/admin/inboxes", "/admin/inboxes", deed="make", department="Augen", reason="new"
    )
    (token,) = re.findall(r"/inbox/([\w-]{22})<", answer.text)
    assert office.browser.get(f"/inbox/{token}").status_code == 200
    assert token not in office.browser.get("/admin/inboxes").text
    press(office, "/admin/inboxes", "/admin/inboxes", deed="revoke", department="augen", reason="x")
    assert office.browser.get(f"/inbox/{token}").status_code == 404


def test_a_broken_chain_is_told(office: House) -> None:
    """The audit's page says whether the chain is whole."""
    assert "The chain is whole" in office.browser.get("/admin/audit?lang=en").text
    path = office.settings.store.folder / "audit.jsonl"
    path.write_text(path.read_text().replace("first", "other", 1))
    assert "broken at line 1" in office.browser.get("/admin/audit?lang=en").text
