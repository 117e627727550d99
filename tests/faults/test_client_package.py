"""The built package on a machine without Python: it starts, and it sends a disc."""

import dataclasses
import io
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from PIL import Image

from passbox.demo.disc import make_disc
from passbox_base.keys import load_signing_key, save_signing_key
from passbox_wire.profile import parse_profile, sign_profile
from tests.e2e.awaiting import eventually
from tests.e2e.hospital import RECIPIENT, Hospital
from tests.parts.bare_machine import bare_machine, inside
from tests.parts.display import window_names
from tests.parts.programs import require

pytestmark = [pytest.mark.faults, pytest.mark.parts, pytest.mark.timeout(2400)]

ROOT = Path(__file__).parents[2]
SITE = Path(sysconfig.get_path("purelib"))
MOST_BYTES = 200_000_000
NAME = "Bilder senden"
COLOUR = (153, 0, 85)
SENT = ["--sender-name", "Dr. Anna Weber", "--sender-email", "praxis@weber.example"]


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A whole hospital to send to."""
    with Hospital(tmp_path_factory.mktemp("hospital")) as made:
        yield made.start("receiver", "viewer", "poller")


@pytest.fixture(scope="module")
def card(hospital: Hospital, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hospital's own profile, with a logo."""
    picture = io.BytesIO()
    Image.new("RGB", (64, 32), COLOUR).save(picture, "PNG")
    profile = parse_profile(hospital.rooms.profile.read_bytes()).profile
    key = load_signing_key(hospital.rooms.offline / "profile-signing.key")
    path = tmp_path_factory.mktemp("card") / "hospital.passbox"
    branded = dataclasses.replace(profile, serial=2, logo=picture.getvalue())
    path.write_bytes(sign_profile(branded, key))
    return path


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, card: Path) -> Path:
    """What `make client` makes under the hospital's name, with its profile built in."""
    require("strip", package="binutils")
    require("icupkg", package="icu-devtools")
    folder = tmp_path_factory.mktemp("client")
    command = [sys.executable, str(ROOT / "packaging/build_client.py"), "--out", str(folder)]
    subprocess.run([*command, "--profile", str(card), "--name", NAME], check=True)
    return folder


@pytest.fixture(scope="module")
def bundle(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder form, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(next(out.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / NAME


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


def test_it_sends_a_disc(machine: Path) -> None:
    """The disc goes all the way to the hospital built in, JPEG-LS coder included; it signs."""
    command = inside(
        machine, "/app/passbox-cli", "send", "/disc",
        "--all-patients", "--recipient", RECIPIENT, *SENT, "--json",
    )  # fmt: skip
    ended = subprocess.run(
        command, env={"HOME": "/data"}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    results = [file["result"] for file in json.loads(ended.stdout)["files"]]
    assert results.count("delivered") == 81 + 24


@pytest.mark.parametrize("form", ["folder", "one-file"])
def test_the_window_comes_up(machine: Path, out: Path, card: Path, display: str, form: str) -> None:
    """Both forms open the window on a plain X server, and know whom they send to."""
    hospital = parse_profile(card.read_bytes()).profile.hospital
    program = f"/app/{NAME}"
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
        eventually(lambda: f"Send images – {hospital}" in window_names(display), "the window")
    finally:
        running.kill()  # unshare takes no SIGTERM; its child goes with it
        running.wait()


def test_it_bears_the_hospitals_name_and_sign(bundle: Path, card: Path) -> None:
    """Program, desktop file and icon are the hospital's; its profile lies inside as it is."""
    assert (bundle / "_internal/hospital.passbox").read_bytes() == card.read_bytes()
    entry = dict(
        line.split("=", 1) for line in (bundle / f"{NAME}.desktop").read_text().splitlines()[1:]
    )
    assert entry["Name"] == entry["Icon"] == NAME
    assert entry["Exec"] == f'"{NAME}"'
    icon = Image.open(bundle / f"{entry['Icon']}.png").convert("RGBA")
    assert icon.size == (256, 256)
    assert icon.getpixel((128, 128)) == (*COLOUR, 255)


def test_notices_and_bill_of_materials_are_complete(out: Path, bundle: Path) -> None:
    """LICENCES.txt has a text for each part; the SBOM is valid CycloneDX and names the same."""
    notices = (bundle / "LICENCES.txt").read_text("utf-8").split("=" * 78, 1)[1]
    document = (out / "passbox-client.cdx.json").read_text("utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None
    named = _named(out)
    parts = {"PySide6_Essentials", "cryptography", "pydicom", "pyjpegls", "CharLS", "Python"}
    assert parts | {"fpdf2", "numpy", "pillow", "OpenSSL", "what Qt has inside it"} <= named
    assert all(f"\n{name} " in notices for name in named)
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in notices
    assert "GNU GENERAL PUBLIC LICENSE" in notices


def test_every_library_belongs_to_a_listed_part(out: Path, bundle: Path) -> None:
    """Whose a library in the bundle is stands in the SBOM; a part left out would be found."""
    named = _named(out)
    assert _of_nobody(bundle, named) == []
    for part in ("numpy", "libx11-6 (Debian)", "Python"):
        assert _of_nobody(bundle, named - {part})


def _named(out: Path) -> set[str]:
    document = json.loads((out / "passbox-client.cdx.json").read_text("utf-8"))
    return {part["name"] for part in document["components"]}


def _of_nobody(bundle: Path, named: set[str]) -> list[str]:
    """Return the libraries that belong to none of these; asked of the places they came from."""
    records = {
        path.parent.name.split("-")[0].lower().replace("_", "-"): path.read_text("utf-8")
        for path in SITE.glob("*.dist-info/RECORD")
    }
    mine = "\n".join(records.get(name.lower().replace("_", "-"), "") for name in named)
    debian = [name.removesuffix(" (Debian)") for name in named if name.endswith("(Debian)")]
    listing = ["dpkg-query", "-L", *debian]
    files = subprocess.run(listing, capture_output=True, text=True, check=False).stdout
    found = []
    for path in bundle.rglob("*.so*"):
        if path.is_symlink():
            continue
        inner = path.relative_to(bundle / "_internal").as_posix()
        pythons = "Python" in named and re.match(r"python3|libpython3", inner)
        if not (pythons or f"\n{inner}," in f"\n{mine}" or f"/{path.name}\n" in files):
            found.append(inner)
    return found


def test_qt_can_be_replaced(bundle: Path) -> None:
    """Parts under the LGPL lie in files of their own, as it wants, and not inside the program."""
    assert (bundle / "_internal/PySide6/Qt/lib/libQt6Widgets.so.6").is_file()
    assert (bundle / "_internal/fpdf/fpdf.py").is_file()
    assert (bundle / "_internal/shiboken6").is_dir()


def test_it_is_signed_and_checked_as_a_release(out: Path, tmp_path: Path) -> None:
    """What was built is signed, taken by packaging/verify, and refused with one byte changed."""
    key = tmp_path / "release.key"
    save_signing_key(key, Ed25519PrivateKey.generate())
    signer = str(ROOT / "packaging/sign_release.py")
    signing = [sys.executable, signer, str(out), "--key", str(key)]
    subprocess.run(signing, check=True, capture_output=True)
    verifying = [str(ROOT / "packaging/verify"), str(out), str(out / "release.pub")]
    assert subprocess.run(verifying, check=False, capture_output=True).returncode == 0
    with next(out.glob("*.tar.gz")).open("r+b") as package:
        package.seek(1_000_000)
        byte = package.read(1)
        package.seek(1_000_000)
        package.write(bytes([byte[0] ^ 1]))
    assert subprocess.run(verifying, check=False, capture_output=True).returncode == 1
