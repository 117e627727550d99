"""The administrator in a test: logged in by HTTP, and a poller that says what the pages show."""

import functools
import re

import httpx

from passbox_base import audit
from passbox_base.journal import Entry
from passbox_viewer import passwords
from passbox_viewer.orders import OrderKind
from passbox_wire.ids import TransferId
from passbox_wire.inner.admin import CommandAnswer, CommandKind, Outcome, Row, parse_commands
from passbox_wire.inner.quarantine import Quarantined, QuarantinedFile
from tests.viewer.house import House

PASSWORD = "a password of some length"

MONITOR: Row = {
    "bytes_today": 31_000_000_000, "soft_bytes_per_day": 40_000_000_000,
    "hard_bytes_per_day": 80_000_000_000, "stopped": False, "text": None, "reopened_today": False,
}  # fmt: skip
LIMITS: tuple[Row, ...] = (
    {"name": "limits.day_bytes", "value": 5_000_000, "configured": 9_000_000, "changed": True},
    {"name": "limits.files", "value": 100, "configured": 100, "changed": False},
)
LISTS: tuple[Row, ...] = (
    {
        "id": 7, "kind": "block", "network": "192.0.2.0/24", "comment": "scans", "author": "anna",
        "added": 1_800_000_000, "expires": None,
    },
)  # fmt: skip


@functools.cache
def kept_hash() -> str:
    """Return what is kept of the password; it costs a moment, once."""
    return passwords.hash_of(PASSWORD)


def set_password(house: House) -> None:
    """Give the administrator a password."""
    became = house.running.rooms.office.orders.obey(
        OrderKind.SET_PASSWORD, "", kept_hash(), author="root", reason="first"
    )
    assert became == "done"


def log_in(house: House, password: str = PASSWORD) -> httpx.Response:
    """Send the login's form; the browser keeps the cookie."""
    return house.browser.post("/admin/login", data={"password": password, "lang": "en"})


def csrf_of(html: str) -> str:
    """Return the token of a page's forms."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', html)
    assert found
    return found[1]


def press(house: House, path: str, at: str, **form: str) -> httpx.Response:
    """Send a form of the page at ``at`` to ``path``."""
    token = csrf_of(house.browser.get(at).text)
    return house.browser.post(path, data={"csrf": token, "lang": "en"} | form)


def quarantine(house: House, *transfers: TransferId, reason: str = "truncated") -> None:
    """Say as the poller that a file of each transfer waits."""
    files = tuple(
        QuarantinedFile(transfer, 3 + n, reason, 4711, 1_800_000_000)
        for n, transfer in enumerate(transfers)
    )
    body = Quarantined(files, len(files)).encode()
    assert house.ask("PUT", "/inner/v1/quarantine", body).status_code == 204


def answer_commands(house: House, **rows: tuple[Row, ...]) -> list[CommandKind]:
    """Answer as poller and receiver what waits: done, with the rows of its kind."""
    waiting = parse_commands(house.ask("GET", "/inner/v1/commands?wait=0").content)
    known: dict[str, tuple[Row, ...]] = {"monitor": (MONITOR,), "limits": LIMITS, "lists": LISTS}
    for command in waiting:
        told = (known | rows).get(command.kind.value, ())
        body = CommandAnswer(command.id, Outcome.DONE, "", told).encode()
        path = f"/inner/v1/commands/{command.id}/answer"
        assert house.ask("PUT", path, body).status_code == 204
    return [command.kind for command in waiting]


def entries(house: House) -> list[Entry]:
    """Return the audit so far."""
    return list(audit.entries(house.settings.store.folder / "audit.jsonl"))
