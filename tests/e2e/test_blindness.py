"""The DMZ is blind, and the search that says so does find what is there to be found."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox.demo.blindness import Sight, look_for, send_canaries
from passbox.demo.canaries import Canaries, count_hits, files_below, make_canaries
from passbox_client.coding import CodecChoice
from passbox_wire.sealing import OVERHEAD_BYTES, Sealer
from tests.e2e.hospital import Hospital

PIXELS = 5
"""Which of the words blindness.py writes into the pixels."""
WORDS = 10


class NotSealing:
    """A sealer that does not seal: what the search has to find the DMZ out by."""

    def __init__(self, key_id: bytes) -> None:
        self.key_id = key_id

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        return plaintext + bytes(OVERHEAD_BYTES)


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A DMZ alone: nobody comes for what it holds, so all of it is there to be searched."""
    with Hospital(tmp_path_factory.mktemp("blindness"), cold=True) as hospital:
        yield hospital.start("receiver")


def look(
    hospital: Hospital,
    folder: Path,
    canaries: Canaries,
    *,
    codec: CodecChoice = CodecChoice.AUTO,
    sealer: Sealer | None = None,
) -> Sight:
    """Send the canaries and search the DMZ for them."""
    folder.mkdir(exist_ok=True)
    send_canaries(folder, hospital.profile, canaries, codec=codec, sealer=sealer)
    log = hospital.logs / "receiver.log"
    return look_for(canaries, [hospital.rooms.dmz, log], hospital.pid("receiver"))


def in_pixels_only(canaries: Canaries) -> Canaries:
    """Return words of which only the one in the pixels is looked for."""
    others = make_canaries(WORDS).words
    words = (*others[:PIXELS], canaries.words[PIXELS], *others[PIXELS + 1 :])
    return Canaries(canaries.mark, words)


def test_the_dmz_sees_nothing_of_what_is_sealed(hospital: Hospital, tmp_path: Path) -> None:
    """After a sealed transfer no planted word is in the receiver's files, ledger, log or memory."""
    sight = look(hospital, tmp_path, make_canaries(WORDS))
    assert sight == Sight(0, memory_searched=True)


def test_the_senders_own_state_tells_nothing(hospital: Hospital, tmp_path: Path) -> None:
    """What the client keeps to go on later holds no planted word, though it holds a transfer."""
    canaries = make_canaries(WORDS)
    send_canaries(tmp_path, hospital.profile, canaries)
    state = list(files_below(tmp_path / "canary-state"))
    assert state
    assert count_hits(canaries, state) == 0
    assert count_hits(canaries, files_below(tmp_path / "canaries")) > 0


@pytest.mark.parametrize("codec", [CodecChoice.STORED, CodecChoice.ZSTD, CodecChoice.JPEGLS])
def test_the_search_finds_what_is_not_sealed(
    hospital: Hospital, tmp_path: Path, codec: CodecChoice
) -> None:
    """Unsealed, the same search finds the word in the pixels, whichever codec they went through."""
    (destination,) = hospital.profile.profile.destinations
    sealer = NotSealing(destination.sealing_keys[0].key_id)
    canaries = in_pixels_only(make_canaries(WORDS))
    assert look(hospital, tmp_path, canaries, codec=codec, sealer=sealer).saw_plaintext


def test_the_search_finds_any_word(hospital: Hospital, tmp_path: Path) -> None:
    """Unsealed, the same search finds words wherever they were planted."""
    (destination,) = hospital.profile.profile.destinations
    sealer = NotSealing(destination.sealing_keys[0].key_id)
    assert look(hospital, tmp_path, make_canaries(WORDS), sealer=sealer).saw_plaintext
