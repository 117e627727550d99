"""Acts that end with telling somebody "it is durable here", one for each acknowledgement there is.

They run the programs' own code from the bytes' arrival to the answer; who asks is a test's client
in the same process. The second mark falls where the word leaves the program.
"""

import asyncio
import contextlib
import hashlib
import secrets
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Final, cast

import httpx

from passbox_base import logs
from passbox_base.clocks import SystemClock
from passbox_base.ledger import open_ledger, sqlite_url
from passbox_base.pack_store import PackKey, PackStore, PackStoreLike
from passbox_poller.agenda import Agenda
from passbox_poller.ledger import Ledger
from passbox_poller.pull import Puller
from passbox_poller.receiver_link import ReceiverLink  # noqa: TC001  # see cast()
from passbox_poller.spending import Prices, Spending
from passbox_viewer import serve as viewer_serve
from passbox_viewer.index import LEDGER_NAME, Index
from passbox_viewer.receiving import SUCCESS
from passbox_viewer.store import Claims, Store, data_set_of
from passbox_wire.inner.receiver import WorkItem
from passbox_wire.messages import HeldPack
from passbox_wire.states import UploadState
from tests.builders.answers import good
from tests.builders.dicom import ct_slice
from tests.builders.poller_inside import Poller
from tests.builders.receiver import House, an_open_receiver
from tests.builders.sender_outside import Sender
from tests.builders.wire import a_signing_key, a_transfer_id, public
from tests.faults.mails_and_rows import database_errors
from tests.faults.subjects import DATA, Refused, mark_end

TRANSFER: Final = a_transfer_id(a_signing_key())
PACK: Final = HeldPack(7, hashlib.sha256(DATA).digest(), len(DATA), released=False)
"""What a receiver offers: DATA under number 7."""
ITEM: Final = WorkItem(
    transfer=TRANSFER, state=UploadState.RECEIVING, public_key=public(a_signing_key()),
    source=bytes(32), total_bytes=2**20, packs=1, waiting=1, packs_sha256=None, signature=None,
    opened=1, last_pack=1,
)  # fmt: skip
INSTANCE: Final = Claims("1.2.840.10008.5.1.4.1.1.2", "1.2.3", "1.2.840.10008.1.2.1")


def _answered(
    loop: asyncio.AbstractEventLoop, ask: Callable[[], Coroutine[Any, Any, httpx.Response]]
) -> Callable[[], object]:
    def act() -> None:
        if not loop.run_until_complete(ask()).is_success:
            raise Refused

    return act


@contextlib.contextmanager
def a_receiver(
    folder: Path, store: PackStoreLike | None = None
) -> Iterator[tuple[House, Sender, asyncio.AbstractEventLoop]]:
    """Yield a receiver with an open transfer, and the loop to ask it in."""
    logs.configure("receiver")
    loop = asyncio.new_event_loop()
    with an_open_receiver(folder, store=store) as house:
        sender = Sender(house.public(), house)
        loop.run_until_complete(sender.open())
        yield house, sender, loop


def receiver_takes_pack(folder: Path, store: PackStoreLike | None = None) -> Callable[[], object]:
    """Answer a sender's pack."""
    _, sender, loop = _kept_open(a_receiver(folder, store))
    return _answered(loop, lambda: sender.put(0))


def receiver_closes(folder: Path) -> Callable[[], object]:
    """Answer a sender's close."""
    _, sender, loop = _kept_open(a_receiver(folder))
    good(loop.run_until_complete(sender.put(0)))
    return _answered(loop, sender.close)


def receiver_takes_receipt(folder: Path) -> Callable[[], object]:
    """Answer the inside that hands over a receipt."""
    house, sender, loop = _kept_open(a_receiver(folder))
    good(loop.run_until_complete(sender.put(0)))
    good(loop.run_until_complete(sender.close()))
    poller = Poller(house.inner(), house)

    async def hand_over() -> httpx.Response:
        return (await poller.put_receipt(sender))[1]

    return _answered(loop, hand_over)


class _Offering:
    """A receiver with one pack; that it is acknowledged is the end of the act."""

    def held(self, _transfer: str) -> Iterator[HeldPack]:
        yield PACK

    def pull(self, _transfer: str, pack: HeldPack, spool: PackStore) -> None:
        spool.put(PackKey(TRANSFER, pack.number), pack.sha256, DATA)

    def acknowledge(self, _transfer: str, _packs: list[HeldPack]) -> None:
        mark_end()


def a_puller(spool: PackStoreLike, ledger: Ledger) -> Puller:
    """Return a puller of the one pack there is."""
    return Puller(
        receiver=cast("ReceiverLink", _Offering()),
        ledger=ledger,
        spool=spool,
        agenda=Agenda(SystemClock()),
        looked_at=lambda _transfer: 0,
        packs_before_inventory=64,
        spending=Spending(Prices(2**30, 1.0), SystemClock(), has_room=lambda: True),
    )


def poller_takes_pack(folder: Path, spool: PackStoreLike | None = None) -> Callable[[], object]:
    """Acknowledge to the receiver what is in the spool."""
    logs.configure("poller")
    ledger = Ledger.open(folder, SystemClock())
    ledger.begin(ITEM)
    puller = a_puller(spool or PackStore(folder / "packs"), ledger)

    def act() -> None:
        with database_errors():
            puller._pull(ITEM)  # what turn() does with it, less its patience

    return act


def poller_signs_receipt(folder: Path) -> Callable[[], object]:
    """Keep a signed receipt before anybody sees it."""
    ledger = Ledger.open(folder, SystemClock())
    ledger.begin(ITEM)

    def act() -> None:
        with database_errors():
            ledger.add_receipt(TRANSFER, 1, b"signed")

    return act


def an_incoming_instance(store: Store) -> Path:
    """Return an instance as the library writes it for a C-STORE."""
    incoming = store.incoming / secrets.token_hex(8)
    incoming.write_bytes(ct_slice())
    return incoming


def viewer_takes_instance(folder: Path) -> Callable[[], object]:
    """Say SUCCESS to a C-STORE."""
    store = Store(folder)
    store.prepare(TRANSFER)
    migrations = Path(viewer_serve.__file__).parent / "migrations"
    engine = open_ledger(sqlite_url(folder / LEDGER_NAME), migrations, clock=SystemClock())
    index = Index(engine)
    incoming = an_incoming_instance(store)
    data_set = data_set_of(incoming)

    def act() -> int:
        try:
            index.add(store.keep(TRANSFER, incoming, INSTANCE, data_set))
        except OSError as error:  # as the SCP has it
            raise Refused from error
        return SUCCESS

    return act


# httpx looks for it at each request, in folders: calls that are no part of an act.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]  # None is "not to be found"

_OPEN: Final[list[contextlib.ExitStack]] = []


def _kept_open(context: contextlib.AbstractContextManager[Any]) -> Any:
    """Enter a context that this process never leaves: it ends with the act."""
    stack = contextlib.ExitStack()
    _OPEN.append(stack)
    return stack.enter_context(context)


ACTS: Final = {
    act.__name__: act
    for act in (
        *(receiver_takes_pack, receiver_closes, receiver_takes_receipt),
        *(poller_takes_pack, poller_signs_receipt, viewer_takes_instance),
    )
}
