"""The second transfer of the demo: full of canaries, to see whether the DMZ saw a word of it."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from pydicom import dcmread

from passbox.demo.canaries import Canaries, count_hits, files_below, make_canaries, memory_of
from passbox.demo.phantom import PhantomPatient, write_phantom
from passbox.demo.stage import Stage
from passbox_client.coding import CodecChoice
from passbox_client.review import Selection
from passbox_client.send import send
from passbox_wire.inventory import Consent, Sender
from passbox_wire.profile import SignedProfile
from passbox_wire.sealing import Sealer

_SLICES: Final = 3
_WORDS: Final = 10
_EVERY_ROW: Final = 16
_GIVEN: Final = 28  # a person name has at most 64 characters (PS3.5 6.2)


@dataclass(frozen=True, slots=True)
class Sight:
    """Hits in files and memory; ``memory_searched`` is False where the system forbids it."""

    hits: int
    memory_searched: bool

    @property
    def saw_plaintext(self) -> bool:
        """Whether any canary was found."""
        return self.hits > 0


def make_canary_disc(folder: Path, canaries: Canaries) -> Path:
    """Write a CT with canaries in names, texts, file names and pixels; return its root."""
    words = canaries.words
    patient = PhantomPatient(
        name=f"{words[0]}^{words[1][:_GIVEN]}",
        patient_id=words[2],
        study_description=words[3],
    )
    for path in write_phantom(folder / words[4], slices=_SLICES, patient=patient):
        data_set = dcmread(path)
        pixels = np.frombuffer(data_set.PixelData, np.uint8).reshape(data_set.Rows, -1).copy()
        letters = np.frombuffer(words[5].encode(), np.uint8)
        # Two letters a pixel: in the bytes of the picture the word stands as it is.
        pixels[::_EVERY_ROW, : letters.size] = letters
        data_set.PixelData = pixels.tobytes()
        data_set.save_as(path, enforce_file_format=True)
        path.rename(path.with_name(f"{words[6]}{path.name}"))
    return folder


def send_canaries(
    folder: Path,
    profile: SignedProfile,
    canaries: Canaries,
    *,
    codec: CodecChoice = CodecChoice.AUTO,
    sealer: Sealer | None = None,
    receipt_patience: float = 0,
) -> None:
    """Send the canaries' disc; ``sealer`` is the seam for the test that proves the search."""
    words = canaries.words
    send(
        make_canary_disc(folder / "canaries", canaries),
        profile,
        sender=Sender(words[7], f"{words[8]}@canary.example", "", words[9]),
        selection=Selection(all_patients=True),
        consent=Consent("1", "en", int(time.time())),
        state_folder=folder / "canary-state",
        codec=codec,
        sealer=sealer,
        receipt_patience=receipt_patience,
    )


def look_for(canaries: Canaries, folders: list[Path], pid: int) -> Sight:
    """Search all files below ``folders`` and the memory of process ``pid``."""
    hits = sum(count_hits(canaries, files_below(folder)) for folder in folders)
    try:
        return Sight(hits + count_hits(canaries, memory_of(pid)), memory_searched=True)
    except OSError:
        return Sight(hits, memory_searched=False)


def see_what_the_dmz_saw(stage: Stage, folder: Path) -> Sight:
    """Send a disc of canaries, then search all that the receiver wrote, its log, and its memory.

    The poller stands still meanwhile: what it has taken the receiver deletes, and what is deleted
    cannot be searched.
    """
    canaries = make_canaries(_WORDS)
    with stage.poller.standing_still():
        send_canaries(folder, stage.profile, canaries)
        return look_for(canaries, [stage.rooms.dmz, stage.receiver.log], stage.receiver.pid)
