"""The receiver as the admin's pages show and steer it, by way of the poller.

The rule: nothing here reaches the DMZ. A button keeps a command (commands.py); the poller fetches
it, carries it under its own signature, and brings the answer, which is data to show. So a page says
what was answered and when, never what "is", and each command shows where it is: on its way, done,
refused, too late, failed. What a person asks, changes or only looks up, is in the audit here before
it is kept for the poller; a change is in the receiver's too before it is obeyed.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Response
from fastapi.responses import RedirectResponse

from passbox_viewer import census
from passbox_viewer.admin_door import ROOT, Door, Visit
from passbox_viewer.admin_page import render
from passbox_viewer.rooms import Rooms
from passbox_viewer.visitors import NoSuchPage, html
from passbox_wire.errors import Malformed
from passbox_wire.inner.admin import ARGUMENTS, CHANGES, COLUMNS, CommandKind, parse_command_id

HERE: Final = f"{ROOT}/receiver"
_SHOWN_COMMANDS: Final = 30
_LOOKED_THROUGH: Final = 200
_LAST: Final = 500
_HOUR: Final = 3600
_QUESTION: Final = "a question"
"""Why, where a form asks nobody for a reason."""
_REFRESHED: Final = (CommandKind.MONITOR, CommandKind.LIMITS, CommandKind.LISTS)


def add_receiver(door: Door, rooms: Rooms) -> None:
    """Add the pages."""
    pages = _Pages(rooms)
    door.get(HERE, pages.show)
    door.post(HERE, pages.ask)
    door.get(f"{HERE}/commands/{{command}}", pages.command)


class _Pages:
    """The handlers."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._office = rooms.office

    def show(self, visit: Visit, problem: str = "") -> Response:
        """Show what the receiver last answered, the buttons, and the last commands."""
        asked = self._office.commands.newest(_LOOKED_THROUGH)
        answers = {
            kind.value: census.last_answer(asked, kind)
            for kind in (*_REFRESHED, CommandKind.ALARMS)
        }
        # What this process asks by itself would push the people's own off the list.
        shown = [one for one in asked if one.command.kind in CHANGES or one.command.reason]
        page = render(
            "receiver", visit.t, self._rooms.hospital, visit.session,
            answers=answers, commands=shown[:_SHOWN_COMMANDS], problem=problem,
        )  # fmt: skip
        return html(page, 400 if problem else 200)

    def ask(self, visit: Visit) -> Response:
        """Keep what a button asks for."""
        if visit.form.get("kind") == "refresh":
            return self._refresh(visit)
        try:
            kind = CommandKind(visit.form.get("kind", ""))
            arguments = {name: _READERS[name](visit.form, self._now()) for name in ARGUMENTS[kind]}
        except ValueError:
            return self.show(visit, visit.t("admin_malformed"))
        if kind in CHANGES and not visit.reason:
            return self.show(visit, visit.t("admin_reason_missing"))
        return self._keep(visit, kind, arguments)

    def command(self, visit: Visit) -> Response:
        """Show one command and where it is; looks again by itself while it is on its way."""
        try:
            found = self._office.commands.find(
                parse_command_id(visit.request.path_params["command"])
            )
        except Malformed:
            found = None
        if found is None:
            raise NoSuchPage
        return html(
            render(
                "command", visit.t, self._rooms.hospital, visit.session,
                here=f"{HERE}/commands/{found.command.id}", one=found,
                columns=COLUMNS[found.command.kind],
            )
        )  # fmt: skip

    def _refresh(self, visit: Visit) -> Response:
        self._note(visit, "refresh", {})
        waiting = {command.kind for command in self._office.commands.waiting()}
        for kind in _REFRESHED:
            if kind not in waiting:
                self._office.commands.ask(kind, author=visit.author)
        return _to(HERE, visit)

    def _keep(self, visit: Visit, kind: CommandKind, arguments: Mapping[str, Any]) -> Response:
        self._note(visit, kind, arguments)
        try:
            command = self._office.commands.ask(
                kind, author=visit.author, reason=visit.reason, **arguments
            )
        except Malformed:
            return self.show(visit, visit.t("admin_malformed"))
        if command is None:
            return self.show(visit, visit.t("admin_queue_full"))
        return _to(f"{HERE}/commands/{command.id}", visit)

    def _note(self, visit: Visit, kind: str, arguments: Mapping[str, Any]) -> None:
        self._office.audit.append(
            f"asked of the receiver: {kind}", author=visit.author,
            reason=visit.reason or _QUESTION,
            **{name: _fact(value) for name, value in arguments.items()},
        )  # fmt: skip

    def _now(self) -> int:
        return int(self._office.clock.now().timestamp())


def _expires(form: Mapping[str, str], now: int) -> int | None:
    hours = form.get("hours", "").strip()
    return now + int(hours) * _HOUR if hours else None


_READERS: Final[Mapping[str, Callable[[Mapping[str, str], int], str | int | None]]] = {
    "name": lambda form, _now: form.get("name", ""),
    "value": lambda form, _now: int(form.get("value", "")),
    "list": lambda form, _now: form.get("list", ""),
    "network": lambda form, _now: form.get("network", "").strip(),
    "expires": _expires,
    "entry": lambda form, _now: int(form.get("entry", "")),
    "text": lambda form, _now: form.get("text", "").replace("\r\n", "\n").strip() or None,
    "last": lambda _form, _now: _LAST,
}


def _fact(value: Any) -> Any:
    """Return what a line of the audit holds of an argument."""
    return value[:200] if isinstance(value, str) else value


def _to(path: str, visit: Visit) -> Response:
    return RedirectResponse(f"{path}?{urlencode({'lang': visit.t.lang})}", status_code=303)
