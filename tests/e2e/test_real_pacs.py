"""Real PACS at the end of the way: Debian's Orthanc and dcmtk, asked and read back."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file

from passbox.demo.phantom import write_phantom
from passbox.demo.readback import PacsAddress, differences, equal_elements, instances_held
from tests.e2e.command import passbox
from tests.parts.dcmtk import Scp, dcmdump
from tests.parts.orthanc import Orthanc

pytestmark = pytest.mark.parts

SLICES = 4


UNCOMPRESSED = ("CT_small.dcm",)
COMPRESSED = ("MR_small_jpeg_ls_lossless.dcm", "JPEG2000.dcm", "SC_rgb_rle.dcm")


def a_disc(folder: Path, *names: str) -> Path:
    """Make a disc with a CT series beside images that pydicom ships."""
    write_phantom(folder / "CT", slices=SLICES)
    for name in names:
        shutil.copyfile(str(get_testdata_file(name)), folder / name.upper())
    return folder


def originals(disc: Path) -> dict[str, Path]:
    """Return the disc's files by SOP Instance UID."""
    files = [path for path in disc.rglob("*") if path.is_file()]
    read = [pydicom.dcmread(path, stop_before_pixels=True) for path in files]
    return {str(found.SOPInstanceUID): path for found, path in zip(read, files, strict=True)}


def forward(disc: Path, pacs: PacsAddress, figures: Path) -> dict[str, Any]:
    """Run the demo with this PACS in place of its own; return its figures."""
    address = f"{pacs.host}:{pacs.port}:{pacs.ae_title}"
    said = passbox("demo", "--once", "--media", disc, "--pacs", address, "--json", figures)
    assert said.code == 0, said.printed + said.sentences
    document: dict[str, Any] = json.loads(figures.read_bytes())
    return document


def studies(paths: dict[str, Path]) -> set[str]:
    """Return the Study Instance UIDs of files."""
    return {
        str(pydicom.dcmread(path, stop_before_pixels=True).StudyInstanceUID)
        for path in paths.values()
    }


def test_orthanc_has_every_image_and_gives_it_back(orthanc: Orthanc, tmp_path: Path) -> None:
    """Every image is in a real Orthanc, by its own word, and comes back with equal elements."""
    disc = a_disc(tmp_path / "disc", *UNCOMPRESSED, *COMPRESSED)
    pacs = PacsAddress(orthanc.host, orthanc.dicom_port, orthanc.ae_title)

    figures = forward(disc, pacs, tmp_path / "figures.json")

    sent = originals(disc)
    assert figures["instances_in_pacs"] == len(sent)
    assert figures["bytes_equal"] is True
    assert orthanc.sop_instance_uids() == sorted(sent)
    for uid, path in sent.items():
        kept = pydicom.dcmread(io.BytesIO(orthanc.instance(uid)))
        assert differences(pydicom.dcmread(path), kept) == []
    held = instances_held(pacs, studies(sent))
    assert equal_elements(pacs, held, sent) == set(sent)


def test_dcmtk_has_every_image_and_reads_it(dcmqrscp: Scp, tmp_path: Path) -> None:
    """Every image is in dcmtk's archive, and its dcmdump reads each as the instance it is."""
    disc = a_disc(tmp_path / "disc", *UNCOMPRESSED)  # as started, dcmqrscp takes no others
    pacs = PacsAddress(dcmqrscp.host, dcmqrscp.port, dcmqrscp.ae_title)

    figures = forward(disc, pacs, tmp_path / "figures.json")

    sent = originals(disc)
    assert figures["instances_in_pacs"] == len(sent)
    dumps = [dcmdump(file) for file in dcmqrscp.files()]
    assert len(dumps) == len(sent)
    assert all(any(f"[{uid}]" in dump for dump in dumps) for uid in sent)
