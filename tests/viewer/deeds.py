"""Random deeds of clinicians and administrators at a whole viewer, and the audit they leave."""

import random
from collections.abc import Callable
from pathlib import Path

import httpx

from passbox_base import audit
from passbox_viewer import links
from passbox_viewer.orders import OrderKind
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import an_image
from tests.viewer.office import csrf_of, log_in, quarantine, set_password

Deed = Callable[[random.Random], str | None]
"""Does something and returns the line it must leave, None for a deed that must leave none."""


class People:
    """Those who look, download, open, hold and decide; some of them without a right to."""

    def __init__(self, house: House, medium: Path) -> None:
        self._house = house
        self._page = house.visible(a_transfer(1), [an_image(medium)])
        house.attach(a_transfer(1), 7, b"a report")
        # What is read once in the background is read now.
        self._page_csrf = csrf_of(house.browser.get(self._page).text)
        self._inbox = f"/inbox/{links.new_token(lambda size: b'i' * size)}"
        token = links.hash_of(self._inbox.rpartition("/")[2]).hex()
        house.running.rooms.office.orders.obey(
            OrderKind.MINT_INBOX, "Radiologie", token, author="a", reason="r"
        )
        set_password(house)
        log_in(house)
        self._csrf = csrf_of(house.browser.get("/admin/inboxes").text)
        self.deeds: tuple[Deed, ...] = (
            self.look, self.download, self.look_at_inbox, self.hold, self.decide, self.ask,
            self.guess_a_link, self.press_without_a_token, self.picture, self.admin_look,
            self.refresh, self.download_attachment, self.look_up,
        )  # fmt: skip

    def look(self, _: random.Random) -> str:
        self._get(self._page, 200)
        return "looked at"

    def download(self, _: random.Random) -> str:
        self._get(f"{self._page}/images.zip", 200)
        return "downloaded"

    def look_at_inbox(self, _: random.Random) -> str:
        self._get(self._inbox, 200)
        return "inbox looked at"

    def hold(self, chance: random.Random) -> str:
        held = chance.random() < 0.5
        path = f"/admin/transfers/{a_transfer(1)}/{'hold' if held else 'release'}"
        self._post(path, 303, reason="because")
        return "held" if held else "no longer held"

    def decide(self, chance: random.Random) -> str:
        action = chance.choice(["release", "delete"])
        quarantine(self._house, a_transfer(1))
        self._post("/admin/quarantine", 303, file=f"{a_transfer(1)} 3", action=action, reason="r")
        return f"quarantined file: {action}"

    def ask(self, _: random.Random) -> str | None:
        answer = self._post("/admin/receiver", None, kind="resume", reason="r")
        # Fifty at most wait for the poller; one that is not kept still says that it was asked.
        assert answer.status_code in {303, 400}
        return "asked of the receiver: resume"

    def refresh(self, _: random.Random) -> str:
        self._post("/admin/receiver", 303, kind="refresh")
        return "asked of the receiver: refresh"

    def download_attachment(self, _: random.Random) -> str:
        self._get(f"{self._page}/attachments/7", 200)
        return "attachment downloaded"

    def look_up(self, _: random.Random) -> str:
        form = {"csrf": self._page_csrf, "query": "4711"}
        answer = self._house.browser.post(f"{self._page}/worklist", data=form)
        assert answer.status_code in {200, 303}, answer.text  # with or without a worklist
        return "worklist looked up"

    def guess_a_link(self, chance: random.Random) -> None:
        self._get(f"/s/{links.new_token(chance.randbytes)}", 404)

    def press_without_a_token(self, _: random.Random) -> None:
        answer = self._house.browser.post(f"{self._page}/refuse", data={"reason": "other"})
        assert answer.status_code == 403

    def picture(self, _: random.Random) -> None:
        (row,) = self._house.instances(a_transfer(1))
        self._get(f"{self._page}/images/{row.number}.png", 200)

    def admin_look(self, chance: random.Random) -> None:
        self._get(chance.choice(["/admin/transfers", "/admin/quarantine", "/admin/inboxes"]), 200)

    def _get(self, path: str, status: int) -> None:
        assert self._house.browser.get(path).status_code == status, path

    def _post(self, path: str, status: int | None, **form: str) -> httpx.Response:
        answer = self._house.browser.post(path, data={"csrf": self._csrf} | form)
        assert status is None or answer.status_code == status, path
        return answer


def do_random_deeds(folder: Path, count: int, *, seed: int) -> None:
    """Do ``count`` deeds; fail unless each left exactly its line, in order, in a whole chain."""
    chance = random.Random(seed)
    medium = folder / "medium"
    medium.mkdir()
    with running_house(folder) as house:
        people = People(house, medium)
        chain = house.settings.store.folder / "audit.jsonl"
        before = audit.verify(chain).count
        left = [chance.choice(people.deeds)(chance) for _ in range(count)]
        lines = [str(entry["event"]) for entry in audit.entries(chain)][before:]
    assert lines == [line for line in left if line is not None]
