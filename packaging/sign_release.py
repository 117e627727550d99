"""Signs a release that build_client.py made; run by the person who holds the keys.

What is for Windows gets Authenticode signatures by osslsigncode (file key or PKCS#11), every
program and library in the ZIP; what is for macOS is signed inside out, notarised and stapled, on a
Mac; every package gets a detached Ed25519 signature that plain openssl can check. Sums come last.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from build_client import write_sums
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

_PE = b"MZ"
_SIGNED_ALONE = {".so", ".dylib", ".framework"}
ENTITLEMENTS = Path(__file__).with_name("macos-entitlements.plist")


@dataclass(frozen=True, slots=True)
class Authenticode:
    """How osslsigncode is called: certificate chain, key and time stamp."""

    certificates: Path
    key: str
    pkcs11_module: Path | None
    pin_file: Path | None
    timestamp_url: str | None
    timestamp_authority: tuple[Path, Path] | None

    def sign(self, program: Path) -> None:
        """Sign one PE file in place; raises CalledProcessError."""
        signed = program.with_name(f"{program.name}.signed")
        command = [_tool("osslsigncode"), "sign", "-certs", str(self.certificates)]
        if self.pkcs11_module:
            command += ["-pkcs11module", str(self.pkcs11_module)]
        if self.pin_file:  # not as a word of the command: every user of a machine can read those
            command += ["-readpass", str(self.pin_file)]
        command += ["-key", self.key, "-h", "sha256", "-n", "Passbox"]
        if self.timestamp_url:
            command += ["-ts", self.timestamp_url]
        if self.timestamp_authority:
            certificates, key = map(str, self.timestamp_authority)
            command += ["-TSA-certs", certificates, "-TSA-key", key]
        command += ["-in", str(program), "-out", str(signed)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        shutil.copymode(program, signed)
        signed.replace(program)


def main() -> None:
    """Sign what is in the folder."""
    options = _parser().parse_args()
    if bool(options.authenticode_certs) != bool(options.authenticode_key):
        raise SystemExit("sign_release: --authenticode-certs and --authenticode-key go together")
    key = load_pem_private_key(options.key.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SystemExit("sign_release: the release key is not Ed25519")
    if options.authenticode_certs:
        authority = options.timestamp_authority
        authenticode = Authenticode(
            options.authenticode_certs,
            options.authenticode_key,
            options.pkcs11_module,
            options.pin_file,
            options.timestamp_url,
            (authority[0], authority[1]) if authority else None,
        )
        _sign_windows(options.folder, authenticode)
    if options.codesign_identity:
        _sign_macos(options.folder, options.codesign_identity, options.notary_profile)
    _sign_detached(options.folder, key)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sign_release", description=__doc__)
    parser.add_argument("folder", type=Path, help="what `make client` made")
    parser.add_argument("--key", type=Path, required=True, help="Ed25519, PEM; kept offline")
    parser.add_argument("--authenticode-certs", type=Path, help="chain, PEM, own first")
    parser.add_argument("--authenticode-key", help="PEM file, or pkcs11: URI")
    parser.add_argument("--pkcs11-module", type=Path, help="the token's library")
    parser.add_argument(
        "--pin-file", type=Path, help="holds the token's PIN, or the key's password"
    )
    parser.add_argument("--timestamp-url", help="RFC 3161 service")
    parser.add_argument(
        "--timestamp-authority", type=Path, nargs=2, metavar=("CERTS", "KEY"), help="one's own"
    )
    parser.add_argument("--codesign-identity", help="Developer ID Application: …")
    parser.add_argument("--notary-profile", help="of `notarytool store-credentials`")
    return parser


def _sign_windows(folder: Path, authenticode: Authenticode) -> None:
    for program in folder.glob("passbox-client-*-windows-*.exe"):
        authenticode.sign(program)
    for package in folder.glob("passbox-client-*-windows-*.zip"):
        with tempfile.TemporaryDirectory() as work:
            with zipfile.ZipFile(package) as archive:
                archive.extractall(work)
            for program in sorted(_programs(Path(work))):
                authenticode.sign(program)
            made = shutil.make_archive(str(Path(work).with_suffix(".new")), "zip", work)
            shutil.move(made, package)


def _programs(folder: Path) -> Iterator[Path]:
    """Yield what Windows would run: by content, not by suffix."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                if file.read(len(_PE)) == _PE:
                    yield path


def _sign_macos(folder: Path, identity: str, notary_profile: str | None) -> None:
    """Sign inside out with the hardened runtime, notarise, staple. Only on a Mac."""
    for image in folder.glob("passbox-client-*-macos-*.dmg"):
        with tempfile.TemporaryDirectory() as work:
            mount, own = Path(work, "mount"), Path(work, "own")
            _run("hdiutil", "attach", "-readonly", "-mountpoint", str(mount), str(image))
            shutil.copytree(mount, own, symlinks=True)
            _run("hdiutil", "detach", str(mount))
            app = next(own.glob("*.app"))
            for path in (*_inside_out(app), app):
                _codesign(path, identity, ENTITLEMENTS if path == app else None)
            _run("codesign", "--verify", "--deep", "--strict", str(app))
            target = ["-srcfolder", str(own), "-format", "UDZO", "-ov", str(image)]
            _run("hdiutil", "create", "-volname", app.stem, *target)
        _codesign(image, identity)
        if notary_profile:
            profile = ["--keychain-profile", notary_profile, "--wait"]
            _run("xcrun", "notarytool", "submit", str(image), *profile)
            _run("xcrun", "stapler", "staple", str(image))


def _inside_out(app: Path) -> list[Path]:
    """Return libraries and frameworks, the deepest first: a signature covers what is inside."""
    found = [p for p in app.rglob("*") if p.suffix in _SIGNED_ALONE and not p.is_symlink()]
    return sorted(found, key=lambda path: (-len(path.parts), path))


def _codesign(path: Path, identity: str, entitlements: Path | None = None) -> None:
    allowed = ["--entitlements", str(entitlements)] if entitlements else []
    runtime = ["--force", "--timestamp", "--options", "runtime", *allowed]
    _run("codesign", *runtime, "--sign", identity, str(path))


def _sign_detached(folder: Path, key: Ed25519PrivateKey) -> None:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "release.pub").write_bytes(public)
    write_sums(folder)
    signed = [folder / "SHA256SUMS"]
    signed += [path for path in folder.glob("passbox-client-*") if path.suffix in _PACKAGES]
    for path in signed:
        signature = key.sign(path.read_bytes())
        path.with_name(f"{path.name}.sig").write_bytes(signature)
        sys.stdout.write(f"{path.name}.sig\n")


_PACKAGES = {".gz", ".zip", ".exe", ".bin", ".dmg"}


def _run(program: str, *arguments: str) -> None:
    subprocess.run([_tool(program), *arguments], check=True)


def _tool(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", os.defpath))
    if found is None:
        raise SystemExit(f"sign_release: needs {name}")
    return found


if __name__ == "__main__":
    main()
