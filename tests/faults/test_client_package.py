"""The built package on a machine without Python: it starts, and it sends a disc."""

import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from passbox.demo.disc import make_disc
from tests.e2e.awaiting import eventually
from tests.e2e.hospital import RECIPIENT, Hospital
from tests.parts.bare_machine import bare_machine, inside
from tests.parts.display import window_names
from tests.parts.programs import require

pytestmark = [pytest.mark.faults, pytest.mark.parts, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
MOST_BYTES = 200_000_000
SENT = ["--sender-name", "Dr. Anna Weber", "--sender-email", "praxis@weber.example"]


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A whole hospital to send to."""
    with Hospital(tmp_path_factory.mktemp("hospital")) as made:
        yield made.start("receiver", "viewer", "poller")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, hospital: Hospital) -> Path:
    """What `make client` makes, with the hospital's profile built in."""
    require("strip", package="binutils")
    folder = tmp_path_factory.mktemp("client")
    command = [sys.executable, str(ROOT / "packaging/build_client.py"), "--out", str(folder)]
    profile = ["--profile", str(hospital.rooms.profile)]
    subprocess.run([*command, *profile, "--form", "both"], check=True)
    return folder


@pytest.fixture(scope="module")
def bundle(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder form, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(next(out.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "Passbox"


@pytest.fixture(scope="module")
def machine(bundle: Path) -> Iterator[Path]:
    """A machine with the package, a disc, and no Python."""
    with bare_machine(bundle) as root:
        make_disc(root / "disc")
        yield root


def test_the_folder_is_no_larger_than_promised(bundle: Path) -> None:
    """The Linux folder takes at most 200 MB, with codecs and previews."""
    size = sum(path.lstat().st_size for path in bundle.rglob("*") if not path.is_dir())
    print(f"Linux folder: {size / 1e6:.1f} MB of {MOST_BYTES / 1e6:.0f}")  # noqa: T201 - a figure
    assert size <= MOST_BYTES


def test_there_is_no_python_there(machine: Path) -> None:
    """The machine of these tests has neither an interpreter nor a shell."""
    assert not [path for path in machine.rglob("*") if re.match(r"(python[\d.]*|sh)\Z", path.name)
                and path.is_file() and "app" not in path.parts]  # fmt: skip
    assert shutil.which("python3", path=f"{machine}/usr/bin:{machine}/bin") is None


def test_it_scans_with_pictures(machine: Path) -> None:
    """Readers and the preview worker, which are the program itself again, work in the bundle."""
    page = machine / "data/scan.html"
    command = inside(machine, "/app/passbox-cli", "scan", "/disc", "--html", "/data/scan.html")
    subprocess.run(command, check=True, env={"HOME": "/data"}, capture_output=True)
    assert page.read_text("utf-8").count("data:image/png;base64,") >= 5


def test_it_sends_a_disc(machine: Path, hospital: Hospital) -> None:
    """The disc goes all the way, JPEG-LS coder included, and the signed receipt comes back."""
    shutil.copyfile(hospital.rooms.profile, machine / "hospital.passbox")
    command = inside(
        machine, "/app/passbox-cli", "send", "/disc", "--profile", "/hospital.passbox",
        "--all-patients", "--recipient", RECIPIENT, *SENT, "--json",
    )  # fmt: skip
    ended = subprocess.run(
        command, env={"HOME": "/data"}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    results = [file["result"] for file in json.loads(ended.stdout)["files"]]
    assert results.count("delivered") == 81 + 24


@pytest.mark.parametrize("form", ["folder", "one-file"])
def test_the_window_comes_up(machine: Path, out: Path, display: str, form: str) -> None:
    """Both forms open the window on a plain X server."""
    program = "/app/Passbox"
    if form == "one-file":
        program = "/data/passbox-one-file"
        shutil.copy2(next(out.glob("*-one-file.bin")), machine / program[1:])
    environment = {"HOME": "/data", "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    log = machine / f"data/{form}.log"
    with log.open("wb") as output:
        running = subprocess.Popen(
            inside(machine, program), env=environment, stdout=output, stderr=output
        )
    try:
        eventually(lambda: "Passbox" in window_names(display), "the window")
    finally:
        running.kill()  # unshare takes no SIGTERM; its child goes with it
        running.wait()


def test_notices_and_bill_of_materials_are_complete(out: Path, bundle: Path) -> None:
    """LICENCES.txt has a text for each part; the SBOM is valid CycloneDX and names the same."""
    notices = (bundle / "LICENCES.txt").read_text("utf-8")
    document = (out / "passbox-client.cdx.json").read_text("utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None
    named = {part["name"] for part in json.loads(document)["components"]}
    assert {
        "PySide6_Essentials",
        "cryptography",
        "pydicom",
        "pyjpegls",
        "CharLS",
        "Python",
    } <= named
    assert all(f"{'=' * 78}\n{name} " in notices for name in named)
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in notices


def test_qt_can_be_replaced(bundle: Path) -> None:
    """Qt lies in files of its own, as its licence wants, and not inside the program."""
    assert (bundle / "_internal/PySide6/Qt/lib/libQt6Widgets.so.6").is_file()
