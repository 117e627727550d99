"""A public key infrastructure for one test: a CA and leaves for 127.0.0.1, as files.

Made by the same functions as a hospital's, on the real clock: OpenSSL asks no other.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from passbox_base.certificates import Issued, Usage, issue, make_authority
from passbox_base.keys import save_private_file


@dataclass(frozen=True)
class Files:
    """A leaf and where its certificate and key were written."""

    issued: Issued
    certificate: Path
    key: Path


class Pki:
    """One CA in ``folder``; leaves are made on demand."""

    def __init__(self, folder: Path, name: str = "test") -> None:
        self._folder = folder
        self._name = name
        self.authority = make_authority(f"Passbox {name} CA", now=datetime.now(UTC))
        self.ca_file = folder / f"{name}-ca.pem"
        self.ca_file.write_bytes(self.authority.certificate_pem)

    @property
    def ca_pem(self) -> str:
        return self.authority.certificate_pem.decode()

    def server(self, name: str = "server", *, host: str = "127.0.0.1") -> Files:
        return self._leaf(name, Usage.SERVER, host)

    def client(self, name: str = "client") -> Files:
        return self._leaf(name, Usage.CLIENT)

    def _leaf(self, name: str, usage: Usage, *hosts: str) -> Files:
        now = datetime.now(UTC)
        issued = issue(self.authority, name, usage=usage, now=now, hosts=hosts)
        certificate = self._folder / f"{self._name}-{name}.pem"
        key = self._folder / f"{self._name}-{name}.key"
        certificate.write_bytes(issued.certificate_pem)
        save_private_file(key, issued.key_pem)
        return Files(issued, certificate, key)
