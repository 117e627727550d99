"""How long until a clinician sees the first image in OHIF: over our DICOMweb and over Orthanc's."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid

from passbox.demo.phantom import write_phantom
from passbox_viewer.ohif import installed
from passbox_wire.keys import verifying_key_to_pem
from tests.bench import media, results
from tests.bench.contenders import peak_rss
from tests.builders.pki import Pki
from tests.parts.ohif import WATCH, ohif_folder, wait_until_drawn
from tests.parts.orthanc import AE_TITLE, running_orthanc
from tests.parts.programs import LOOPBACK, free_port, require, running
from tests.viewer.house import a_transfer, running_house

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

SLICES: Final = int(os.environ.get("PASSBOX_BENCH_SLICES", "300"))
_DRAWN: Final = 12
RUNS: Final = int(os.environ.get("PASSBOX_BENCH_RUNS", "3"))
_PLUGIN: Final = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")

_NGINX: Final = """\
daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  types {{
    text/html html; text/javascript js; text/css css; application/wasm wasm; font/woff2 woff2;
  }}
  server {{
    listen {host}:{port};
    root {folder}/site;
    gzip_static on;
    add_header Cross-Origin-Opener-Policy same-origin;
    add_header Cross-Origin-Embedder-Policy require-corp;
    location / {{ try_files $uri /index.html; }}
    location /dicom-web/ {{ proxy_pass http://{host}:{orthanc}/dicom-web/; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """One OHIF to open: its address, and the page a person comes from, if there is one."""

    address: str
    before: str | None = None


def test_first_image(tmp_path: Path, chromium: "Browser") -> None:
    """A CT of PASSBOX_BENCH_SLICES slices (300) in headless Chromium, opened cold each time."""
    folder = ohif_folder()
    files = _ct(tmp_path)
    seconds: dict[str, list[float]] = {"Passbox": [], "Orthanc": []}
    with (
        _passbox(tmp_path, folder, files, chromium) as (ours, pid),
        _orthanc(tmp_path, folder, files) as theirs,
    ):
        for _ in range(RUNS):
            seconds["Orthanc"].append(_open(chromium, theirs))
            seconds["Passbox"].append(_open(chromium, ours))
        memory = peak_rss(pid)
    rows = [
        [name, results.seconds(times), results.ratio(times, seconds["Orthanc"])]
        for name, times in seconds.items()
    ]
    results.publish(
        "First image in OHIF",
        f"{SLICES} slices, headless Chromium with software rendering and an empty cache, from the "
        "click to the first image on OHIF's canvas; Orthanc's DICOMweb behind nginx with the same "
        "files of OHIF. Must reach: not later than Orthanc.\n\n"
        f"{results.table(['DICOMweb of', 'seconds: median (each)', 'of Orthanc'], rows)}\n\n"
        f"Peak RSS of the viewer's main process: {memory / results.MIB:.0f} MiB.",
    )


def _ct(folder: Path) -> list[Path]:
    """Return the slices of a CT: some are drawn, the others are these again, further down."""
    write_phantom(folder / "drawn", slices=min(SLICES, _DRAWN))
    drawn = [dcmread(file) for file in media.files(folder / "drawn")]
    (folder / "ct").mkdir()
    for number in range(SLICES):
        image = drawn[number % len(drawn)]
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        image.InstanceNumber = number + 1
        image["ImagePositionPatient"].value = [-192, -192, -2 * number]
        image.save_as(folder / "ct" / f"I{number:04d}")
    return media.files(folder / "ct")


def _open(browser: "Browser", opening: Opening) -> float:
    """Return seconds from asking for the page to the first image."""
    context = browser.new_context(viewport={"width": 1600, "height": 900})
    try:
        context.add_init_script(WATCH)
        page = context.new_page()
        if opening.before:
            page.goto(opening.before, wait_until="load")
            opening = Opening(page.locator("a.ohif").get_attribute("href") or "")
        start = time.time()
        page.goto(opening.address, wait_until="commit")
        return wait_until_drawn(page) - start
    finally:
        context.close()


@contextlib.contextmanager
def _passbox(
    folder: Path, ohif: Path, files: list[Path], browser: "Browser"
) -> Iterator[tuple[Opening, int]]:
    """Fill a store, then serve it by the program of the command line, in a process of its own."""
    house_folder = folder / "house"
    house_folder.mkdir()
    with running_house(house_folder) as house:
        path = house.visible(a_transfer(), files)
        key = house.key.public_key().public_bytes_raw()
    pki = Pki(house_folder, "inner-bench")
    server = pki.server()
    (house_folder / "destination.pub").write_bytes(verifying_key_to_pem(key))
    pages, web, inner, scp = (free_port() for _ in range(4))
    settings = house_folder / "viewer.toml"
    settings.write_text(f"""
[pages]
port = {pages}
base_url = "http://{LOOPBACK}:{pages}"
[ohif]
folder = "{ohif}"
port = {web}
base_url = "http://{LOOPBACK}:{web}"
[inner]
port = {inner}
certificate = "{server.certificate}"
key = "{server.key}"
client_ca = "{pki.ca_file}"
destination_keys = ["destination.pub"]
[scp]
port = {scp}
[store]
folder = "store"
reserve_bytes = 0
""")
    command = [sys.executable, "-m", "passbox", "viewer", "serve", "--config", str(settings)]
    with running(command, web, folder / "viewer.log") as process:
        yield Opening("", f"http://{LOOPBACK}:{pages}{path}"), process.pid


@contextlib.contextmanager
def _orthanc(folder: Path, ohif: Path, files: list[Path]) -> Iterator[Opening]:
    if not _PLUGIN.exists():
        pytest.skip("needs orthanc-dicomweb")
    nginx, dcmsend = require("nginx", "nginx-light"), require("dcmsend", "dcmtk")
    (folder / "orthanc").mkdir()
    with running_orthanc(folder / "orthanc", [_PLUGIN]) as orthanc:
        address = [LOOPBACK, str(orthanc.dicom_port)]
        subprocess.run(
            [dcmsend, "-aec", AE_TITLE, *address, "--scan-directories", files[0].parent],
            check=True, capture_output=True,
        )  # fmt: skip
        port = free_port()
        site = folder / "site"
        site.mkdir()
        for file in (ohif / "dist").iterdir():
            (site / file.name).symlink_to(file)
        (site / "static").mkdir()
        ours = Path(sys.modules["passbox_viewer"].__file__ or "").parent / "static"
        config = (ours / "ohif-config.js").read_text()
        config = config.replace("window.top === window", "false")
        config = config.replace("const root = `${base}/dicomweb`;", 'const root = "/dicom-web";')
        config = config.replace("routerBasename: base", "routerBasename: null")
        config = config.replace('"thumbnail"', '"wadors"')  # Orthanc 1.10 makes none
        (site / "static" / "ohif-config.js").write_text(config)
        (site / "index.html").write_text(installed(ohif).page)
        settings = folder / "nginx.conf"
        settings.write_text(
            _NGINX.format(folder=folder, host=LOOPBACK, port=port, orthanc=orthanc.rest_port)
        )
        with running([nginx, "-c", settings], port, folder / "nginx.log"):
            yield Opening(f"http://{LOOPBACK}:{port}/viewer?StudyInstanceUIDs={_study(files[0])}")


def _study(file: Path) -> str:
    return str(dcmread(file, specific_tags=["StudyInstanceUID"]).StudyInstanceUID)
