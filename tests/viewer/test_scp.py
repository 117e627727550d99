import hashlib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from pydicom.uid import UID

from passbox_base.errors import StoreFull
from passbox_viewer import index
from passbox_viewer.associations import LARGEST_PDU
from passbox_viewer.instances import Reading
from tests.e2e.awaiting import eventually
from tests.viewer.house import DEADLINE, House, a_transfer, running_house
from tests.viewer.images import an_image, data_set

OUT_OF_RESOURCES = 0xA700


def test_a_stored_instance_is_in_the_index_with_the_hash_of_its_data_set(
    house: House, medium: Path
) -> None:
    """Success means: the data set's bytes are a file of the store, and the index has their hash."""
    transfer, image = a_transfer(), an_image(medium)

    assert house.store(house.register(transfer), [image]) == [0]

    (kept,) = house.instances(transfer)
    assert kept.data_set_sha256 == hashlib.sha256(data_set(image)).digest()
    path = house.running.inside.store.instance_path(transfer, kept.file_name)
    assert data_set(path) == data_set(image)
    assert path.stat().st_mode & 0o777 == 0o400


def test_only_a_registered_title_is_answered(house: House, medium: Path) -> None:
    """An association with a title that was never registered is rejected."""
    image = an_image(medium)
    house.register(a_transfer())

    assert house.store("ABCDEFGHIJKLMNOP", [image]) == []
    assert house.instances(a_transfer()) == []


def test_only_listed_callers_are_answered(house: House, medium: Path) -> None:
    """An association from a title that is not among the callers is rejected."""
    title = house.register(a_transfer())

    assert house.store(title, [an_image(medium)], calling="STRANGER") == []


def test_the_same_instance_again_is_one_file(house: House, medium: Path) -> None:
    """An instance that is sent many times succeeds each time and is one object."""
    title, image = house.register(a_transfer()), an_image(medium)

    assert house.store(title, [image] * 50) == [0] * 50
    assert house.store(title, [image]) == [0]

    assert len(house.instances(a_transfer())) == 1


@pytest.mark.faults
def test_a_thousand_times_the_same_instance_is_one_object(house: House, medium: Path) -> None:
    """Four associations store one instance 1,000 times: 1,000 successes, one row, one file."""
    title, image = house.register(a_transfer()), an_image(medium)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: house.store(title, [image] * 250), range(4)))

    assert answers == [[0] * 250] * 4
    (kept,) = house.instances(a_transfer())
    path = house.running.inside.store.instance_path(a_transfer(), kept.file_name)
    assert [file.name for file in path.parent.iterdir()] == [kept.file_name]
    assert list(house.running.inside.store.incoming.iterdir()) == []


@pytest.mark.parametrize("length", [LARGEST_PDU + 1, 2**32 - 1])
def test_a_pdu_over_the_cap_ends_the_connection(house: House, medium: Path, length: int) -> None:
    """Before any association a PDU that says too much is not waited for; others are served."""
    with socket.create_connection(("127.0.0.1", house.running.scp.port), DEADLINE) as peer:
        peer.sendall(b"\x01\0" + length.to_bytes(4, "big") + bytes(64))
        peer.settimeout(DEADLINE)
        with suppress(ConnectionError):
            while peer.recv(4096):
                pass
    assert house.store(house.register(a_transfer()), [an_image(medium)]) == [0]


def test_who_says_nothing_is_let_go_at_the_end(tmp_path: Path) -> None:
    """A connection on which no association was asked for ends, quietly, when the viewer stops."""
    with running_house(tmp_path) as house:
        peer = socket.create_connection(("127.0.0.1", house.running.scp.port), DEADLINE)
        eventually(
            lambda: [one for one in threading.enumerate() if "AcceptorThread" in one.name],
            "that the connection is served",
        )
    with peer:
        assert peer.recv(1) in {b"", b"\x07"}  # closed at once, or behind an A-ABORT


def test_same_uid_with_other_bytes_is_kept_beside_and_flagged(house: House, medium: Path) -> None:
    """Nothing is overwritten: the later one is kept beside the first, with a flag."""
    first, second = an_image(medium), an_image(medium, tilt=1)

    assert house.store(house.register(a_transfer()), [first, second]) == [0, 0]

    kept = house.instances(a_transfer())
    assert [row.beside for row in kept] == [False, True]
    assert [row.data_set_sha256 for row in kept] == [
        hashlib.sha256(data_set(image)).digest() for image in (first, second)
    ]


def test_two_transfers_never_merge(house: House, medium: Path) -> None:
    """The same patient, study and UID in two transfers are two objects in two namespaces."""
    image = an_image(medium)
    titles = [house.register(a_transfer(n)) for n in (1, 2)]

    for title in titles:
        house.store(title, [image])

    assert len(set(titles)) == 2
    paths = [
        house.running.inside.store.instance_path(row.transfer, row.file_name)
        for n in (1, 2)
        for row in house.instances(a_transfer(n))
    ]
    assert len(set(paths)) == 2
    assert not any(row.beside for n in (1, 2) for row in house.instances(a_transfer(n)))


def test_private_classes_are_taken(house: House, medium: Path) -> None:
    """A SOP class that nobody knows is stored like any other."""
    image = an_image(medium, sop_class=UID("1.2.826.0.1.3680043.10.99.1"))

    assert house.store(house.register(a_transfer()), [image]) == [0]


def test_a_full_disk_is_said(tmp_path: Path, medium: Path) -> None:
    """Below the disk's reserve the answer is out of resources, and nothing is kept."""
    with running_house(tmp_path, reserve_bytes=2**62) as house:
        title = house.register(a_transfer())

        assert house.store(title, [an_image(medium)]) == [OUT_OF_RESOURCES]
        assert house.instances(a_transfer()) == []
        with pytest.raises(StoreFull):
            house.running.inside.store.check_room()


def test_a_ledger_that_fails_is_our_fault_not_the_image_s(house: House, medium: Path) -> None:
    """An index that cannot be written answers out of resources: the sender keeps the image."""
    title, image = house.register(a_transfer()), an_image(medium)
    with house.running.inside.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE instances RENAME TO away")
    try:
        statuses = house.store(title, [image] * index.GROUP)
    finally:
        with house.running.inside.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO instances")

    assert statuses[-1] == OUT_OF_RESOURCES
    assert house.store(title, [image]) == [0]
    assert len(house.instances(a_transfer())) == 1


def test_the_index_is_completed_from_the_files(tmp_path: Path, medium: Path) -> None:
    """What is durable but was never written into the index is in it after the next start."""
    transfer = a_transfer()
    with running_house(tmp_path) as house:
        house.store(house.register(transfer), [an_image(medium, n) for n in (1, 2)])
        before = house.instances(transfer)
        with house.running.inside.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM instances")

    with running_house(tmp_path) as house:
        after = house.instances(transfer)

    known = {row.data_set_sha256 for row in before}
    assert {row.data_set_sha256 for row in after} == known
    assert {row.claims for row in after} == {row.claims for row in before}


def test_the_index_can_be_read_from_another_process(house: House, medium: Path) -> None:
    """Reading the store's index needs its folder only and writes nothing."""
    house.store(house.register(a_transfer()), [an_image(medium)])
    house.running.inside.index.flush()

    with index.reading_store(house.settings.store.folder) as engine:
        assert index.transfers(engine) == [a_transfer()]
        (stored,) = index.stored_instances(engine, a_transfer())

    assert not stored.in_pacs


def test_an_instance_that_cannot_be_read_is_kept_and_told(house: House, medium: Path) -> None:
    """Bytes in which the worker finds no image stay in the store, flagged as unreadable."""
    image = an_image(medium)
    whole = image.read_bytes()
    image.write_bytes(whole[: -len(data_set(image))] + b"\x00" * 64)

    assert house.store(house.register(a_transfer()), [image]) == [0]
    house.instances(a_transfer())
    house.running.rooms.describer.complete(a_transfer())

    assert [row.reading for row in house.instances(a_transfer())] == [Reading.UNREADABLE]
