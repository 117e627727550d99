import hashlib
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passbox_base.certificates import Usage, issue, make_authority, make_key, spki_sha256

NOW = datetime.now(UTC)


def test_openssl_accepts_our_leaves_strictly(tmp_path: Path) -> None:
    """A second implementation's strictest check (RFC 5280) is content with CA and leaf."""
    authority = make_authority("CA", now=NOW)
    leaf = issue(authority, "leaf", usage=Usage.SERVER, now=NOW, hosts=["127.0.0.1", "a.example"])
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)
    (tmp_path / "leaf.pem").write_bytes(leaf.certificate_pem)

    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_ip"]
    command += ["127.0.0.1", "-CAfile", "ca.pem", "leaf.pem"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert (result.returncode, result.stdout) == (0, "leaf.pem: OK\n"), result.stderr


def test_pin_is_what_openssl_computes(tmp_path: Path) -> None:
    """The pin is SHA-256 of the SubjectPublicKeyInfo, as anybody can compute it (RFC 7469)."""
    authority = make_authority("CA", now=NOW)
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)

    pem = _openssl(["x509", "-in", tmp_path / "ca.pem", "-pubkey", "-noout"])
    der = _openssl(["pkey", "-pubin", "-outform", "DER"], pem)
    assert authority.spki_sha256 == hashlib.sha256(der).digest()


def test_a_backup_key_has_its_pin_before_its_certificate() -> None:
    """The pin of an offline key is the pin of the certificate that is issued for it years later."""
    key = make_key()
    later = issue(
        make_authority("CA", now=NOW),
        "leaf",
        usage=Usage.SERVER,
        now=NOW + timedelta(days=700),
        hosts=["a.example"],
        key=key,
    )

    assert later.spki_sha256 == spki_sha256(key.public_key())


def test_a_server_has_a_name() -> None:
    """A server's certificate without a host would match nothing and is not made."""
    with pytest.raises(ValueError, match="hosts"):
        issue(make_authority("CA", now=NOW), "leaf", usage=Usage.SERVER, now=NOW)


def _openssl(arguments: list[str | Path], given: bytes = b"") -> bytes:
    command = ["openssl", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout
