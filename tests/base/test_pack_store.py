import concurrent.futures
import hashlib
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passbox_base.errors import NoSuchPack, PackConflict, WrongDigest, WrongLength
from passbox_base.pack_store import HeldPack, PackKey, PackStore, PackStoreLike, Stored
from passbox_wire.errors import Malformed
from passbox_wire.ids import TransferId

TRANSFER = TransferId("ab" * 16)
OTHER = TransferId("cd" * 16)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _put(store: PackStoreLike, number: int, data: bytes, transfer: TransferId = TRANSFER) -> Stored:
    return store.put(PackKey(transfer, number), _digest(data), data)


def _read(store: PackStoreLike, number: int) -> bytes:
    with store.get(PackKey(TRANSFER, number)) as file:
        return file.read()


def _visible(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_pack_comes_back_byte_for_byte(tmp_path: Path) -> None:
    """What was stored is what is read, and the folder itself says number, digest and length."""
    store = PackStore(tmp_path)

    assert _put(store, 7, b"sealed") is Stored.NEW
    assert _read(store, 7) == b"sealed"
    assert store.packs(TRANSFER) == [HeldPack(7, _digest(b"sealed"), 6)]


def test_the_same_pack_again_is_held(tmp_path: Path) -> None:
    """The same bytes under the same number may come any number of times."""
    store = PackStore(tmp_path)
    _put(store, 7, b"sealed")

    assert _put(store, 7, b"sealed") is Stored.HELD
    assert len(store.packs(TRANSFER)) == 1


def test_other_bytes_under_a_held_number_conflict(tmp_path: Path) -> None:
    """A number keeps the bytes it got first; the second comer leaves no trace."""
    store = PackStore(tmp_path)
    _put(store, 7, b"sealed")
    before = _visible(tmp_path)

    with pytest.raises(PackConflict):
        _put(store, 7, b"forged")

    assert _read(store, 7) == b"sealed"
    assert _visible(tmp_path) == before


def test_transfers_do_not_meet(tmp_path: Path) -> None:
    """The same number in two transfers is two packs."""
    store = PackStore(tmp_path)
    _put(store, 1, b"a", TRANSFER)
    _put(store, 1, b"b", OTHER)

    assert store.transfers() == [TRANSFER, OTHER]
    assert _read(store, 1) == b"a"


def test_wrong_digest_leaves_nothing(tmp_path: Path) -> None:
    """Bytes that are not what was declared never become visible."""
    store = PackStore(tmp_path)

    with pytest.raises(WrongDigest):
        store.put(PackKey(TRANSFER, 1), _digest(b"declared"), b"came")

    assert _visible(tmp_path) == []


@pytest.mark.parametrize("data", [b"", b"ab", b"abcd"])
def test_wrong_length_leaves_nothing(tmp_path: Path, data: bytes) -> None:
    """Too few and too many bytes are refused, whatever the digest says."""
    store = PackStore(tmp_path)

    def receive() -> None:
        with store.incoming(PackKey(TRANSFER, 1), 3) as pack:
            pack.write(data)
            pack.commit(_digest(data))

    with pytest.raises(WrongLength):
        receive()

    assert _visible(tmp_path) == []


def test_too_many_bytes_are_refused_before_they_are_written(tmp_path: Path) -> None:
    """A pack that runs over its declared length is stopped at once, not at its end."""
    store = PackStore(tmp_path)

    with store.incoming(PackKey(TRANSFER, 1), 3) as pack, pytest.raises(WrongLength):
        pack.write(b"x" * 4)


def test_abandoned_pack_leaves_nothing(tmp_path: Path) -> None:
    """A sender that hangs up leaves no bytes behind."""
    store = PackStore(tmp_path)

    with store.incoming(PackKey(TRANSFER, 1), 10) as pack:
        pack.write(b"half")

    assert _visible(tmp_path) == []


def test_packs_are_read_only(tmp_path: Path) -> None:
    """Committed bytes have no write bit for anybody."""
    store = PackStore(tmp_path)
    _put(store, 1, b"x")

    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {0o400}


def test_release_is_repeatable_and_frees_the_number(tmp_path: Path) -> None:
    """Letting go twice is fine; afterwards nothing of the pack is left."""
    store = PackStore(tmp_path)
    _put(store, 1, b"x")
    store.release(PackKey(TRANSFER, 1))
    store.release(PackKey(TRANSFER, 1))

    assert _visible(tmp_path) == []
    with pytest.raises(NoSuchPack):
        _read(store, 1)


def test_release_transfer_takes_all_of_it_and_nothing_else(tmp_path: Path) -> None:
    """A transfer goes whole, its neighbour stays, and going twice is fine."""
    store = PackStore(tmp_path)
    for number in range(3):
        _put(store, number, b"x")
    _put(store, 0, b"kept", OTHER)
    store.release_transfer(TRANSFER)
    store.release_transfer(TRANSFER)

    assert store.transfers() == [OTHER]
    assert store.packs(OTHER)


@pytest.mark.parametrize("name", ["", "../../etc", "AB" * 16, "ab" * 17, "ab" * 16 + "\n"])
def test_a_foreign_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    """What is no transfer id is refused before any file is touched."""
    store = PackStore(tmp_path)

    with pytest.raises(Malformed):
        _put(store, 1, b"x", TransferId(name))
    with pytest.raises(Malformed):
        store.packs(TransferId(name))


@pytest.mark.parametrize("number", [-1, 2**32])
def test_a_number_has_32_bits(number: int) -> None:
    """Numbers the contract does not know are refused."""
    with pytest.raises(ValueError, match="32 bits"):
        PackKey(TRANSFER, number)


def test_reconcile_removes_what_a_crash_left(tmp_path: Path) -> None:
    """Half-written files and evidence without a commit go; committed packs stay."""
    store = PackStore(tmp_path)
    _put(store, 1, b"kept")
    folder = tmp_path / "transfers" / "ab" / TRANSFER
    (tmp_path / "incoming" / "00.incoming").write_bytes(b"half")
    (folder / f"0000000002.{_digest(b'cut').hex()}").write_bytes(b"cut")

    assert PackStore(tmp_path).reconcile() == 2
    assert store.packs(TRANSFER) == [HeldPack(1, _digest(b"kept"), 4)]


def test_foreign_things_in_the_store_are_left_alone(tmp_path: Path) -> None:
    """What is not ours (lost+found, a note) neither stops the start nor goes away."""
    store = PackStore(tmp_path)
    _put(store, 1, b"x")
    foreign = [tmp_path / "transfers" / "lo" / "lost+found", tmp_path / "transfers" / "note"]
    foreign.append(tmp_path / "transfers" / "ab" / TRANSFER / ".note")
    foreign[0].mkdir(parents=True)
    for path in foreign[1:]:
        path.touch()

    assert store.reconcile() == 0
    assert store.transfers() == [TRANSFER]
    assert all(path.exists() for path in foreign)


def test_a_pack_cut_before_its_commit_can_come_again(tmp_path: Path) -> None:
    """Evidence left by a crash is no claim: the pack is not held, and is taken when it returns."""
    store = PackStore(tmp_path)
    _put(store, 1, b"x")
    (tmp_path / "transfers" / "ab" / TRANSFER / "0000000001.pack").unlink()

    assert store.packs(TRANSFER) == []
    assert _put(store, 1, b"x") is Stored.NEW
    assert _read(store, 1) == b"x"


@pytest.mark.parametrize("same", [True, False])
def test_two_writers_of_one_number_have_one_winner(tmp_path: Path, same: bool) -> None:
    """However many write one number at once, one is new; equal bytes are held, others conflict."""
    store = PackStore(tmp_path)
    writers = 8
    together = threading.Barrier(writers)

    def write(index: int) -> str:
        together.wait()
        try:
            return _put(store, 1, b"x" if same else b"%d" % index).value
        except PackConflict:
            return "conflict"

    with concurrent.futures.ThreadPoolExecutor(writers) as pool:
        outcomes = sorted(pool.map(write, range(writers)))

    assert outcomes == sorted(["new"] + ["held" if same else "conflict"] * (writers - 1))
    assert len(store.packs(TRANSFER)) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.sampled_from([b"a", b"b"]))))
def test_store_behaves_like_a_dictionary(
    tmp_path: Path, steps: list[tuple[bool, int, bytes]]
) -> None:
    """Any order of puts and releases ends in what a write-once dictionary would hold."""
    store, model = PackStore(tmp_path), dict[int, bytes]()
    store.release_transfer(TRANSFER)
    for releases, number, data in steps:
        if releases:
            store.release(PackKey(TRANSFER, number))
            model.pop(number, None)
        elif model.get(number, data) != data:
            with pytest.raises(PackConflict):
                _put(store, number, data)
        else:
            assert _put(store, number, data) is (Stored.HELD if number in model else Stored.NEW)
            model[number] = data

    assert store.packs(TRANSFER) == [HeldPack(n, _digest(d), 1) for n, d in sorted(model.items())]
