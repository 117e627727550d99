"""Kills of whole programs at points drawn by a seed, and the count of those that hit.

A point is a number of bytes over one of the hospital's lines, counted from the last point, so a
kill falls where the seed says and not where a sleep ends. There one or several programs are killed
at once and started again while the rest work on; or the line is cut instead.

The rule: only a kill of a program that lived, had said it was ready, and whose transfer was not
over counts. A run that does not come to its number of hits fails.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from passbox.demo.reader import read_medium
from tests.e2e.awaiting import eventually
from tests.e2e.command import Running, Said, sending
from tests.e2e.hospital import Hospital
from tests.e2e.line import Line

NOT_REACHED: Final = 4
"""Exit code of a client that found nobody when it began; while it runs it goes on by itself."""
SERVERS: Final = ("receiver", "poller", "viewer")
CLIENT: Final = "client"
LINE: Final = "line"
"""A victim like the programs, but what dies is every connection."""

_POINTS: Final = {
    "to_receiver": (20_000, 200_000, ("client", "receiver", LINE)),
    "to_inner_receiver": (20_000, 200_000, ("receiver", "poller", LINE)),
    "to_store": (30_000, 400_000, ("poller", "viewer", LINE)),
}
"""Of each line: least and most bytes to the next point, and who can be hit at work there."""


@dataclass(slots=True)
class Strikes:
    """What is hit next, and what was hit so far."""

    wanted: dict[str, int]
    chance: random.Random
    hits: Counter[str] = field(default_factory=Counter)

    @property
    def missing(self) -> Counter[str]:
        """Hits that are still to come."""
        return Counter(self.wanted) - self.hits

    def next(self) -> tuple[str, int, set[str]]:
        """Return a line, the bytes until its next point, and who is struck there."""
        missing = sorted(self.missing)
        first = self.chance.choice(missing)
        lines = [name for name, (_, _, victims) in _POINTS.items() if first in victims]
        line = self.chance.choice(lines)
        least, most, victims = _POINTS[line]
        others = {name for name in victims if name in missing and self.chance.random() < 0.6}
        return line, self.chance.randint(least, most), {first} | (others - {LINE})


@dataclass(slots=True)
class Journey:
    """One disc's way through a hospital that is being killed."""

    hospital: Hospital
    disc: Path
    state: Path
    strikes: Strikes
    _client: Running = field(init=False)
    _known: int = field(init=False)
    _disturbed: bool = field(init=False, default=False)
    """Whether the receiver or the line went away since this client was started."""

    def travel(self) -> Said:
        """Send the disc, strike as long as something is on its way, return what was said."""
        self._known = len(self.hospital.transfers())
        self._send()
        try:
            while True:
                while self.strikes.missing and self._strike():
                    pass
                said = self._client.said()
                if said.code != NOT_REACHED or not self._disturbed:
                    return said
                self._client.kill()  # it has ended: lets go of what it wrote
                self.hospital.await_ready("receiver")
                self._send()  # as a person does who reads that nobody answered
        finally:
            self._client.kill()

    def _send(self) -> None:
        again = ["--resume"] if self._new() else []
        to = f"{self.state.name}@klinikum.example"  # one recipient gets ten mails an hour
        self._client = sending(self.hospital, self.disc, *again, state=self.state, recipient=to)
        self._disturbed = not self.hospital.at_work("receiver")

    def _new(self) -> list[dict[str, Any]]:
        return self.hospital.transfers()[self._known :]

    def _strike(self) -> bool:
        """Strike once; False when the transfer was over before."""
        name, count, victims = self.strikes.next()
        line: Line = getattr(self.hospital.lines, name)
        line.hold_after(count)
        try:
            eventually(lambda: self._over() or line.held, f"a point on {name}, or the end")
            if self._client.ended:
                return False
            struck = [victim for victim in sorted(victims) if self._kill(victim, line)]
        finally:
            line.release()
        for victim in sorted(struck, key=[*SERVERS, LINE, CLIENT].index):
            self._start(victim)
        return True

    def _over(self) -> bool:
        self.hospital.check_alive()  # a program that ends by itself is no kill of ours
        return self._client.ended

    def _kill(self, victim: str, line: Line) -> bool:
        if victim == LINE:
            hit = line.cut() > 0
        elif victim == CLIENT:
            hit = self._resumable()
            if hit:
                self._client.kill()
        else:
            hit = self.hospital.at_work(victim)
            if hit:
                self.hospital.kill(victim)
        self.strikes.hits[victim] += hit
        self._disturbed |= hit and victim in {LINE, "receiver"}
        return hit

    def _start(self, victim: str) -> None:
        if victim == CLIENT:
            self._send()
        elif victim in SERVERS:
            self.hospital.start(victim, ready=False)

    def _resumable(self) -> bool:
        """Whether the client is in the middle of sending, as the receiver knows it."""
        return [row["state"] for row in self._new()] == ["receiving"]


def strike_often(hospital: Hospital, disc: Path, folder: Path, strikes: Strikes) -> int:
    """Send the disc again and again until all strikes hit; return how many journeys it took.

    After each journey every station is held to exactly once. Fails when the hits do not come.
    """
    journeys = 0
    patience = 5 + sum(strikes.wanted.values())
    told: set[str] = set()
    while strikes.missing:
        assert journeys < patience, f"struck {dict(strikes.hits)} of {strikes.wanted}"
        said = Journey(hospital, disc, folder / f"state-{journeys}", strikes).travel()
        journeys += 1
        assert_exactly_once(hospital, said, disc, told)
        assert not list((folder / f"state-{journeys - 1}").glob("*.transfer")), "state is left"
    print(f"hits {dict(strikes.hits)} in {journeys} transfers: 0 lost, 0 doubled")  # noqa: T201  # the figure is the point
    return journeys


def assert_exactly_once(
    hospital: Hospital, said: Said, disc: Path, told: set[str] | None = None
) -> None:
    """Hold the sender's word and every station against the disc: each image exactly once.

    ``told``: the Message-IDs of mails about earlier transfers; this one's is added.
    """
    assert said.code == 0, said
    assert said.json["outcome"] == "complete", said
    transfer = said.json["transfer"]
    sent = Counter(file.data_set_sha256 for file in read_medium(disc).values())
    hospital.await_settled(transfer)
    stored = hospital.stored(transfer)
    assert Counter(instance.data_set_sha256 for instance in stored) == sent
    assert len({instance.sop_instance_uid for instance in stored}) == len(stored)
    files = list(hospital.store_of(transfer).glob("instances/*"))
    assert len(files) == len(stored), "files in the store that its index does not know"
    eventually(lambda: not hospital.spooled(transfer), "the poller's spool to let go")
    _assert_one_mail(hospital, set() if told is None else told)


def _assert_one_mail(hospital: Hospital, told: set[str]) -> None:
    # Killed between the mail server's "250" and noting it, a poller sends the same mail again, also
    # when the next transfer is on its way: no SMTP client can do better, so every mail has one
    # Message-ID and mail readers show one.
    new: set[str] = set()
    while not new or hospital.mail.waiting():
        new |= {str(hospital.mail.next_mail().message["Message-ID"])} - told
    assert len(new) == 1
    told |= new
