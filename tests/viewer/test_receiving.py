import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from pynetdicom.ae import ApplicationEntity

from passbox_viewer.associations import LARGEST_PDU
from passbox_viewer.scp import VERIFICATION
from tests.e2e.awaiting import eventually
from tests.viewer.house import DEADLINE, POLLER, House, a_transfer
from tests.viewer.images import STUDY, an_image, data_set
from tests.viewer.raw_peer import (
    ABORT,
    COMMAND,
    LAST,
    RELEASE,
    RELEASE_RP,
    RawPeer,
    command_set,
    pdu,
    raw_peer,
    store_request,
    value,
)

UID = f"{STUDY}.1.1"
WHOLE = COMMAND | LAST


@pytest.fixture
def peer(house: House) -> Iterator[RawPeer]:
    """An association to a registered transfer."""
    title = house.register(a_transfer())
    with raw_peer(house.running.scp.port, title, POLLER, DEADLINE) as association:
        yield association


def stored(house: House) -> list[bytes]:
    """Return the data set bytes of what is kept, in the order it came."""
    folder = house.running.inside.store
    return [
        data_set(folder.instance_path(row.transfer, row.file_name))
        for row in house.instances(a_transfer())
    ]


def incoming(house: House) -> list[str]:
    """Return what lies in the folder of what arrives."""
    return [path.name for path in house.running.inside.store.incoming.iterdir()]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_however_it_is_cut_the_bytes_are_the_same(
    house: House, peer: RawPeer, data: st.DataObject
) -> None:
    """Values, PDUs and segments may end anywhere: what is kept is what was sent."""
    content = secrets.token_bytes(data.draw(st.integers(1, 3000)))
    ends = sorted(data.draw(st.sets(st.integers(1, len(content)), max_size=5)) | {len(content)})
    starts = [0, *ends[:-1]]
    values = [value(store_request(f"{UID}.{secrets.randbelow(10**9) + 10**9}"), WHOLE)] + [
        value(content[start:end], LAST if end == ends[-1] else 0)
        for start, end in zip(starts, ends, strict=True)
    ]
    together = data.draw(st.integers(1, len(values)))
    pdus = [pdu(*values[:together]), *(pdu(one) for one in values[together:])]
    whole = b"".join(pdus)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=4)))

    peer.send(whole, cuts)

    assert peer.status() == 0
    assert stored(house)[-1] == content
    assert incoming(house) == []


def test_an_instance_may_be_larger_than_any_buffer(house: House, peer: RawPeer) -> None:
    """PDUs as large as we take follow each other, and all of them is kept."""
    piece = secrets.token_bytes(LARGEST_PDU - 6)
    content = piece * 3

    peer.send(pdu(value(store_request(UID), WHOLE)))
    for control in (0, 0, LAST):
        peer.send(pdu(value(piece, control)))

    assert peer.status() == 0
    assert stored(house) == [content]


def test_an_instance_may_come_in_crumbs(house: House, peer: RawPeer) -> None:
    """Thousands of values of one byte, all in one PDU, are kept like one of a thousand bytes."""
    content = secrets.token_bytes(3000)
    crumbs = [value(content[n : n + 1], LAST if n == 2999 else 0) for n in range(3000)]

    peer.send(pdu(value(store_request(UID), WHOLE), *crumbs))

    assert peer.status() == 0
    assert stored(house) == [content]


def test_two_requests_in_one_breath_are_two_instances(house: House, peer: RawPeer) -> None:
    """Who does not wait for the answer gets two, and a release behind them is heard."""
    both = b"".join(
        pdu(value(store_request(f"{UID}.{n}", message_id=n), WHOLE), value(bytes([n]) * 9, LAST))
        for n in (1, 2)
    )

    peer.send(both + RELEASE)

    assert [peer.status(), peer.status()] == [0, 0]
    assert peer.heard()[0] == RELEASE_RP
    assert stored(house) == [b"\1" * 9, b"\2" * 9]


@pytest.mark.parametrize("uid", ["", "no uid", "1.2." + "3" * 70, "../../x"])
def test_an_instance_without_a_usable_uid_is_not_kept(
    house: House, peer: RawPeer, uid: str
) -> None:
    """It is answered with "cannot understand", and the next one is taken."""
    peer.send(pdu(value(store_request(uid), WHOLE), value(b"image", LAST)))
    assert peer.status() == 0xC000

    peer.send(pdu(value(store_request(UID), WHOLE), value(b"image", LAST)))
    assert peer.status() == 0
    assert stored(house) == [b"image"]


@pytest.mark.parametrize(
    "nonsense",
    [
        pdu(value(b"late", 0, context=3)),
        pdu(value(store_request(UID), WHOLE)),
        pdu(b"\0\0\0\1\1\0"),
        pdu(b"\0\0\0\xff\1\0abc"),
        pdu(b"\0\0"),
    ],
    ids=["other context", "a command in between", "too short", "too long", "half a head"],
)
def test_nonsense_within_an_instance_ends_the_association(
    house: House, peer: RawPeer, nonsense: bytes
) -> None:
    """Nothing is kept and nothing is left lying; others are served."""
    peer.send(pdu(value(store_request(UID), WHOLE), value(b"half", 0)) + nonsense)

    assert peer.heard()[0] == ABORT
    while peer.heard()[0]:
        pass
    assert stored(house) == []
    assert incoming(house) == []


@pytest.mark.parametrize(
    "command",
    [
        value(b"", WHOLE),
        value(b"\0\0\0\1", WHOLE),
        value(command_set({0x0100: b"\1\0"}), WHOLE),
        value(command_set({0x0100: b"\1\0", 0x0800: b"\1\1"}), WHOLE),
        value(b"\xff" * 200, WHOLE),
        value(b"\0\0\2\0\xff\xff\xff\xff", WHOLE),
        value(store_request(UID)[:20], COMMAND),
        value(store_request(UID), WHOLE, context=3),
        b"",
    ],
)
def test_a_command_nobody_can_read_ends_the_association(
    house: House, peer: RawPeer, command: bytes
) -> None:
    """Nothing is kept and nothing is left lying; others are served."""
    peer.send(pdu(command, value(b"image", LAST)))

    assert peer.heard()[0] == ABORT
    while peer.heard()[0]:
        pass
    assert stored(house) == []
    assert incoming(house) == []


def test_other_requests_are_answered_in_between(house: House, medium: Path) -> None:
    """C-ECHO before, between and behind images, on the same association."""
    image = an_image(medium)
    entity = ApplicationEntity(POLLER)
    entity.add_requested_context(CTImageStorage, ExplicitVRLittleEndian)
    entity.add_requested_context(VERIFICATION)
    association = entity.associate(
        "127.0.0.1", house.running.scp.port, ae_title=house.register(a_transfer())
    )

    answers = [
        association.send_c_echo().Status,
        association.send_c_store(image).Status,
        association.send_c_echo().Status,
        association.send_c_store(image).Status,
        association.send_c_echo().Status,
    ]
    association.release()

    assert answers == [0] * 5
    assert stored(house) == [data_set(image)]


def test_a_connection_cut_in_an_instance_leaves_nothing(house: House, medium: Path) -> None:
    """What had come of it is removed, and the whole instance is taken when it comes again."""
    title = house.register(a_transfer())
    with raw_peer(house.running.scp.port, title, POLLER, DEADLINE) as peer:
        peer.send(pdu(value(store_request(UID), WHOLE), value(b"half", 0)))
        eventually(lambda: incoming(house) or None, "the first half")
    eventually(lambda: incoming(house) == [] or None, "that nothing is left")

    assert house.store(title, [an_image(medium)]) == [0]
    assert len(stored(house)) == 1


def test_the_answer_names_the_request(house: House, peer: RawPeer) -> None:
    """Message id, SOP class and instance of the request stand in the response."""
    peer.send(pdu(value(store_request(UID, message_id=0x1234), WHOLE), value(b"image", LAST)))

    _, body = peer.heard()
    assert b"\0\0\x20\1\2\0\0\0\x34\x12" in body
    assert UID.encode() in body
    assert CTImageStorage.encode() in body
