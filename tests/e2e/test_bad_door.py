"""A hospital that is not what its address card says, and a card that is not what it should be."""

import dataclasses
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_base.keys import load_signing_key
from passbox_wire import canonical, signing
from passbox_wire.digests import sha256
from passbox_wire.profile import MAGIC, Profile, sign_profile
from passbox_wire.sealing import SEED_BYTES, SealingPrivateKey
from tests.e2e.awaiting import eventually
from tests.e2e.command import Said, send, sending
from tests.e2e.hospital import Hospital
from tests.parts.programs import require

STORE_BYTES = 24_000_000


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A hospital to which the sender's line can be held."""
    with Hospital(tmp_path_factory.mktemp("door"), with_lines=True) as hospital:
        yield hospital.start("receiver", "viewer", "poller")


def card(hospital: Hospital, path: Path, **changes: object) -> Path:
    """Write the hospital's card with changes, signed by the hospital's own key."""
    profile = dataclasses.replace(hospital.profile.profile, **changes)  # type: ignore[arg-type]  # fields by name
    path.write_bytes(sign_profile(profile, signing_key(hospital)))
    return path


def signing_key(hospital: Hospital) -> Ed25519PrivateKey:
    """Return the key the hospital keeps offline."""
    return load_signing_key(hospital.rooms.offline / "profile-signing.key")


def signed_by_force(profile: Profile, key: Ed25519PrivateKey) -> bytes:
    """Return a card as a faulty tool would sign it: ours refuses to."""
    body = canonical.encode(profile.to_json())
    signature = signing.sign(key, signing.profile_statement(body))
    head = f"{key.public_key().public_bytes_raw().hex()} {signature.hex()}".encode()
    return b"\n".join([MAGIC, head, body])


def assert_nothing_came(hospital: Hospital, before: int) -> None:
    """Check that the receiver knows no more transfers than before."""
    assert len(hospital.transfers()) == before


def test_an_expired_card_is_refused(hospital: Hospital, tmp_path: Path, small: Path) -> None:
    """An expired profile is refused with a sentence and exit code 6, before anything is sent."""
    before = len(hospital.transfers())
    said = send(hospital, small, profile=card(hospital, tmp_path / "old.passbox", expires=1000))
    assert said.code == 6
    assert "has expired" in said.sentences
    assert_nothing_came(hospital, before)


def test_an_altered_card_is_refused(hospital: Hospital, tmp_path: Path, small: Path) -> None:
    """A profile altered after it was signed is refused with a sentence and exit code 6."""
    before = len(hospital.transfers())
    altered = tmp_path / "altered.passbox"
    altered.write_bytes(hospital.rooms.profile.read_bytes().replace(b"127.0.0.1", b"127.0.0.2"))
    said = send(hospital, small, profile=altered)
    assert said.code == 6
    assert "changed after the hospital signed it" in said.sentences
    assert_nothing_came(hospital, before)


def test_a_card_with_one_pin_is_refused(hospital: Hospital, tmp_path: Path, small: Path) -> None:
    """A profile with one pin, validly signed, is refused with a sentence and exit code 6."""
    before = len(hospital.transfers())
    profile = hospital.profile.profile
    one = tmp_path / "one.passbox"
    lonely = dataclasses.replace(profile, pins=profile.pins[:1])
    one.write_bytes(signed_by_force(lonely, signing_key(hospital)))
    said = send(hospital, small, profile=one)
    assert said.code == 6
    assert "fewer than two keys" in said.sentences
    assert_nothing_came(hospital, before)


def test_what_is_no_card_is_refused(hospital: Hospital, tmp_path: Path, small: Path) -> None:
    """A missing profile and a file that is none are refused with a sentence and exit code 6."""
    none = tmp_path / "none.passbox"
    none.write_bytes(b"hello")
    for path, words in (
        (none, "not a signed address file"),
        (tmp_path / "nothing.passbox", "cannot be opened"),
    ):
        said = send(hospital, small, profile=path)
        assert said.code == 6
        assert words in said.sentences


def test_a_wrong_pin_gets_no_byte(hospital: Hospital, tmp_path: Path, small: Path) -> None:
    """A server whose key is not pinned gets nothing: a sentence and exit code 4."""
    before = len(hospital.transfers())
    other = card(hospital, tmp_path / "other.passbox", pins=(bytes(32), bytes([1]) * 32))
    said = send(hospital, small, profile=other)
    assert said.code == 4
    assert "does not have the hospital's key. Nothing was sent." in said.sentences
    assert_nothing_came(hospital, before)


def test_nobody_at_the_address_is_said_so(hospital: Hospital, tmp_path: Path, small: Path) -> None:
    """A server that cannot be reached is told with a sentence and exit code 4."""
    away = card(hospital, tmp_path / "away.passbox", url="https://127.0.0.1:9")
    said = send(hospital, small, profile=away)
    assert said.code == 4
    assert "cannot be reached" in said.sentences


def test_a_wrong_sealing_key_is_refused_inside(
    hospital: Hospital, tmp_path: Path, small: Path
) -> None:
    """A transfer sealed to a key the hospital does not hold is told so, exit code 5."""
    (destination,) = hospital.profile.profile.destinations
    stranger = SealingPrivateKey(os.urandom(SEED_BYTES)).public_key
    wrong = dataclasses.replace(destination, sealing_keys=(stranger,))
    said = send(
        hospital, small, profile=card(hospital, tmp_path / "w.passbox", destinations=(wrong,))
    )
    assert_refused(hospital, said, "has refused this transfer")
    assert hospital.transfer(said.json["transfer"])["stop_reason"] == "wrong sealing key"


def test_a_forged_pack_is_refused_inside(hospital: Hospital, tmp_path: Path, small: Path) -> None:
    """A pack that the DMZ exchanged for another is refused inside with a sentence, exit code 5."""
    hospital.stop("poller")
    before = len(hospital.transfers())
    with sending(hospital, small, state=tmp_path) as client:
        forge(hospital, client.await_closed(hospital, before))
        hospital.start("poller")
        said = client.said()

    # Whoever looks first: the inside opens it, the client asks whether what it sent is held.
    assert_refused(hospital, said, "has refused this transfer", "has not got what was sent")


def assert_refused(hospital: Hospital, said: Said, *words: str) -> None:
    """Check that the inside stopped it, the sender was told so, and nothing came in."""
    transfer = said.json["transfer"]
    assert said.code == 5, said.sentences
    assert any(word in said.sentences for word in words), said.sentences
    eventually(lambda: hospital.transfer(transfer)["state"] == "stopped", "the inside's refusal")
    assert not hospital.stored(transfer)


def forge(hospital: Hospital, transfer: str) -> None:
    """Be a DMZ in bad hands: exchange a byte of a held pack, and the ledger's word for it."""
    folder = hospital.rooms.dmz / "store" / "packs" / "transfers" / transfer[:2] / transfer
    (evidence,) = (path for path in folder.glob("0000000000.*") if path.suffix != ".pack")
    forged = bytearray(evidence.read_bytes())
    forged[-1] ^= 1
    digest = sha256(bytes(forged))
    evidence.unlink()
    for name in (f"0000000000.{digest.hex()}", "0000000000.pack"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_bytes(forged)
    with sqlite3.connect(hospital.rooms.dmz / "store" / "ledger.sqlite3") as ledger:
        ledger.execute(
            "UPDATE packs SET sha256 = ? WHERE transfer = ? AND number = 0", (digest, transfer)
        )
    ledger.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB of its own, as root may mount one."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small disk for the receiver")
    folder = tmp_path / "small disk"
    folder.mkdir()
    mount, umount = require("mount", "mount"), require("umount", "mount")
    options = ["-t", "tmpfs", "-o", f"size={STORE_BYTES}", "tmpfs"]
    subprocess.run([mount, *options, folder], check=True)
    yield folder
    subprocess.run([umount, "--lazy", folder], check=True)


def test_a_full_disk_in_the_dmz_loses_nothing_accepted(
    tmp_path: Path, small_disk: Path, ct: Path, small: Path
) -> None:
    """A DMZ disk that fills up refuses in words, exit code 5; what was accepted is delivered.

    With room again the same transfer goes on, and what it had already given is not lost.
    """
    settings = {"receiver": f'[store]\nreserve_bytes = 1000000\nfolder = "{small_disk}"\n'}
    with Hospital(tmp_path / "hospital", settings, with_lines=True) as hospital:
        hospital.start("receiver", "viewer")
        with sending(hospital, small, state=tmp_path / "first") as first:
            first.await_closed(hospital, 0)
            hospital.lines.to_receiver.hold_after(1_000_000)
            with sending(hospital, ct, state=tmp_path / "second") as second:
                hospital.lines.to_receiver.await_held()
                ballast = fill(small_disk)
                hospital.lines.to_receiver.release()
                full = second.said()
            ballast.unlink()
            hospital.start("poller")
            assert first.said().code == 0
        again = send(hospital, ct, "--resume", state=tmp_path / "second")

        assert full.code == 5, full.sentences
        assert "no space left" in full.sentences
        assert again.code == 0, again.sentences
        assert again.json["transfer"] == full.json["transfer"]
        assert len(hospital.stored(again.json["transfer"])) == len(list(ct.rglob("IM*")))


def fill(folder: Path) -> Path:
    """Fill a disk to its last byte; return the file to remove."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        try:
            while True:
                file.write(bytes(65536))
                file.flush()
        except OSError:
            return ballast
