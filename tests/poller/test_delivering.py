"""C-STORE of received bytes, against a real provider."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_poller.checking import Instance
from passbox_poller.delivering import StoreUser, StoreUsers
from passbox_poller.errors import FileRefused, NotNow
from passbox_wire.digests import sha256
from tests.builders.dicom import CT_IMAGE, EXPLICIT_LITTLE, ct_slice
from tests.e2e.line import Line
from tests.parts.programs import free_port
from tests.poller.fake_viewer import FakeViewer

MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
MIB = 1024 * 1024
BUSY, CANNOT_UNDERSTAND, WARNING = 0xA700, 0xC000, 0xB000


@pytest.fixture
def viewer() -> Iterator[FakeViewer]:
    """A viewer whose provider the test starts."""
    viewer = FakeViewer()
    yield viewer
    viewer.stop_scp()


def an_instance(
    folder: Path,
    number: int = 1,
    *,
    sop_class: str = CT_IMAGE,
    syntax: str = EXPLICIT_LITTLE,
    data: bytes | None = None,
) -> Instance:
    """Return a file as the checker would."""
    data = data or ct_slice(instance=f"1.2.3.{number}")
    path = folder / f"file-{number}"
    path.write_bytes(data)
    offset = data.index(b"DICM") + 4
    body = data[offset:]
    return Instance(path, offset, sop_class, f"1.2.3.{number}", syntax, sha256(data), sha256(body))


def a_user(viewer: FakeViewer) -> StoreUser:
    """Return a user of a provider that is up."""
    return StoreUser("127.0.0.1", viewer.start_scp(), "PASSBOX_POLLER")


def test_the_bytes_arrive_as_they_are(tmp_path: Path, viewer: FakeViewer) -> None:
    """The store gets the bytes behind the offset, whatever they are, under the UIDs it is told."""
    user = a_user(viewer)
    data = bytes(128) + b"DICM" + bytes(range(256)) * 5000  # no DICOM at all: nobody looks
    user.store("NAMESPACE", an_instance(tmp_path, data=data))
    user.release()
    assert viewer.stored == [("NAMESPACE", "1.2.3.1", data[132:])]


def test_each_namespace_gets_its_own_association(tmp_path: Path, viewer: FakeViewer) -> None:
    """Instances of two transfers go to the AE title of each, over one user."""
    user = a_user(viewer)
    for number, title in enumerate(["ONE", "OTHER", "ONE"], start=1):
        user.store(title, an_instance(tmp_path, number))
    user.release()
    assert [(title, uid) for title, uid, _ in viewer.stored] == [
        ("ONE", "1.2.3.1"),
        ("OTHER", "1.2.3.2"),
        ("ONE", "1.2.3.3"),
    ]


def test_contexts_follow_what_is_really_there(tmp_path: Path, viewer: FakeViewer) -> None:
    """A new SOP class opens an association that offers it as well.

    Nothing sent before is repeated.
    """
    user = a_user(viewer)
    user.store("ONE", an_instance(tmp_path, 1))
    user.store("ONE", an_instance(tmp_path, 2, sop_class=MR_IMAGE))
    user.store("ONE", an_instance(tmp_path, 3))
    user.release()
    assert viewer.stored_uids() == ["1.2.3.1", "1.2.3.2", "1.2.3.3"]


def test_a_syntax_the_store_does_not_take_is_no_reason_to_change_it(
    tmp_path: Path, viewer: FakeViewer
) -> None:
    """An instance whose syntax is not accepted is refused, never converted."""
    user = a_user(viewer)
    with pytest.raises(FileRefused):
        user.store("ONE", an_instance(tmp_path, syntax=IMPLICIT_LITTLE))
    user.release()
    assert viewer.stored == []


@pytest.mark.parametrize(
    ("status", "error"), [(BUSY, NotNow), (CANNOT_UNDERSTAND, FileRefused), (WARNING, None)]
)
def test_the_stores_answer_is_understood(
    tmp_path: Path, viewer: FakeViewer, status: int, error: type[Exception] | None
) -> None:
    """Out of resources: later. A failure: refused. A warning: stored."""
    viewer.answer = lambda _uid: status
    user = a_user(viewer)
    if error is None:
        user.store("ONE", an_instance(tmp_path))
    else:
        with pytest.raises(error):
            user.store("ONE", an_instance(tmp_path))
    user.release()


def test_a_store_that_is_away_is_asked_later(tmp_path: Path) -> None:
    """Nobody listening is NotNow, and the same user works once somebody does."""
    viewer = FakeViewer()
    port = free_port()
    user = StoreUser("127.0.0.1", port, "PASSBOX_POLLER")
    with pytest.raises(NotNow):
        user.store("ONE", an_instance(tmp_path))
    viewer.start_scp(port)
    user.store("ONE", an_instance(tmp_path))
    user.release()
    viewer.stop_scp()
    assert viewer.stored_uids() == ["1.2.3.1"]


def cut_where_held(line: Line) -> None:
    """Break the line at the point it is held at, and let it go on for the next connection."""
    line.await_held()
    line.cut()
    line.release()


def test_a_store_that_goes_away_in_the_middle_hangs_nobody(
    tmp_path: Path, viewer: FakeViewer
) -> None:
    """An association that ends under a large instance hangs nobody, and the next one works."""
    big = an_instance(tmp_path, 2, data=bytes(128) + b"DICM" + bytes(8 * MIB))
    with Line(viewer.start_scp()) as line:
        user = StoreUser("127.0.0.1", line.port, "PASSBOX_POLLER")
        user.store("ONE", an_instance(tmp_path, 1))
        line.hold_after(MIB)
        cutting = threading.Thread(target=cut_where_held, args=[line])
        cutting.start()
        with pytest.raises(NotNow):
            user.store("ONE", big)
        cutting.join()
        user.store("ONE", big)
        user.release()
    assert viewer.stored_uids() == ["1.2.3.1", "1.2.3.2"]


def test_a_few_users_serve_many(tmp_path: Path, viewer: FakeViewer) -> None:
    """Users are given back also after a failure, so none is lost."""
    users = StoreUsers("127.0.0.1", viewer.start_scp(), "PASSBOX_POLLER", size=1)
    viewer.answer = lambda _uid: BUSY
    for _ in range(3):
        with pytest.raises(NotNow):
            users.store("ONE", an_instance(tmp_path))
    viewer.answer = lambda _uid: 0
    users.store("ONE", an_instance(tmp_path))
    users.release()
    assert viewer.stored_uids() == ["1.2.3.1"]
