"""A hospital whose own archive keeps what comes: whole programs and a real Orthanc."""

import io
import re
import zipfile
from collections import Counter
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from passbox.demo.clinician import Clinician
from passbox.demo.programs import LOOPBACK, free_ports
from passbox.demo.reader import hashed, read_medium
from tests.e2e.awaiting import eventually
from tests.e2e.command import sending
from tests.e2e.hospital import Hospital
from tests.parts.orthanc import AE_TITLE, DICOMWEB, running_orthanc

pytestmark = [
    pytest.mark.parts,
    pytest.mark.skipif(not DICOMWEB.exists(), reason="install orthanc-dicomweb"),
]


def settings(dicom_port: int, rest_port: int) -> dict[str, str]:
    """Return what a viewer is told of its archive."""
    return {
        "viewer": f'[archive]\nhost = "{LOOPBACK}"\nport = {dicom_port}\nae_title = "{AE_TITLE}"\n'
        f'dicomweb = "http://{LOOPBACK}:{rest_port}/dicom-web"\n'
    }


def test_images_go_through_the_archive_to_the_pacs(tmp_path: Path, ct: Path) -> None:
    """Nothing is lost while the archive is away; page, ZIP and PACS have it out of the archive."""
    dicom_port, rest_port = free_ports(2)
    (tmp_path / "orthanc").mkdir()
    with Hospital(tmp_path / "hospital", settings(dicom_port, rest_port)) as hospital:
        hospital.start("pacs", "receiver", "viewer", "poller")
        with sending(hospital, ct, state=tmp_path) as client:
            log = hospital.logs / "viewer.log"
            eventually(lambda: "ArchiveFailed" in log.read_text(), "the archive to be missed")
            assert hospital.mail.waiting() == 0
            with running_orthanc(
                tmp_path / "orthanc", [DICOMWEB], dicom_port=dicom_port, rest_port=rest_port
            ) as orthanc:
                said = client.said()
                assert (said.code, said.json["outcome"]) == (0, "complete"), said.sentences

                transfer = said.json["transfer"]
                sent = Counter(one.data_set_sha256 for one in read_medium(ct).values())
                stored = hospital.stored(transfer)
                assert Counter(one.data_set_sha256 for one in stored) == sent
                assert orthanc.sop_instance_uids() == sorted(i.sop_instance_uid for i in stored)
                assert not list(hospital.store_of(transfer).rglob("*.dcm"))

                link = hospital.next_link()
                assert pictures(link) == {200}
                assert Counter(zipped(link)) == sent

                Clinician(link).forward()
                eventually(
                    lambda: all(one.in_pacs for one in hospital.stored(transfer)),
                    "all images to be in the PACS",
                )
                assert set(orthanc.sop_instance_uids()) <= set(hospital.in_pacs())


def pictures(link: str) -> set[int]:
    """Return the statuses of the pictures on a study page."""
    found = re.findall(r'<img[^>]* src="([^"]+)"', Clinician(link).look())
    assert found
    addresses = [urljoin(link, address.replace("&amp;", "&")) for address in found]
    return {requests.get(address, timeout=60).status_code for address in addresses}


def zipped(link: str) -> list[bytes]:
    """Return the data set hashes of the images in a page's ZIP."""
    answer = requests.get(f"{link.partition('?')[0]}/images.zip", timeout=60)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as read:
        names = [name for name in read.namelist() if name.startswith("IMAGES")]
        return [hashed(read.read(name)).data_set_sha256 for name in names]
