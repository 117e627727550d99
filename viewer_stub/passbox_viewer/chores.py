"""What the viewer does by itself: orders every second, the clocks every few minutes.

One thread. A chore that fails is logged and tried again; nothing of it is lost, because what is to
be done stands in the ledger and not here.
"""

import threading
from typing import Final

from passbox_base.errors import BaseError
from passbox_base.logs import get_logger
from passbox_viewer.orders import Orders
from passbox_viewer.retention import Keeper

ORDER_SECONDS: Final = 1.0
SWEEP_EVERY: Final = 300
"""In looks at the orders."""

_LOG = get_logger(__name__)


class Chores:
    """The thread."""

    def __init__(self, orders: Orders, keeper: Keeper) -> None:
        self._orders = orders
        self._keeper = keeper
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

    def _run(self) -> None:
        looks = 0
        while not self._ending.is_set():
            try:
                self._orders.carry_out()
                if looks % SWEEP_EVERY == 0:
                    self._keeper.sweep()
            except BaseError as error:
                _LOG.error("chore failed", error=type(error).__name__)
            looks += 1
            self._ending.wait(ORDER_SECONDS)
