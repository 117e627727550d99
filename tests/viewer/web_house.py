"""A viewer with OHIF beside it, and somebody who asks as OHIF does."""

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import httpx

from passbox_viewer.settings import Login
from tests.viewer.house import DEADLINE, House, running_house

SYNTAX = "1.2.840.10008.1.2.1"


def an_empty_ohif(folder: Path) -> Path:
    """Return a folder with the names of an OHIF and none of its contents."""
    (folder / "dist").mkdir(parents=True)
    (folder / "dist" / "app.bundle.00ff.js").write_text("// nothing\n")
    (folder / "dist" / "app.bundle.css").write_text("/* nothing */\n")
    (folder / "dist" / "index.html").write_text("OHIF's own, with foreign hosts\n")
    return folder


@contextlib.contextmanager
def running_web_house(
    folder: Path, ohif: Path | None = None, login: Login | None = None
) -> Iterator[House]:
    """Run a viewer with an OHIF, an empty one by default, until the block ends."""
    found = ohif or an_empty_ohif(folder / "ohif")
    (folder / "house").mkdir()
    with running_house(folder / "house", ohif_folder=found, login=login) as house:
        yield house


def address_in(page: str) -> str:
    """Return where the study page's button leads."""
    found = re.search(r'class="ohif" href="([^"]+)"', page)
    assert found
    return found[1].replace("&amp;", "&")


@dataclass
class Asker:
    """Asks for DICOMweb of what one study page leads to."""

    address: str
    client: httpx.Client

    @property
    def root(self) -> str:
        return self.address.partition("?")[0] + "/dicomweb"

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(self.root + path, headers=headers)

    def json(self, path: str) -> list[dict[str, Any]]:
        answer = self.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"] == "application/dicom+json"
        found: list[dict[str, Any]] = json.loads(answer.content)
        return found

    def frames(self, path: str) -> list[bytes]:
        """Return the parts of a multipart answer; each says how it is encoded."""
        return self.parts(path)

    def parts(self, path: str) -> list[bytes]:
        """Return the parts of an answer to whoever wants several."""
        answer = self.get(path, Accept='multipart/related; type="application/octet-stream"')
        assert answer.status_code == 200, path
        head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
        message = BytesParser().parsebytes(head + answer.content)
        parts = message.get_payload()
        assert isinstance(parts, list)
        found = []
        for part in parts:
            assert isinstance(part, Message)
            assert f"transfer-syntax={SYNTAX}" in part["Content-Type"]
            frame = part.get_payload(decode=True)
            assert isinstance(frame, bytes)
            found.append(frame[: int(part["Content-Length"])])
        return found


@contextlib.contextmanager
def asking(house: House, path: str) -> Iterator[Asker]:
    """Open the study page at ``path`` and ask as the OHIF it leads to would."""
    with httpx.Client(trust_env=False, timeout=DEADLINE) as client:
        yield Asker(address_in(house.browser.get(path).text), client)


def value(data_set: dict[str, Any], tag: str) -> Any:
    """Return the first value of a DICOM JSON element."""
    return data_set[tag]["Value"][0]
