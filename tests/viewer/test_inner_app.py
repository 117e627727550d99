import threading
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_viewer import attachments
from passbox_viewer.attachments import Kind
from passbox_wire.inner.viewer import EventKind, parse_instances
from passbox_wire.problems import Code, parse_problem
from passbox_wire.states import ForwardState
from tests.viewer.house import BASE_URL, DEADLINE, House, a_delivery, a_transfer, facts
from tests.viewer.images import an_image

PDF = b"%PDF-1.7 a letter"


def problem(answer: requests.Response) -> Code:
    """Return the code of an error answer."""
    return parse_problem(answer.content).code


def test_a_transfer_keeps_its_title(house: House) -> None:
    """The same transfer gets the same AE title of 16 letters again, another gets another."""
    title = house.register(a_transfer())

    assert len(title) == 16
    assert house.register(a_transfer()) == title
    assert house.register(a_transfer(2)) != title


def test_a_request_signed_by_a_stranger_is_refused(house: House) -> None:
    """Mutual TLS alone is not enough: the destination's key must have signed the request."""
    answer = house.ask(
        "PUT",
        f"/inner/v1/transfers/{a_transfer()}",
        facts(a_transfer()).encode(),
        key=Ed25519PrivateKey.generate(),
    )

    assert problem(answer) is Code.SIGNATURE_WRONG


def test_facts_of_another_transfer_are_refused(house: House) -> None:
    """The transfer in the body must be the one in the path."""
    answer = house.ask("PUT", f"/inner/v1/transfers/{a_transfer(2)}", facts(a_transfer(1)).encode())

    assert problem(answer) is Code.MALFORMED


@pytest.mark.parametrize("target", ["/", "/docs", "/openapi.json", "/s/AAAAAAAAAAAAAAAAAAAAAA"])
def test_there_is_nothing_else(house: House, target: str) -> None:
    """The inner listener has no page, no documentation and no link."""
    assert problem(house.ask("GET", target)) is Code.NOT_FOUND


def test_unknown_transfers_are_unknown(house: House) -> None:
    """Deliveries, attachments and questions about a transfer need its registration."""
    answers = [
        house.deliver(a_transfer(), a_delivery()),
        house.attach(a_transfer(), 1, PDF),
        house.ask("GET", f"/inner/v1/transfers/{a_transfer()}/instances"),
    ]

    assert [problem(answer) for answer in answers] == [Code.UNKNOWN_TRANSFER] * 3


def test_visible_mints_one_link(house: House) -> None:
    """The first visible delivery tells one link; the same delivery again changes nothing."""
    house.register(a_transfer())

    house.deliver(a_transfer(), a_delivery(visible=False))
    assert house.events() == ()
    for _ in range(3):
        assert house.deliver(a_transfer(), a_delivery()).status_code == 204

    (event,) = house.events()
    assert (event.kind, event.transfer) == (EventKind.VISIBLE, a_transfer())
    assert event.link.startswith(f"{BASE_URL}/s/")
    assert house.read(a_transfer()).forward_state is ForwardState.VISIBLE


def test_a_link_is_wiped_once_the_poller_has_it(house: House) -> None:
    """Asking for what follows an event takes its link out of the ledger; the page stays open."""
    house.register(a_transfer())
    house.deliver(a_transfer(), a_delivery())
    (event,) = house.events()

    assert house.events(after=event.sequence) == ()

    assert [again.link for again in house.events()] == [""]
    token = event.link.rpartition("/")[2]
    assert house.browser.get(f"/s/{token}").status_code == 200


def test_a_waiting_poll_is_woken(house: House) -> None:
    """A long poll answers as soon as something happens, not when its time is over."""
    house.register(a_transfer())
    woken = threading.Event()

    def poll() -> None:
        house.await_event(0)
        woken.set()

    waiting = threading.Thread(target=poll)
    waiting.start()
    house.deliver(a_transfer(), a_delivery())

    assert woken.wait(DEADLINE)
    waiting.join()


def test_an_attachment_is_kept_once(house: House) -> None:
    """The same attachment again is accepted, other bytes under its index are a conflict."""
    house.register(a_transfer())

    assert house.attach(a_transfer(), 7, PDF).status_code == 204
    assert house.attach(a_transfer(), 7, PDF).status_code == 204
    assert problem(house.attach(a_transfer(), 7, b"other")) is Code.PACK_CONFLICT

    inside = house.running.inside
    (kept,) = attachments.attachments(inside.engine, a_transfer())
    assert (kept.position, kept.size, kept.kind) == (7, len(PDF), Kind.PDF)
    assert inside.store.attachment_path(a_transfer(), 7).read_bytes() == PDF


def test_an_attachment_with_another_digest_is_not_kept(house: House) -> None:
    """Bytes that are not what was said leave nothing behind."""
    house.register(a_transfer())

    answer = house.ask(
        "PUT",
        f"/inner/v1/transfers/{a_transfer()}/attachments/7",
        PDF,
        headers={"Passbox-Digest": "00" * 32},
    )

    assert problem(answer) is Code.DIGEST_WRONG
    folder = house.running.inside.store.attachment_path(a_transfer(), 7).parent
    assert list(folder.iterdir()) == []


def test_the_index_says_what_is_stored(house: House, medium: Path) -> None:
    """The poller reads back each instance by UID and hash, as soon as its C-STORE was answered."""
    title = house.register(a_transfer())
    house.store(title, [an_image(medium, n) for n in (1, 2)])

    answer = house.ask("GET", f"/inner/v1/transfers/{a_transfer()}/instances")

    stored = parse_instances(answer.content)
    assert {one.data_set_sha256 for one in stored} == {
        row.data_set_sha256 for row in house.instances(a_transfer())
    }
    assert [one.in_pacs for one in stored] == [False, False]
