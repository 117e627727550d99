"""The upload's state machine against a receiver that keeps promises over a line that keeps none.

Hypothesis chooses what happens next: a request arrives, its answer comes back or is lost, the line
breaks, the receiver asks for patience, the client is killed and goes on. What was given up may
still arrive later. The rules hold at every step, and over a line that is good in the end the
transfer is closed over every image.
"""

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from passbox_client.engine import Ask, Close, Open, Phase, Put, Step, Upload, numbers_after
from passbox_client.errors import LineFailed, ReceiverRefused, Trouble
from passbox_wire.digests import packs_digest, sha256
from passbox_wire.messages import CloseTransfer, HeldPack, HeldPacks
from passbox_wire.problems import Code, Problem
from tests.builders.wire import a_transfer_status

NO_LINE = LineFailed(Trouble.NO_CONNECTION)
LATER = ReceiverRefused(Problem(Code.TOO_MANY_REQUESTS, None))
MOST = a_transfer_status().limits.parallel_requests
PAGE = 2
SOON = 200
"""Round trips in which an upload over a good line is through."""
OVER = {Phase.CLOSED, Phase.FAILED}

Answer = HeldPacks | ReceiverRefused | None
"""What the receiver says; None is a plain yes."""
AWAKE = st.sampled_from([MOST, MOST, MOST, 1, 0])
"""How many threads look for work after something happened; the others are still pausing."""


@dataclass(eq=False)
class Flight:
    """A request on its way: first it arrives, then its answer comes back."""

    step: Step
    arrived: bool = False
    answer: Answer = None


class PromisingReceiver:
    """Holds what it was given."""

    def __init__(self, journal: dict[int, bytes]) -> None:
        self._journal = journal
        self.holds: dict[int, bytes] = {}
        self.closed = False

    def take(self, step: Step) -> Answer:
        """Do what a request asks and return what is answered."""
        match step:
            case Put(number) if number not in self.holds and self.closed:
                return ReceiverRefused(Problem(Code.CLOSED, None))
            case Put(number):
                self.holds[number] = self._journal[number]
            case Ask(following):
                return self._page(-1 if following is None else following)
            case Close(message):
                if message != CloseTransfer(len(self.holds), packs_digest(self.holds)):
                    return ReceiverRefused(Problem(Code.HELD_DIFFERS, None))
                self.closed = True
        return None

    def _page(self, after: int) -> HeldPacks:
        numbers = sorted(number for number in self.holds if number > after)
        packs = tuple(HeldPack(n, self.holds[n], 100, released=False) for n in numbers[:PAGE])
        return HeldPacks(packs, numbers[PAGE - 1] if len(numbers) > PAGE else None)


class UploadMachine(RuleBasedStateMachine):
    """One transfer, its receiver and the line between them. An image is one pack in here."""

    @initialize(images=st.integers(1, 8))
    def start(self, images: int) -> None:
        """Begin with a medium."""
        self.images = range(images)
        self.image_of: dict[bytes, int] = {}
        self.journal: dict[int, bytes] = {}
        self.receiver = PromisingReceiver(self.journal)
        self.given_up: list[Step] = []
        self._begin()

    # What happens

    @precondition(lambda self: any(not flight.arrived for flight in self.flights))
    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        """Let a request arrive."""
        self._arrive(data.draw(st.sampled_from([f for f in self.flights if not f.arrived])))

    @precondition(lambda self: self.flights)
    @rule(data=st.data(), awake=AWAKE)
    def come_back(self, data: st.DataObject, awake: int) -> None:
        """Let an answer come back."""
        self._come_back(data.draw(st.sampled_from(self.flights)))
        self._work(awake)

    @precondition(lambda self: self.flights)
    @rule(data=st.data(), error=st.sampled_from([NO_LINE, LATER]), awake=AWAKE)
    def fail(self, data: st.DataObject, error: LineFailed | ReceiverRefused, awake: int) -> None:
        """Break the line under a request, arrived or not, or have it sent away."""
        flight = data.draw(st.sampled_from(self.flights))
        if error is NO_LINE and not flight.arrived:
            self.given_up.append(flight.step)
        self._fail(flight, error)
        self._work(awake)

    @precondition(lambda self: self.given_up)
    @rule(data=st.data())
    def arrive_late(self, data: st.DataObject) -> None:
        """Let a request arrive that was given up."""
        step = data.draw(st.sampled_from(self.given_up))
        self.given_up.remove(step)
        self.receiver.take(step)

    @rule(awake=AWAKE)
    def wake(self, awake: int) -> None:
        """Let pauses end."""
        self._work(awake)

    @rule(now=st.sampled_from([True, False, False, False, False]))
    def kill(self, now: bool) -> None:
        """Kill the client, now and then, and start it again with its journal."""
        if now:
            self.given_up += [flight.step for flight in self.flights if not flight.arrived]
            self._begin()

    # What must hold

    @invariant()
    def asks_one_question_at_a_time(self) -> None:
        """On their way are one question, no pack twice, and no more packs than are taken."""
        puts = [f.step.number for f in self.flights if isinstance(f.step, Put)]
        assert len(self.flights) - len(puts) <= 1
        assert len(set(puts)) == len(puts) <= MOST

    @invariant()
    def gives_up_only_for_a_reason(self) -> None:
        """A receiver that loses nothing is never said to have lost a pack."""
        assert self.upload.trouble in {None, NO_LINE, LATER}

    @invariant()
    def is_closed_over_everything(self) -> None:
        """What calls itself closed is closed at the receiver, which holds every image."""
        if self.upload.phase is Phase.CLOSED:
            assert self.receiver.closed
            assert {self.image_of[sha256] for sha256 in self.receiver.holds.values()} == set(
                self.images
            )

    def teardown(self) -> None:
        """Over a line that is good from now on it comes to its end, soon."""
        if not hasattr(self, "images"):
            return
        for _ in range(SOON):
            if self.upload.phase is Phase.FAILED:
                self.kill(now=True)
            self._work(MOST)
            for flight in list(self.flights):
                self._come_back(flight)
        assert self.upload.phase is Phase.CLOSED
        self.is_closed_over_everything()

    # The client

    def _begin(self) -> None:
        self.upload = Upload(self.journal)
        self.flights: list[Flight] = []
        self.confirmed: set[int] = set()
        self.planned = False

    def _work(self, threads: int) -> None:
        """Let threads do what there is to do; once it is known what is held, seal the rest."""
        if self.upload.phase is Phase.SENDING and not self.planned:
            self.planned = True
            held = {self.image_of[sha256] for sha256 in self.upload.earlier.values()}
            self._seal([image for image in self.images if image not in held])
        while len(self.flights) < threads:
            step = self.upload.next_step()
            if step is None:
                assert self.flights or self.upload.phase in OVER, "nothing to do or to wait for"
                return
            if isinstance(step, Put):
                assert step.number not in self.confirmed, "sent again"
            self.flights.append(Flight(step))

    def _seal(self, images: list[int]) -> None:
        for image in images:
            number = numbers_after(self.journal)
            digest = sha256(f"{image} as {number}".encode())
            self.journal[number], self.image_of[digest] = digest, image
            self.upload.add(number, digest)
        self.upload.no_more()

    # The way there and back

    def _arrive(self, flight: Flight) -> None:
        flight.arrived, flight.answer = True, self.receiver.take(flight.step)

    def _come_back(self, flight: Flight) -> None:
        if not flight.arrived:
            self._arrive(flight)
        if isinstance(flight.answer, ReceiverRefused):
            self._fail(flight, flight.answer)
            return
        self.flights.remove(flight)
        match flight.step:
            case Open():
                self.upload.opened(a_transfer_status())
            case Put(number):
                self.upload.put(number)
                self.confirmed.add(number)
            case Close():
                self.upload.closed()
            case Ask():
                assert flight.answer is not None
                self.upload.told(flight.answer)

    def _fail(self, flight: Flight, error: LineFailed | ReceiverRefused) -> None:
        self.flights.remove(flight)
        self.upload.failed(flight.step, error, 0.0)


UploadMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
TestUploadMachine = UploadMachine.TestCase
