"""packaging/sign_release.py and packaging/verify: what is signed is checked as a sender would."""

import datetime as dt
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.parts.programs import require

PACKAGING = Path(__file__).parents[2] / "packaging"
EXE = "passbox-client-1.2.3-windows-x86_64-one-file.exe"
ZIP = "passbox-client-1.2.3-windows-x86_64.zip"
TAR = "passbox-client-1.2.3-linux-x86_64.tar.gz"
PIN = "1234"
NOW = dt.datetime.now(dt.UTC)
CODE = ExtendedKeyUsageOID.CODE_SIGNING
DAY = dt.timedelta(days=1)
Words = list[str | Path]


def a_windows_program() -> bytes:
    """Return a real PE: the launcher that pip writes scripts with."""
    found = importlib.util.find_spec("pip._vendor.distlib")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).with_name("w64.exe").read_bytes()


def a_certificate(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: x509.Certificate | None,
    by: rsa.RSAPrivateKey,
    purpose: x509.ObjectIdentifier = CODE,
) -> x509.Certificate:
    """Return a CA's own certificate, or one for signing code or times issued by it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + (30 if purpose is CODE and issuer else 3000) * DAY)
        .add_extension(x509.BasicConstraints(issuer is None, None), critical=True)
    )
    if issuer is not None:
        # RFC 3161 wants the purpose of a time stamp's certificate critical and alone.
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return builder.sign(by, hashes.SHA256())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, a code signing key with its chain, and a release key."""
    folder = tmp_path_factory.mktemp("keys")
    root, own, clock = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    authority = a_certificate("Test CA", root, None, root)
    leaf = a_certificate("Klinikum Beispielstadt", own, authority, root)
    stamps = a_certificate("Clock", clock, authority, root, ExtendedKeyUsageOID.TIME_STAMPING)
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "ca.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    (folder / "code.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    (folder / "code.key").write_bytes(own.private_bytes(*form))
    (folder / "clock.pem").write_bytes(stamps.public_bytes(Encoding.PEM))
    (folder / "clock.key").write_bytes(clock.private_bytes(*form))
    (folder / "release.key").write_bytes(Ed25519PrivateKey.generate().private_bytes(*form))
    return folder


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    """A release for two systems, signed."""
    require("osslsigncode", package="osslsigncode")
    folder = tmp_path_factory.mktemp("signed")
    program = a_windows_program()
    (folder / EXE).write_bytes(program)
    with zipfile.ZipFile(folder / ZIP, "w") as archive:
        archive.writestr("Passbox/Passbox.exe", program)
        archive.writestr("Passbox/_internal/part.dll", program)
        archive.writestr("Passbox/LICENCES.txt", "words")
    (folder / TAR).write_bytes(b"a tarball")
    code = ("--authenticode-certs", keys / "code.pem", "--authenticode-key", keys / "code.key")
    sign(folder, keys / "release.key", *code)
    return folder


def sign(folder: Path, key: Path, *options: str | Path) -> None:
    """Sign the release in a folder."""
    program: Words = [sys.executable, PACKAGING / "sign_release.py", folder, "--key", key]
    subprocess.run([*program, *options], check=True)


def verify(folder: Path, *key_and_ca: Path) -> tuple[bool, str]:
    """Return whether the release is good, and what was said."""
    require("unzip", package="unzip")
    command: Words = [PACKAGING / "verify", folder, *key_and_ca]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture
def release(signed: Path, tmp_path: Path) -> Path:
    """A copy of the signed release, to be spoilt."""
    return shutil.copytree(signed, tmp_path / "release")


def test_a_signed_release_is_good(release: Path, keys: Path, signed: Path) -> None:
    """Sums, detached signatures and Authenticode of all four programs hold."""
    good, said = verify(release, signed / "release.pub", keys / "ca.pem")
    assert good, said
    assert "looked at 2 programs" in said


@pytest.mark.parametrize("name", [EXE, ZIP, TAR, "SHA256SUMS"])
def test_a_flipped_byte_is_found(release: Path, keys: Path, signed: Path, name: str) -> None:
    """One changed byte in any package or in the sums makes the release bad."""
    data = bytearray((release / name).read_bytes())
    data[len(data) // 2] ^= 1
    (release / name).write_bytes(data)
    good, said = verify(release, signed / "release.pub", keys / "ca.pem")
    assert not good
    assert "NO" in said


@pytest.mark.parametrize("name", [f"{EXE}.sig", f"{TAR}.sig", "SHA256SUMS.sig"])
def test_a_missing_signature_is_found(release: Path, keys: Path, signed: Path, name: str) -> None:
    """A package or list without its signature makes the release bad, and the file is named."""
    (release / name).unlink()
    good, said = verify(release, signed / "release.pub", keys / "ca.pem")
    assert not good
    assert f"{name} is missing" in said


def test_a_swapped_package_is_found(release: Path, keys: Path, signed: Path) -> None:
    """A genuine package under another one's name, signature and all, is not that package."""
    for ending in ("", ".sig"):
        shutil.copyfile(release / f"{ZIP}{ending}", release / f"{TAR}{ending}")
    good, said = verify(release, signed / "release.pub", keys / "ca.pem")
    assert not good
    assert f"NO   {TAR} is among the sums" in said


def test_one_package_can_be_checked_alone(release: Path, keys: Path, signed: Path) -> None:
    """Who downloaded the package for one system checks it without the others; none is bad."""
    for path in release.glob("*-windows-*"):
        path.unlink()
    good, said = verify(release, signed / "release.pub", keys / "ca.pem")
    assert good, said
    for path in release.glob("*-linux-*"):
        path.unlink()
    assert not verify(release, signed / "release.pub", keys / "ca.pem")[0]


def test_a_key_from_the_same_folder_is_told(release: Path, signed: Path, tmp_path: Path) -> None:
    """Without a key from elsewhere the folder's own is taken, and said to prove little."""
    assert "could have forged it too" in verify(release)[1]
    good, said = verify(tmp_path / "nowhere", signed / "release.pub")
    assert not good
    assert "usage" in said


@pytest.fixture
def token(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A token (SoftHSM) that holds the code signing key, and its module."""
    tool = str(require("softhsm2-util", package="softhsm2"))
    (tmp_path / "tokens").mkdir()
    settings = tmp_path / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(settings))  # the module reads it, in osslsigncode
    words = ("--token", "passbox", "--pin", PIN)
    label = ("--init-token", "--free", "--label", "passbox", "--so-pin", PIN, "--pin", PIN)
    put_in = ("--import", str(keys / "code.key"), "--label", "code", "--id", "a1", *words)
    for command in (label, put_in):
        subprocess.run([tool, *command], check=True, capture_output=True)
    return Path("/usr/lib/softhsm/libsofthsm2.so")


def test_a_key_in_a_token_signs_with_a_time(
    token: Path, keys: Path, signed: Path, tmp_path: Path
) -> None:
    """A key that never leaves its token signs too; with a time stamp it holds after a year."""
    if not list(Path("/usr/lib").glob("*/engines-3/pkcs11.so")):
        pytest.skip("needs libengine-pkcs11-openssl")
    release = tmp_path / "release"
    release.mkdir()
    (release / EXE).write_bytes(a_windows_program())
    (tmp_path / "pin").write_text(PIN)
    sign(
        release, keys / "release.key", "--authenticode-certs", keys / "code.pem",
        "--authenticode-key", "pkcs11:token=passbox;object=code;type=private",
        "--pkcs11-module", token, "--pin-file", tmp_path / "pin",
        "--timestamp-authority", keys / "clock.pem", keys / "clock.key",
    )  # fmt: skip
    good, said = verify(release, release / "release.pub", keys / "ca.pem")
    assert good, said
    assert holds_in_a_year(release / EXE, keys / "ca.pem")
    assert not holds_in_a_year(signed / EXE, keys / "ca.pem")


def holds_in_a_year(program: Path, authority: Path) -> bool:
    """Tell whether a program's signature holds when the certificate of its key has long ended."""
    then = str(int((NOW + 365 * DAY).timestamp()))
    words: Words = ["osslsigncode", "verify", "-CAfile", authority, "-TSA-CAfile", authority]
    words += ["-ignore-crl", "-time", then, "-in", program]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


MAC_TOOL = """#!/bin/sh
# Says what a Mac's tools are asked to do; an image is a tar file here.
echo "$(basename "$0") $*" >>"$MAC_LOG"
case "$(basename "$0") $1" in
"hdiutil attach") mkdir "$4" && tar xf "$5" -C "$4" ;;
"hdiutil create") tar cf "$9" -C "$5" . ;;
esac
"""


def test_a_mac_is_asked_in_the_right_order(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inner parts are signed before the app, the app before its image; that is then notarised."""
    tools, release = tmp_path / "tools", tmp_path / "release"
    app = tmp_path / "made/Passbox.app/Contents"
    for folder in (tools, release, app / "Frameworks/PySide6/Qt/lib/QtCore.framework/Versions"):
        folder.mkdir(parents=True)
    for name in ("hdiutil", "codesign", "xcrun"):
        (tools / name).write_text(MAC_TOOL)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")  # a child's, in place of a Mac
    monkeypatch.setenv("MAC_LOG", str(tmp_path / "log"))
    for part in ("Frameworks/PySide6/QtCore.abi3.so", "Frameworks/libssl.dylib"):
        (app / part).touch()
    (tmp_path / "made/LICENCES.txt").touch()
    image = release / "passbox-client-1.2.3-macos-arm64.dmg"
    subprocess.run(["tar", "cf", image, "-C", tmp_path / "made", "."], check=True)
    sign(release, keys / "release.key", "--codesign-identity", "Us", "--notary-profile", "Ours")
    said = (tmp_path / "log").read_text().splitlines()
    signed = [Path(line.split()[-1]).name for line in said if "--sign" in line]
    parts = ["QtCore.framework", "QtCore.abi3.so", "libssl.dylib", "Passbox.app"]
    assert signed == [*parts, image.name]
    assert [" ".join(line.split()[:2]) for line in said if "--sign" not in line] == [
        "hdiutil attach", "hdiutil detach", "codesign --verify", "hdiutil create",
        "xcrun notarytool", "xcrun stapler",
    ]  # fmt: skip
    assert "--entitlements" in next(line for line in said if line.endswith("Passbox.app"))
    inside = subprocess.run(["tar", "tf", image], capture_output=True, text=True, check=True).stdout
    assert "./LICENCES.txt" in inside.splitlines()


def test_authenticode_alone_finds_a_flipped_byte(signed: Path, keys: Path, tmp_path: Path) -> None:
    """The signature inside a program holds, and no longer once one byte of it was changed."""
    authority = str(keys / "ca.pem")
    verifying = ["osslsigncode", "verify", "-CAfile", authority, "-ignore-crl", "-in"]
    program = tmp_path / "program.exe"
    shutil.copyfile(signed / EXE, program)
    assert subprocess.run([*verifying, program], capture_output=True, check=False).returncode == 0
    data = bytearray(program.read_bytes())
    data[len(data) // 3] ^= 1
    program.write_bytes(data)
    assert subprocess.run([*verifying, program], capture_output=True, check=False).returncode == 1


def test_another_publisher_is_not_ours(release: Path, keys: Path, signed: Path) -> None:
    """Programs that were signed under another CA than the expected one are refused."""
    other = rsa.generate_private_key(65537, 2048)
    stranger = keys / "stranger.pem"
    stranger.write_bytes(a_certificate("Other", other, None, other).public_bytes(Encoding.PEM))
    good, said = verify(release, signed / "release.pub", stranger)
    assert not good
    assert f"NO   {EXE}: Authenticode" in said


def test_a_doctored_release_with_its_own_key_is_found(release: Path, keys: Path) -> None:
    """Who replaces packages, sums, signatures and key is found by the key the hospital gave."""
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    forged = release.parent / "forged.key"
    forged.write_bytes(Ed25519PrivateKey.generate().private_bytes(*form))
    genuine = release.parent / "genuine.pub"
    shutil.copyfile(release / "release.pub", genuine)
    (release / TAR).write_bytes(b"doctored")
    sign(release, forged)
    digest = hashlib.sha256(b"doctored").hexdigest()
    assert digest in (release / "SHA256SUMS").read_text()
    assert verify(release, release / "release.pub", keys / "ca.pem")[0]
    assert not verify(release, genuine, keys / "ca.pem")[0]


def test_an_unsigned_program_in_the_zip_is_found(release: Path, keys: Path, signed: Path) -> None:
    """A library that somebody left unsigned in the ZIP makes the release bad, and is named."""
    with zipfile.ZipFile(release / ZIP, "a") as archive:
        archive.writestr("Passbox/_internal/more.dll", a_windows_program())
    sign(release, keys / "release.key")
    good, said = verify(release, signed / "release.pub", keys / "ca.pem")
    assert not good
    assert "more.dll: Authenticode" in said
