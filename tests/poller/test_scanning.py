"""A real clamd looks at files before they are handed over."""

from pathlib import Path

import pytest

from passbox_poller.checking import Checker, Instance
from passbox_poller.errors import FileRefused, NotNow, Refusal
from passbox_poller.scanning import Clamd
from passbox_poller.settings import ClamdScanner
from passbox_wire.digests import sha256
from passbox_wire.inventory import FileKind
from tests.builders.dicom import ct_slice
from tests.parts.clamd import INFECTED, MAX_STREAM, RunningClamd
from tests.parts.programs import free_port
from tests.poller.test_checking import InProcess


def scanned(path: Path, settings: ClamdScanner) -> None:
    """Scan a file."""
    Clamd(settings).scan(path)


@pytest.mark.parametrize("over_tcp", [False, True])
def test_a_finding_refuses_the_file(tmp_path: Path, clamd: RunningClamd, over_tcp: bool) -> None:
    """An honest slice is accepted, one with the signature in its pixels is not."""
    settings = ClamdScanner(port=clamd.port) if over_tcp else ClamdScanner(socket=clamd.socket)
    checker = Checker(InProcess(), tmp_path, scanner=Clamd(settings))
    path, honest = tmp_path / "file", ct_slice()
    path.write_bytes(honest)
    assert isinstance(checker.check(path, FileKind.INSTANCE, sha256(honest)), Instance)
    infected = honest[: -len(INFECTED)] + INFECTED
    path.write_bytes(infected)
    with pytest.raises(FileRefused) as refused:
        checker.check(path, FileKind.INSTANCE, sha256(infected))
    assert refused.value.refusal is Refusal.INFECTED


@pytest.mark.parametrize("believed", [MAX_STREAM, 1024 * MAX_STREAM])
def test_what_is_too_large_is_not_waved_through(
    tmp_path: Path, clamd: RunningClamd, believed: int
) -> None:
    """A file over the scanner's limit is refused, whether we know the limit or clamd tells it."""
    path = tmp_path / "file"
    path.write_bytes(bytes(4 * MAX_STREAM) + INFECTED)
    with pytest.raises(FileRefused) as refused:
        scanned(path, ClamdScanner(socket=clamd.socket, stream_bytes=believed))
    assert refused.value.refusal is Refusal.NOT_SCANNED


def test_a_scanner_that_is_away_refuses_nothing(tmp_path: Path) -> None:
    """Files wait for it, over either way."""
    path = tmp_path / "file"
    path.write_bytes(b"any")
    for settings in (ClamdScanner(port=free_port()), ClamdScanner(socket=tmp_path / "none")):
        with pytest.raises(NotNow):
            scanned(path, settings)
