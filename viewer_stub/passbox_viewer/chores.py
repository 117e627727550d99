"""What the viewer does by itself: orders every second, the clocks every few minutes.

Now and then it asks the receiver how the day stands, so that the admin's page can say it without a
GET that would ask.

One thread. A chore that fails is logged and tried again; nothing of it is lost, because what is to
be done stands in the ledger and not here.
"""

import threading
from typing import Final

from passbox_base.errors import BaseError
from passbox_base.logs import get_logger
from passbox_viewer.commands import Commands
from passbox_viewer.orders import Orders
from passbox_viewer.retention import AUTHOR, Keeper
from passbox_wire.inner.admin import CommandKind

ORDER_SECONDS: Final = 1.0
SWEEP_EVERY: Final = 300
"""In looks at the orders."""
ASK_AT: Final = 30
"""At this look of each round: the poller has had time to call."""

_LOG = get_logger(__name__)


class Chores:
    """The thread."""

    def __init__(self, orders: Orders, keeper: Keeper, commands: Commands) -> None:
        self._orders = orders
        self._keeper = keeper
        self._commands = commands
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)

    def start(self) -> None:
        """Obey what was ordered while nobody was here, then go on in the background."""
        self._orders.carry_out()
        self._thread.start()

    def stop(self) -> None:
        """End after the chore at hand."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def _ask_for_the_day(self) -> None:
        waiting = {command.kind for command in self._commands.waiting()}
        if CommandKind.MONITOR not in waiting:
            self._commands.ask(CommandKind.MONITOR, author=AUTHOR)

    def _run(self) -> None:
        looks = 0
        while not self._ending.is_set():
            try:
                self._orders.carry_out()
                if looks % SWEEP_EVERY == 0:
                    self._keeper.sweep()
                if looks % SWEEP_EVERY == ASK_AT:
                    self._ask_for_the_day()
            except BaseError as error:
                _LOG.error("chore failed", error=type(error).__name__)
            looks += 1
            self._ending.wait(ORDER_SECONDS)
