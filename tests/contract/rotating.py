"""Uploads that run while the receiver changes to its backup key, and what became of them."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passbox_base.clocks import SystemClock
from passbox_base.serving import Listener
from passbox_base.tls_contexts import public_server_context
from passbox_client.coding import CodecChoice
from passbox_client.outcome import SendResult
from passbox_client.progress import SendPhase, SendProgress
from passbox_client.scan import scan
from passbox_client.send import send
from passbox_receiver import uploads
from passbox_receiver.public_app import create_public_app
from passbox_wire.states import UploadState
from tests.builders.listening import listening
from tests.builders.pki import Files
from tests.builders.receiver import House, an_open_receiver
from tests.builders.wire import a_profile, a_sender, a_signed_profile
from tests.client.media import images, write
from tests.e2e.line import Line

PATIENCE: Final = 240.0
_TOML: Final = """
[limits]
open_transfers_per_source = 1000
open_transfers = 1000
requests_per_second_per_source = 100000
burst = 100000
"""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did: ``closed`` transfers at the receiver, connections that were ``cut``."""

    results: list[SendResult]
    closed: int
    cut: int


@contextlib.contextmanager
def _served(house: House, files: Files) -> Iterator[int]:
    context = public_server_context(files.certificate, files.key)
    listener = Listener(
        create_public_app(house.receiver),
        "127.0.0.1",
        0,
        context,
        connections_per_source=4000,
        waiting_per_source=4000,
    )
    with listening(listener) as port:
        yield port


def rotate(folder: Path, senders: int, *, knows_backup: bool = True) -> Rotated:
    """Let ``senders`` send at once; change the key when every one is in the middle of it.

    With ``knows_backup`` False their profile has another second pin: a house without a drill.
    """
    disc = scan(write(folder / "disc", images(4, side=400)))
    with contextlib.ExitStack() as stack:
        house = stack.enter_context(
            an_open_receiver(folder / "house", toml=_TOML, clock=SystemClock())
        )
        backup = house.public_pki.server("backup")
        old = stack.enter_context(_served(house, house.front))
        new = stack.enter_context(_served(house, backup))
        line = stack.enter_context(Line(old))
        profile = a_signed_profile(
            a_profile(
                url=f"https://127.0.0.1:{line.port}",
                pins=(
                    house.front.issued.spki_sha256,
                    backup.issued.spki_sha256 if knows_backup else bytes(32),
                ),
                roots=house.public_pki.ca_pem,
            )
        )
        barrier = threading.Barrier(senders + 1, timeout=PATIENCE)
        results: list[SendResult] = []

        def one(number: int) -> None:
            waited: list[bool] = []

            def tell(progress: SendProgress) -> None:
                if progress.phase is SendPhase.SENDING and not waited:
                    waited.append(True)
                    barrier.wait()  # all are in the middle
                    barrier.wait()  # the key is another

            results.append(
                send(
                    disc,
                    profile,
                    sender=a_sender(),
                    state_folder=folder / f"state-{number}",
                    codec=CodecChoice.STORED,
                    progress=tell,
                    receipt_patience=0.0,
                )
            )

        threads = [threading.Thread(target=one, args=[n], daemon=True) for n in range(senders)]
        for thread in threads:
            thread.start()
        barrier.wait()
        line.lead_to(new)
        cut = line.cut()
        barrier.wait()
        for thread in threads:
            thread.join(PATIENCE)
        with house.receiver.ledger.reading() as connection:
            held = [uploads.must_find(connection, result.transfer) for result in results]
        closed = sum(upload.state is UploadState.CLOSED for upload in held)
    return Rotated(results, closed, cut)
