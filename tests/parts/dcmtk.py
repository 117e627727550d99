"""A second DICOM implementation: dcmtk's PACS, worklist and reader.

storescp takes what comes and writes the received data set bytes as they are; it cannot be asked.
dcmqrscp is a small archive: C-STORE, C-FIND, C-MOVE, C-GET. wlmscpfs is a modality worklist.

None of them can be told to listen on loopback only, and in a network namespace of their own nobody
in the test's process could call them, nor they call back: so they listen everywhere, for a test.
"""

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from tests.parts.programs import LOOPBACK, free_port, require, running

PACKAGE = "dcmtk"
TOOL_DEADLINE = 60.0  # seconds for a command-line tool
MODALITY_WORKLIST = "1.2.840.10008.5.1.4.31"


@dataclass(frozen=True, slots=True)
class Scp:
    """A running dcmtk service class provider and the folder it stores into."""

    ae_title: str
    port: int
    folder: Path
    host: str = LOOPBACK
    process: "subprocess.Popen[bytes] | None" = None

    def files(self) -> list[Path]:
        """Return the stored instances, sorted; the archive's own index is not one."""
        return sorted(p for p in self.folder.iterdir() if p.is_file() and p.name != "index.dat")


@contextlib.contextmanager
def running_storescp(folder: Path, ae_title: str = "STORESCP") -> Iterator[Scp]:
    """Run storescp until the block ends: all transfer syntaxes, several associations at once."""
    program = require("storescp", PACKAGE)
    scp = Scp(ae_title, free_port(), folder / "stored")
    scp.folder.mkdir()
    options = ["--fork", "--accept-all", "--bit-preserving", "--aetitle", ae_title]
    command: list[str | Path] = [program, *options, "--output-directory", scp.folder, str(scp.port)]
    with running(command, scp.port, folder / "storescp.log"):
        yield scp


_DCMQRSCP_SETTINGS = """\
NetworkTCPPort = {port}
MaxPDUSize = 131072
MaxAssociations = 16
HostTable BEGIN
passbox = (PASSBOX, {host}, {passbox_port})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
{ae_title} {folder} RW (200, 1024mb) ANY
AETable END
"""


@contextlib.contextmanager
def running_dcmqrscp(
    folder: Path,
    ae_title: str = "DCMQRSCP",
    *,
    passbox_port: int | None = None,
    options: Sequence[str] = (),
) -> Iterator[Scp]:
    """Run a dcmqrscp archive until the block ends; C-MOVE knows only PASSBOX, at ``passbox_port``.

    It is empty unless one ran in this folder before.
    """
    program = require("dcmqrscp", PACKAGE)
    scp = Scp(ae_title, free_port(), folder / "archive")
    scp.folder.mkdir(exist_ok=True)
    settings = folder / "dcmqrscp.cfg"
    settings.write_text(
        _DCMQRSCP_SETTINGS.format(
            port=scp.port,
            host=LOOPBACK,
            passbox_port=passbox_port or free_port(),
            ae_title=ae_title,
            folder=scp.folder,
        )
    )
    command: list[str | Path] = [program, *options, "--config", settings]
    with running(command, scp.port, folder / "dcmqrscp.log") as process:
        yield replace(scp, process=process)


@contextlib.contextmanager
def running_wlmscpfs(
    folder: Path, orders: Sequence[Dataset], ae_title: str = "WORKLIST"
) -> Iterator[Scp]:
    """Run a modality worklist that knows these scheduled procedure steps until the block ends."""
    program = require("wlmscpfs", PACKAGE)
    worklist = folder / "worklists" / ae_title
    worklist.mkdir(parents=True)
    (worklist / "lockfile").touch()
    for number, order in enumerate(orders):
        order.file_meta = FileMetaDataset()
        order.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        order.file_meta.MediaStorageSOPClassUID = UID(MODALITY_WORKLIST)
        order.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        order.save_as(worklist / f"{number}.wl", enforce_file_format=True)
    scp = Scp(ae_title, free_port(), worklist)
    command: list[str | Path] = [
        program, "--keep-char-set", "--data-files-path", worklist.parent, str(scp.port),
    ]  # fmt: skip
    with running(command, scp.port, folder / "wlmscpfs.log"):
        yield scp


def dcmdump(file: Path) -> str:
    """Return dcmtk's reading of a DICOM file.

    Raises:
        subprocess.CalledProcessError: dcmtk cannot read it.
    """
    return _tool("dcmdump", ["--quiet", "--load-short", str(file)])


def dcmsend(files: Sequence[Path], scp: Scp, calling: str = "PASSBOX") -> None:
    """Store ``files`` at ``scp`` in one association.

    Raises:
        subprocess.CalledProcessError: not all of them were taken.
    """
    titles = ["--aetitle", calling, "--call", scp.ae_title]
    _tool("dcmsend", [*titles, scp.host, str(scp.port), *map(str, files)])


def _tool(name: str, arguments: Sequence[str]) -> str:
    command: list[str | Path] = [require(name, PACKAGE), *arguments]
    finished = subprocess.run(
        command, check=True, capture_output=True, timeout=TOOL_DEADLINE, stdin=subprocess.DEVNULL
    )
    return finished.stdout.decode(errors="replace")


@pytest.fixture
def storescp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scp]:
    """An empty storescp of this test's own; skips where dcmtk is missing."""
    with running_storescp(tmp_path_factory.mktemp("storescp")) as part:
        yield part


@pytest.fixture
def dcmqrscp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scp]:
    """An empty dcmqrscp of this test's own; skips where dcmtk is missing."""
    with running_dcmqrscp(tmp_path_factory.mktemp("dcmqrscp")) as part:
        yield part
