"""A real PACS: Debian's Orthanc on free loopback ports, with PASSBOX among its known modalities.

It is strict about its own title and lets nobody ask (C-FIND, C-GET, storage commitment) whom it
does not know, as a hospital's archive does. It may rewrite lengths when it stores: compare elements
and pixels, not bytes.

Orthanc 1.10 cannot bind its ports to loopback only; REST it answers to loopback alone. In a network
namespace of its own nobody in the test's process could call it, nor could it call back.
"""

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.parts.programs import LOOPBACK, free_port, require, running

if TYPE_CHECKING:
    import subprocess

DICOMWEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
"""Debian's orthanc-dicomweb."""
AE_TITLE = "ORTHANC"
PASSBOX_AE_TITLE = "PASSBOX"
TIMEOUT = 30.0  # seconds per REST call


class Orthanc:
    """The running PACS, as its REST interface shows it."""

    def __init__(self, dicom_port: int, rest_port: int, storage_commitment_port: int) -> None:
        self.host = LOOPBACK
        self.ae_title = AE_TITLE
        self.dicom_port = dicom_port
        self.storage_commitment_port = storage_commitment_port
        """Where Orthanc sends storage commitment results for PASSBOX."""
        self.rest_port = rest_port
        self.process: subprocess.Popen[bytes] | None = None
        self._rest = f"http://{LOOPBACK}:{rest_port}"
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def dicomweb(self) -> str:
        """Where QIDO-RS and WADO-RS are, when it runs with DICOMWEB."""
        return f"{self._rest}/dicom-web"

    def replace(self, sop_instance_uid: str, file: bytes) -> None:
        """Put another file in an instance's place, as an archive's administrator may."""
        self.forget(sop_instance_uid)
        self._call("POST", "/instances", data=file)

    def forget(self, sop_instance_uid: str) -> None:
        """Delete an instance."""
        for one in self._call("POST", "/tools/lookup", data=sop_instance_uid).json():
            self._call("DELETE", f"/instances/{one['ID']}")

    def allow(self, ae_title: str, port: int) -> None:
        """Make another AE title known, listening on ``port`` of loopback."""
        modality = {"AET": ae_title, "Host": LOOPBACK, "Port": port}
        self._call("PUT", f"/modalities/{ae_title.lower()}", json=modality)

    def instance_count(self) -> int:
        return int(self._call("GET", "/statistics").json()["CountInstances"])

    def sop_instance_uids(self) -> list[str]:
        """Return the SOP Instance UID of every stored instance, sorted."""
        instances = self._call("GET", "/instances?expand").json()
        return sorted(i["MainDicomTags"]["SOPInstanceUID"] for i in instances)

    def instance(self, sop_instance_uid: str) -> bytes:
        """Return the stored instance as a DICOM file.

        Raises:
            LookupError: not exactly one instance has this UID.
        """
        found = self._call("POST", "/tools/lookup", data=sop_instance_uid).json()
        matches = [f["ID"] for f in found if f["Type"] == "Instance"]
        if len(matches) != 1:
            raise LookupError(f"{len(matches)} instances with UID {sop_instance_uid}")
        return self._call("GET", f"/instances/{matches[0]}/file").content

    def empty(self) -> None:
        """Delete everything."""
        for patient in self._call("GET", "/patients").json():
            self._call("DELETE", f"/patients/{patient}")

    def close(self) -> None:
        self._session.close()

    # Any: the keyword arguments of requests.
    def _call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        url = self._rest + path
        response = self._session.request(method, url, timeout=TIMEOUT, **arguments)
        response.raise_for_status()
        return response


def _configuration(
    folder: Path,
    dicom_port: int,
    rest_port: int,
    passbox_port: int,
    plugins: Sequence[Path],
    accepted: Sequence[str],
    *,
    overwrites: bool,
) -> str:
    return json.dumps(
        {
            **({"AcceptedTransferSyntaxes": list(accepted)} if accepted else {}),
            "Name": "Passbox test PACS",
            "StorageDirectory": str(folder / "storage"),
            "IndexDirectory": str(folder / "storage"),
            "Plugins": [str(plugin) for plugin in plugins],
            "DicomAet": AE_TITLE,
            "DicomPort": dicom_port,
            "DicomCheckCalledAet": True,
            "DicomModalities": {"passbox": [PASSBOX_AE_TITLE, LOOPBACK, passbox_port]},
            "HttpPort": rest_port,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "ExecuteLuaEnabled": False,
            "CheckRevisions": False,
            "OverwriteInstances": overwrites,
        }
    )


@contextlib.contextmanager
def running_orthanc(
    folder: Path,
    plugins: Sequence[Path] = (),
    *,
    accepted: Sequence[str] = (),
    dicom_port: int | None = None,
    rest_port: int | None = None,
    overwrites: bool = False,
) -> Iterator[Orthanc]:
    """Run an Orthanc whose files live below ``folder`` until the block ends.

    It is empty unless one ran there before. ``accepted``: the transfer syntaxes it takes, if not
    all. ``overwrites``: a later instance of the same UIDs takes the place of the one before.
    """
    program = require("Orthanc", package="orthanc")
    dicom_port = dicom_port or free_port()
    rest_port, passbox_port = rest_port or free_port(), free_port()
    settings = folder / "orthanc.json"
    settings.write_text(
        _configuration(
            folder, dicom_port, rest_port, passbox_port, plugins, accepted, overwrites=overwrites
        )
    )
    # The REST port opens last: once it answers, the DICOM port listens as well.
    with running([program, settings], rest_port, folder / "orthanc.log") as process:
        orthanc = Orthanc(dicom_port, rest_port, passbox_port)
        orthanc.process = process
        try:
            yield orthanc
        finally:
            orthanc.close()


@pytest.fixture
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """An empty Orthanc of this test's own (0.7 s); skips where the package is missing."""
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as part:
        yield part
