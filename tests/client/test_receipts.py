"""The inside's word: what is believed, and everything that is not."""

import dataclasses
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from passbox_client.errors import (
    LineFailed,
    NoReceiptYet,
    ReceiptRefused,
    ReceiverRefused,
    StateFailed,
    Trouble,
    UsageRefused,
)
from passbox_client.receipts import (
    Expected,
    SequenceMemory,
    VerifiedReceipt,
    look_up,
    verify,
    wait_for_verdict,
)
from passbox_wire.digests import sha256
from passbox_wire.problems import Code, Problem
from passbox_wire.receipts import CoarseState, SignedReceipt, sign_receipt
from tests.builders.clocks import FakeClock
from tests.builders.wire import (
    a_destination,
    a_destination_id,
    a_manifest,
    a_profile,
    a_receipt_code,
    a_report,
    a_signed_profile,
    a_signed_receipt,
    a_signing_key,
    a_transfer_id,
    an_open_transfer,
)
from tests.client.hospital import FakeHospital

CODE = a_receipt_code()
OURS = Expected(a_transfer_id(), sha256(a_manifest().encode()))
HERE = (a_destination(),)
BUSY = ReceiverRefused(Problem(Code.TOO_MANY_REQUESTS, retry_after=1))


def refusal_of(untrusted: bytes, expected: Expected = OURS) -> str:
    """Return the code with which a receipt is refused."""
    with pytest.raises(ReceiptRefused) as refused:
        verify(untrusted, CODE, HERE, expected)
    return refused.value.code


def test_a_receipt_of_ours_is_opened() -> None:
    """Signed by the hospital, over our manifest, sealed to our code: the report is there."""
    verified = verify(a_signed_receipt().encode(), CODE, HERE, OURS)
    assert verified.report == a_report()
    assert verified.receipt.state is CoarseState.PARTLY_DELIVERED


@pytest.mark.parametrize(
    ("untrusted", "code"),
    [
        (a_signed_receipt(key=a_signing_key("stranger")), "receipt_forged"),
        (a_signed_receipt(code=a_receipt_code("other")), "receipt_of_another"),
        (
            a_signed_receipt(a_report(transfer=a_transfer_id(a_signing_key("other")))),
            "receipt_of_another",
        ),
        (a_signed_receipt(manifest=a_manifest(files=())), "receipt_of_another"),
        (
            dataclasses.replace(a_signed_receipt(), sealed_report=a_signed_receipt().sealed_report),
            "receipt_forged",
        ),
    ],
    ids=["stranger's key", "other code", "other transfer", "other manifest", "other report"],
)
def test_a_receipt_that_is_not_ours_is_refused(untrusted: SignedReceipt, code: str) -> None:
    """Another key, code, transfer, manifest or report: refused, each by its name."""
    assert refusal_of(untrusted.encode()) == code


@pytest.mark.parametrize("state", [CoarseState.DELIVERED, CoarseState.PARTLY_DELIVERED])
def test_delivered_without_a_manifest_is_refused(state: CoarseState) -> None:
    """Who says "delivered" without naming the manifest has not checked it against one."""
    assert refusal_of(without_manifest(state).encode()) == "receipt_forged"


@pytest.mark.parametrize("state", [CoarseState.CHECKING, CoarseState.REFUSED])
def test_before_the_manifest_verified_nothing_else_is_said(state: CoarseState) -> None:
    """A word that claims no delivery may come before the manifest, or without one ever coming."""
    verified = verify(without_manifest(state).encode(), CODE, HERE, OURS)
    assert (verified.receipt.state, verified.phone_code) == (state, None)


def without_manifest(state: CoarseState) -> SignedReceipt:
    """Return a word of the inside over no manifest."""
    sealer = CODE.report_key().public_key
    return sign_receipt(
        a_report(), state, None, a_destination_id(), a_signing_key("receipt"), sealer
    )


def test_every_flipped_bit_is_refused() -> None:
    """1,000 forgeries of a good receipt, one bit or one piece each: none is accepted."""
    good = a_signed_receipt().encode()
    chance = random.Random(42)
    for _ in range(1000):
        bad = bytearray(good)
        at = chance.randrange(len(bad))
        bad[at] ^= 1 << chance.randrange(8)
        with pytest.raises(ReceiptRefused):
            verify(bytes(bad), CODE, HERE, OURS)


class Forger:
    """A DMZ in bad hands: every signed word it ever saw, and keys of its own.

    It knows the receipts of ours up to sequence 9, the receipts of other transfers, and can sign
    and seal; it knows neither a key of the profile nor a receipt code.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._ours = [a_signed_receipt(a_report(sequence=n)) for n in range(1, 10)]
        other = a_transfer_id(a_signing_key("other"))
        self._others = [
            a_signed_receipt(a_report(transfer=other, sequence=n), code=a_receipt_code("other"))
            for n in range(1, 30)
        ]
        self.ways: list[Callable[[], SignedReceipt]] = [
            self.older,
            self.of_another,
            self.mixed,
            self.own_key,
            self.edited,
            self.own_report,
        ]

    def __call__(self) -> bytes:
        """Return the next forgery."""
        return self._chance.choice(self.ways)().encode()

    def older(self) -> SignedReceipt:
        """Show a word of ours again that a later one has replaced."""
        return self._chance.choice(self._ours[:-1])

    def of_another(self) -> SignedReceipt:
        """Show the word over somebody else's transfer."""
        return self._chance.choice(self._others)

    def mixed(self) -> SignedReceipt:
        """Put the body, the signature or the report of one receipt on another."""
        field = self._chance.choice(["body", "signature", "sealed_report"])
        one, other = self._chance.choice(self._ours), self._chance.choice(self._others)
        return dataclasses.replace(one, **{field: getattr(other, field)})

    def own_key(self) -> SignedReceipt:
        """Sign "delivered" with a key of its own, under its own name or the hospital's."""
        word = a_signed_receipt(
            a_report(sequence=self._chance.randrange(10, 99)),
            state=CoarseState.DELIVERED,
            key=a_signing_key(f"forger {self._chance.random()}"),
        )
        signer = self._ours[0].signer if self._chance.random() < 0.5 else word.signer
        return dataclasses.replace(word, signer=signer)

    def edited(self) -> SignedReceipt:
        """Write a better state, sequence, time or manifest into a body that was signed."""
        good = self._chance.choice(self._ours)
        old, new = self._chance.choice(
            [
                (b'"partly delivered"', b'"delivered"'),
                (b'"sequence":', b'"sequence":7'),
                (b'"time":', b'"time":1'),
                (sha256(a_manifest().encode()).hex().encode(), b"0" * 64),
            ]
        )
        assert old in good.body
        return dataclasses.replace(good, body=good.body.replace(old, new))

    def own_report(self) -> SignedReceipt:
        """Put a report of its own, sealed to another code, under a body that was signed."""
        own = a_signed_receipt(code=a_receipt_code(f"forger {self._chance.random()}"))
        return dataclasses.replace(self._chance.choice(self._ours), sealed_report=own.sealed_report)


def test_of_1000_forged_and_replayed_receipts_none_is_accepted(tmp_path: Path) -> None:
    """Replays, mixtures, own keys, edits, other transfers: 1,000 by a seed, 0 accepted.

    The sender has seen sequence 9; the good word still passes after all of them.
    """
    good = a_signed_receipt(a_report(sequence=9)).encode()
    receiver = Mailbox(*[good] * 9)
    assert looked_up(receiver, tmp_path).receipt.sequence == 9
    forger, refused = Forger(20261121), Counter[str]()
    for _ in range(1000):
        receiver.receipts[-1] = forger()
        with pytest.raises(ReceiptRefused) as raised:
            looked_up(receiver, tmp_path)
        refused[raised.value.code] += 1
    assert set(refused) == {"receipt_forged", "receipt_replayed", "receipt_of_another"}
    receiver.receipts[-1] = good
    assert looked_up(receiver, tmp_path).receipt.sequence == 9


def test_the_forger_would_get_through_without_the_memory(tmp_path: Path) -> None:
    """A client that forgot what it saw takes an old word: the memory is what refuses it."""
    receiver = Mailbox(Forger(1).older().encode())
    assert looked_up(receiver, tmp_path).receipt.sequence < 9


def test_a_neighbour_s_key_does_not_sign_for_us() -> None:
    """A key of another destination of the same profile proves nothing about ours."""
    neighbour = a_destination(
        destination=a_destination_id("pathology"), receipt_keys=[a_signing_key("pathology")]
    )
    signed = a_signed_receipt(key=a_signing_key("pathology")).encode()
    with pytest.raises(ReceiptRefused):
        verify(signed, CODE, (*HERE, neighbour), OURS)


class Mailbox(FakeHospital):
    """A receiver that has receipts lying there."""

    def __init__(self, *receipts: bytes) -> None:
        super().__init__(receipts=list(receipts), opened=an_open_transfer())


def looked_up(receiver: FakeHospital, folder: Path, code: str = str(CODE)) -> VerifiedReceipt:
    """Look a code up."""
    profile = a_signed_profile(a_profile(destinations=HERE))
    return look_up(code, profile, receiver=receiver, state_folder=folder)


def test_a_code_finds_its_receipt_again_and_again(tmp_path: Path) -> None:
    """The same receipt may be read twice; a later one replaces it."""
    first, second = (a_signed_receipt(a_report(sequence=n)).encode() for n in (1, 2))
    receiver = Mailbox(first)
    assert looked_up(receiver, tmp_path).receipt.sequence == 1
    assert looked_up(receiver, tmp_path).receipt.sequence == 1
    receiver.receipts.append(second)
    assert looked_up(receiver, tmp_path).receipt.sequence == 2


def test_an_old_receipt_is_not_believed_again(tmp_path: Path) -> None:
    """After sequence 2 was seen, sequence 1 shown again is refused: it may say what is over."""
    first, second = (a_signed_receipt(a_report(sequence=n)).encode() for n in (1, 2))
    looked_up(Mailbox(first, second), tmp_path)
    with pytest.raises(ReceiptRefused) as refused:
        looked_up(Mailbox(first, first), tmp_path)
    assert refused.value.code == Trouble.RECEIPT_REPLAYED


def test_a_code_with_a_typing_mistake_is_not_asked_for(tmp_path: Path) -> None:
    """A wrong letter is found by the check character, before anything goes out."""
    receiver = Mailbox()
    wrong = "0" + str(CODE)[1:] if not str(CODE).startswith("0") else "1" + str(CODE)[1:]
    with pytest.raises(UsageRefused):
        looked_up(receiver, tmp_path, wrong)
    assert receiver.calls == []


def test_no_receipt_yet_is_told(tmp_path: Path) -> None:
    """A code nobody has signed under yet is no error of anybody."""
    with pytest.raises(NoReceiptYet):
        looked_up(Mailbox(), tmp_path)


def test_the_memory_names_no_code(tmp_path: Path) -> None:
    """What is remembered on disk holds neither the code nor its handle."""
    SequenceMemory(tmp_path).remember(CODE, 3)
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    written = file.name.encode() + file.read_bytes()
    assert CODE.handle.hex().encode() not in written
    assert CODE.secret.hex().encode() not in written
    assert SequenceMemory(tmp_path).highest(CODE) == 3


def test_a_disk_that_keeps_nothing_hides_no_word(tmp_path: Path) -> None:
    """Where the sequence cannot be kept the hospital's word is told all the same."""
    (tmp_path / "receipts").write_text("no folder")
    with pytest.raises(StateFailed):
        SequenceMemory(tmp_path).remember(CODE, 1)
    assert looked_up(Mailbox(a_signed_receipt().encode()), tmp_path).report == a_report()


class Waiting:
    """Answers in turn what ``script`` says; a pause moves the clock."""

    def __init__(self, *script: VerifiedReceipt | Exception | None) -> None:
        self.script = list(script)
        self.clock = FakeClock()
        self.asked: list[int] = []

    def ask(self, after: int, wait: int) -> VerifiedReceipt | None:
        self.asked.append(after)
        answer = self.script.pop(0) if self.script else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def wait(self, alive: Callable[[], None] = lambda: None) -> VerifiedReceipt | None:
        return wait_for_verdict(
            self.ask,
            alive,
            after=0,
            clock=self.clock,
            pause=lambda seconds: self.clock.advance(timedelta(seconds=seconds)),
            patience=10.0,
        )


def a_receipt(state: CoarseState, sequence: int = 1) -> VerifiedReceipt:
    """Return a verified receipt."""
    signed = a_signed_receipt(a_report(sequence=sequence), state=state)
    return verify(signed.encode(), CODE, HERE, OURS)


def test_a_receipt_without_a_verdict_is_waited_over() -> None:
    """While the inside is checking, the next word is asked for; the verdict ends the wait."""
    checking, done = (
        a_receipt(s, n) for s, n in ((CoarseState.CHECKING, 1), (CoarseState.DELIVERED, 2))
    )
    waiting = Waiting(None, checking, LineFailed(Trouble.NO_CONNECTION), BUSY, done)
    assert waiting.wait() == done
    assert waiting.asked == [0, 0, 1, 1, 1]


def test_patience_with_the_inside_ends() -> None:
    """Without a verdict the wait ends after the time given, and nothing is claimed."""
    waiting = Waiting()
    assert waiting.wait() is None
    assert len(waiting.asked) == 11


def test_a_stopped_transfer_is_not_waited_for() -> None:
    """When the inside has stopped it, one last question is asked; then that is told."""

    def stopped() -> None:
        raise ReceiverRefused(Problem(Code.STOPPED))

    waiting = Waiting()
    with pytest.raises(ReceiverRefused):
        waiting.wait(stopped)
    assert len(waiting.asked) == 2


def test_a_wrong_pin_ends_the_wait() -> None:
    """Somebody in between is not waited out."""
    with pytest.raises(LineFailed):
        Waiting(LineFailed(Trouble.WRONG_PIN)).wait()
