"""A large instance whose client is killed in the middle, and what going on with it repeats.

The pixels are noise, which no codec shrinks: so sealed bytes are bytes of the file, but for a
little overhead, and what is sent twice shows in a sum.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passbox_client.journal import unfinished
from passbox_client.packing import SLICE_BYTES
from tests.builders.dicom import data_set, facts, part10, text, uid
from tests.client.media import write
from tests.e2e.command import send, sending
from tests.e2e.hospital import Hospital

_SIDE: Final = 1024
_FRAME: Final = 2 * _SIDE * _SIDE
_MIB: Final = 1024 * 1024


def noise(folder: Path, size: int) -> Path:
    """Write one multi-frame instance of about ``size`` bytes; return its folder."""
    frames = size // _FRAME
    values = facts(instance="1.2.3.4.1", patient=b"Large^One", rows=_SIDE, columns=_SIDE)
    values |= {
        0x00100020: (b"LO", text("LARGE")),
        0x0020000D: (b"UI", uid("1.2.3")),
        0x0020000E: (b"UI", uid("1.2.3.4")),
        0x00280008: (b"IS", text(str(frames))),
    }
    disc = write(folder, {"MULTI": part10(data_set(dict(sorted(values.items())), b""))})
    with (disc / "MULTI").open("r+b") as file:
        # The pixel data is the last element: its length, still 0, are the file's last four bytes.
        file.seek(-4, 2)
        file.write((frames * _FRAME).to_bytes(4, "little"))
        for _ in range(frames):
            file.write(os.urandom(_FRAME))
    return disc


@dataclass(frozen=True, slots=True)
class Repeated:
    """Bytes: of the file; ``held`` at the kill; ``sent`` after it. Packs ``in_flight`` at the kill.

    ``wire`` are bytes that passed the line before the kill, both ways.
    """

    size: int
    wire: int
    held: int
    sent: int
    in_flight: int

    @property
    def twice(self) -> int:
        """Bytes that were held already and came again, overhead included."""
        return self.held + self.sent - self.size

    @property
    def nothing_but_flight(self) -> bool:
        """Whether what came again is less than one slice, and overhead of two in a thousand."""
        return self.twice < SLICE_BYTES + self.size // 500

    def __str__(self) -> str:
        lost = max(self.wire - self.held, 0)
        return (
            f"{self.size / _MIB:.0f} MiB, killed with {self.held / _MIB:.0f} MiB held: "
            f"{self.in_flight} packs in flight, {lost / _MIB:.1f} MiB of them on the wire; "
            f"going on sent {self.sent / _MIB:.0f} MiB, "
            f"{max(self.twice, 0) / _MIB:.1f} MiB above what was missing (overhead included)"
        )


def kill_and_go_on(hospital: Hospital, disc: Path, state: Path, after: int) -> Repeated:
    """SIGKILL a client once ``after`` bytes have passed its line, then send with --resume."""
    line = hospital.lines.to_receiver
    known, passed = len(hospital.transfers()), line.passed
    line.hold_after(after)
    with sending(hospital, disc, state=state) as client:
        line.await_held()
        client.kill()
    wire = line.passed - passed
    (remembered,) = unfinished(state)
    transfer = hospital.transfers()[known]
    held, packs = int(transfer["bytes_held"]), int(transfer["packs"])
    line.release()
    said = send(hospital, disc, "--resume", state=state)
    assert said.code == 0, said.sentences
    assert said.json["transfer"] == transfer["transfer"]
    assert len(hospital.stored(said.json["transfer"])) == 1
    size = (disc / "MULTI").stat().st_size
    sent = int(said.json["bytes_sent"])
    return Repeated(size, wire, held, sent, len(remembered.packs) - packs)
