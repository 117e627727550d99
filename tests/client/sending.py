"""Sends a medium with defaults to a hospital that opens, checks and signs what came."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from passbox_client.coding import CodecChoice
from passbox_client.errors import (
    LineFailed,
    ReceiverRefused,
    Trouble,
)
from passbox_client.outcome import SendResult
from passbox_client.progress import SendProgress
from passbox_client.review import THE_ONLY_PATIENT, Selection
from passbox_client.send import send
from passbox_wire.inventory import Consent
from passbox_wire.problems import Code, Problem
from passbox_wire.profile import SignedProfile
from passbox_wire.sealing import Sealer
from tests.builders.clocks import FakeClock
from tests.builders.wire import (
    a_sender,
    a_signed_profile,
)
from tests.client.hospital import FakeHospital
from tests.client.media import images, write

NO_LINE = LineFailed(Trouble.NO_CONNECTION)


class Sending:
    """Sends a medium with defaults; remembers what the screen was told."""

    def __init__(self, folder: Path, files: dict[str, bytes] | None = None) -> None:
        self.disc = write(folder / "disc", images(3) if files is None else files)
        self.state = folder / "state"
        self.hospital: FakeHospital = FakeHospital()
        self.clock = FakeClock()
        self.told: list[SendProgress] = []

    def __call__(  # noqa: PLR0913 - as send() itself
        self,
        *,
        profile: SignedProfile | None = None,
        selection: Selection = THE_ONLY_PATIENT,
        recipient: str = "",
        department: str = "",
        consent: Consent | None = None,
        sealer: Sealer | None = None,
        codec: CodecChoice = CodecChoice.ZSTD,
        resume: bool = False,
        progress: Callable[[SendProgress], None] | None = None,
    ) -> SendResult:
        return send(
            self.disc,
            profile or a_signed_profile(),
            sender=a_sender(),
            state_folder=self.state,
            selection=selection,
            recipient=recipient,
            department=department,
            consent=consent,
            sealer=sealer,
            codec=codec,
            resume=resume,
            receiver=self.hospital,
            progress=progress or self.told.append,
            clock=self.clock,
            pause=lambda seconds: self.clock.advance(timedelta(seconds=seconds)),
            receipt_patience=5.0,
        )

    def journals(self) -> list[Path]:
        """Return the journals of unfinished transfers."""
        return list(self.state.glob("*.transfer"))


def refused(code: Code) -> ReceiverRefused:
    """Return the receiver's refusal."""
    return ReceiverRefused(Problem(code))
