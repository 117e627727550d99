"""Certificates of our own: two small CAs, their leaves, and the hash by which a key is pinned.

Why here: init, the demo and the tests make the same certificates the same way, so what the tests
prove holds for what a hospital runs.

The rule: ECDSA P-256 with SHA-256; key identifiers, key usage and path length always there, so
that VERIFY_X509_STRICT (RFC 5280 as OpenSSL enforces it) is content; a leaf is for a server or
for a client, never both. Time is handed in.

It does not revoke: own certificates are replaced, not listed. It does not keep keys: keys.py
does.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFETIME: Final = timedelta(days=3650)
LEAF_LIFETIME: Final = timedelta(days=825)
_CLOCK_SKEW: Final = timedelta(minutes=5)


class Usage(Enum):
    """What a leaf is for."""

    SERVER = ExtendedKeyUsageOID.SERVER_AUTH
    CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key, unencrypted PKCS #8 in PEM. Secret."""
        return key_to_pem(self.key)

    @property
    def spki_sha256(self) -> bytes:
        """The pin of this key."""
        return spki_sha256(self.certificate)


def make_key() -> ec.EllipticCurvePrivateKey:
    """Return a new P-256 key, for a leaf or as the offline backup behind the second pin."""
    return ec.generate_private_key(ec.SECP256R1())


def key_to_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a key as unencrypted PKCS #8 in PEM. Secret."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def spki_sha256(holder: x509.Certificate | CertificatePublicKeyTypes) -> bytes:
    """Return the pin (RFC 7469) of a certificate or public key: 32 bytes, SHA-256 of its SPKI."""
    key = holder.public_key() if isinstance(holder, x509.Certificate) else holder
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).digest()


def make_authority(name: str, *, now: datetime, lifetime: timedelta = AUTHORITY_LIFETIME) -> Issued:
    """Return a new root that may sign leaves, and nothing below them."""
    key = make_key()
    builder = _builder(name, now, lifetime, key)
    builder = (
        builder.issuer_name(_common_name(name))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(_authority_identifier(key), critical=False)
    )
    return Issued(builder.sign(key, hashes.SHA256()), key)


def issue(
    authority: Issued,
    name: str,
    *,
    usage: Usage,
    now: datetime,
    hosts: Sequence[str] = (),
    lifetime: timedelta = LEAF_LIFETIME,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Issued:
    """Return a leaf for ``hosts``: DNS names or addresses.

    ``key``: a backup key that is taken out of the safe, else a new one is made. A server needs at
    least one host: names are matched in the subject alternative name only.
    """
    if usage is Usage.SERVER and not hosts:
        raise ValueError("a server's certificate names its hosts")
    key = key or make_key()
    builder = _builder(name, now, lifetime, key)
    builder = (
        builder.issuer_name(authority.certificate.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage.value]), critical=False)
        .add_extension(_authority_identifier(authority.key), critical=False)
    )
    if hosts:
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    return Issued(builder.sign(authority.key, hashes.SHA256()), key)


def _builder(
    name: str, now: datetime, lifetime: timedelta, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(_common_name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(identifier, critical=False)
    )


def _authority_identifier(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
