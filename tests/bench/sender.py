"""One sender in a process of its own: ``python -m tests.bench.sender``, told by a line of JSON.

It imports everything, says "ready", and sends at the next line: what is measured is sending, not
the start of an interpreter. The scan is part of sending. Its answer is one line of JSON.
"""

import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from passbox_base.clocks import SystemClock
from passbox_client.coding import CodecChoice
from passbox_client.profiles import load_profile
from passbox_client.review import Selection
from passbox_client.send import send
from passbox_wire.inventory import Sender
from passbox_wire.profile import SignedProfile


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent, and where: ``url`` stands for the profile's own, the pins stay."""

    profile: str
    url: str
    medium: str
    state: str
    codec: str


def _send(order: Order) -> dict[str, Any]:
    signed = load_profile(Path(order.profile), SystemClock())
    there = SignedProfile(replace(signed.profile, url=order.url), signed.signer)
    result = send(
        Path(order.medium),
        there,
        sender=Sender("Bench", "bench@sender.example", "", ""),
        department="Chirurgie",
        selection=Selection(all_patients=True),
        codec=CodecChoice(order.codec),
        state_folder=Path(order.state),
    )
    return {
        "transfer": result.transfer,
        "exit_code": result.exit_code,
        "seconds_sent": result.seconds_sent,
        "bytes_sent": result.bytes_sent,
        "trouble": str(result.trouble),
    }


def main() -> None:
    """Be told, get ready, wait for the word, send, tell."""
    order = Order(**json.loads(sys.stdin.readline()))
    print("ready", flush=True)  # noqa: T201  # the answer of this program
    sys.stdin.readline()
    started = time.time()
    answer = _send(order) | {"started": started, "ended": time.time()}
    print(json.dumps(answer), flush=True)  # noqa: T201  # see above


if __name__ == "__main__":
    main()
