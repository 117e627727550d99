"""`make client`: the sender's program for the platform this runs on, ready to be signed.

Folder form first (a tarball, ZIP or app bundle), one file second; licence notices and SBOM inside
and beside. The same script runs here and on the Windows and macOS runners. It signs nothing: see
sign_release.py, which a person with the keys runs.
"""

import argparse
import hashlib
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from bundle_notices import Part, parts_of, write_notices
from PIL import Image, ImageDraw
from slim_linux import NEEDED

from passbox_wire.profile import SignedProfile, parse_profile

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SYSTEM = {"linux": "linux", "win32": "windows", "darwin": "macos"}[sys.platform]
MACHINE = {"amd64": "x86_64", "aarch64": "arm64"}.get(
    platform.machine().lower(), platform.machine().lower()
)
_LATEST = 315532800
"""1980-01-01, the oldest time a ZIP can hold: archives of the same files are the same bytes."""


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose program it is: its name in menus, its picture, the profile built in."""

    name: str
    icon: Path
    profile: Path | None


def main() -> None:
    """Build what was asked for and say where it lies and how large it is."""
    parser = argparse.ArgumentParser(prog="build_client", description=__doc__)
    parser.add_argument("--profile", type=Path, help="build this .passbox file in")
    parser.add_argument("--name", type=_name, default="Passbox", help="its name in menus")
    parser.add_argument("--icon", type=Path, help="PNG; the profile's logo, or ours, without it")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "client")
    parser.add_argument("--form", choices=("both", "folder", "one-file"), default="both")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    _refuse_missing_tools()
    _compile_words()
    with tempfile.TemporaryDirectory(prefix="passbox-client-") as work:
        brand = _brand(options, Path(work))
        packages = _build(brand, Path(work), options.out.resolve(), options.form)
    write_sums(options.out)
    for package in packages:
        sys.stdout.write(f"{package}  {package.stat().st_size / 1e6:.0f} MB\n")


def _name(text: str) -> str:
    """Take what is a file name on every system, and needs no quoting in a desktop file."""
    if not re.fullmatch(r"\w[\w .-]{0,60}(?<![ .])", text):
        raise argparse.ArgumentTypeError("letters, digits, blanks, dots and hyphens")
    return text


def _refuse_missing_tools() -> None:
    """Say before the minutes of building what would be missing after them."""
    for tool, package in NEEDED.items():
        if SYSTEM == "linux" and shutil.which(tool) is None:
            raise SystemExit(f"build_client: needs {tool}: apt-get install {package}")


def _compile_words() -> None:
    """Compile the window's translations, which lie in the checkout as their sources."""
    lrelease = shutil.which("pyside6-lrelease", path=str(Path(sys.executable).parent))
    if lrelease is None:
        raise SystemExit("build_client: needs PySide6's lrelease in the environment")
    for source in sorted((ROOT / "client/passbox_client/gui/translations").glob("*.ts")):
        command = [lrelease, "-silent", str(source), "-qm", str(source.with_suffix(".qm"))]
        subprocess.run(command, check=True)


def _brand(options: argparse.Namespace, work: Path) -> Brand:
    signed = parse_profile(options.profile.read_bytes()) if options.profile else None
    profile = None
    if options.profile:
        profile = work / "hospital.passbox"
        shutil.copyfile(options.profile, profile)
    return Brand(options.name, _icon(options.icon, signed, work), profile)


def _icon(chosen: Path | None, signed: SignedProfile | None, work: Path) -> Path:
    """Return the icon in the platform's form, square."""
    source = chosen
    if source is None and signed is not None and signed.profile.logo:
        source = work / "logo.png"
        source.write_bytes(signed.profile.logo)
    picture = Image.open(source).convert("RGBA") if source else _hatch()
    side = max(picture.size)
    square = Image.new("RGBA", (side, side))
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    ending = {"windows": "ico", "macos": "icns", "linux": "png"}[SYSTEM]
    path = work / f"icon.{ending}"
    square.resize((256, 256), Image.Resampling.LANCZOS).save(path)
    return path


def _hatch() -> Image.Image:
    """Draw our own sign: a hatch in a wall, one door open."""
    picture = Image.new("RGBA", (512, 512))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((16, 16, 496, 496), 96, fill="#0b5394")
    draw.rounded_rectangle((112, 144, 400, 368), 24, fill="#ffffff")
    draw.polygon(((112, 144), (40, 104), (40, 408), (112, 368)), fill="#9fc5e8")
    draw.polygon(((184, 232), (272, 232), (272, 188), (356, 256), (272, 324), (272, 280),
                  (184, 280)), fill="#0b5394")  # fmt: skip
    return picture


def _build(brand: Brand, work: Path, out: Path, form: str) -> list[Path]:
    """Return the packages that were asked for; both forms are of one analysis.

    A Mac runs an app from an image; a bare file could be neither stapled nor double-clicked.
    """
    form = "folder" if SYSTEM == "macos" else form
    command = [
        sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
        "--distpath", str(work / "dist"), "--workpath", str(work / "work"),
        str(HERE / "client.spec"), "--", "--name", brand.name, "--icon", str(brand.icon),
        "--form", form,
    ]  # fmt: skip
    if brand.profile:
        command += ["--profile", str(brand.profile)]
    if SYSTEM == "windows":
        command += ["--version-resource", str(_version_resource(brand, work))]
    # The icon's folder and dates must not differ between two builds of the same sources.
    subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(_LATEST)})
    parts = parts_of(next((work / "work").rglob("contents.json")))
    write_notices(parts, out)
    stem = out / f"passbox-client-{version()}-{SYSTEM}-{MACHINE}"
    packages = []
    if form != "one-file":
        packages.append(_pack(brand, work / "dist", stem, parts))
    if form != "folder":
        built, ending = (".exe", "exe") if SYSTEM == "windows" else ("", "bin")
        packages.append(stem.with_name(f"{stem.name}-one-file.{ending}"))
        shutil.copy2(work / "dist" / f"{brand.name}-one-file{built}", packages[-1])
    return packages


def _pack(brand: Brand, built: Path, stem: Path, parts: tuple[Part, ...]) -> Path:
    folder = built / brand.name
    if SYSTEM == "macos":
        return _pack_image(brand, built, stem, parts)
    write_notices(parts, folder)
    if SYSTEM == "windows":
        return Path(shutil.make_archive(str(stem), "zip", built, brand.name))
    _add_desktop_files(brand, folder)
    package = stem.with_name(f"{stem.name}.tar.gz")
    with tarfile.open(package, "w:gz", compresslevel=6) as archive:
        archive.add(folder, brand.name, filter=_plain)
    return package


def _pack_image(brand: Brand, built: Path, stem: Path, parts: tuple[Part, ...]) -> Path:
    """Return a disk image with the app, and beside it, outside its seal, the notices."""
    image = built / "image"
    image.mkdir()
    app = Path(shutil.move(built / f"{brand.name}.app", image))
    (app / "Contents/MacOS/passbox-cli").symlink_to(brand.name)
    (image / "Applications").symlink_to("/Applications")
    write_notices(parts, image)
    package = stem.with_name(f"{stem.name}.dmg")
    command = ["hdiutil", "create", "-volname", brand.name, "-srcfolder", str(image)]
    subprocess.run([*command, "-format", "UDZO", "-ov", str(package)], check=True)
    return package


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Forget who built it and when."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = _LATEST
    return entry


def _add_desktop_files(brand: Brand, folder: Path) -> None:
    """Add what menus and docks know a program by; docs/packages.md says where they go."""
    (folder / "passbox-cli").symlink_to(brand.name)
    shutil.copyfile(brand.icon, folder / f"{brand.name}.png")
    (folder / f"{brand.name}.desktop").write_text(
        "[Desktop Entry]\nType=Application\nVersion=1.4\nTerminal=false\n"
        f"Name={brand.name}\nComment=Send medical images to a hospital\n"
        "Comment[de]=Medizinische Bilder an eine Klinik senden\n"
        f'Exec="{brand.name}"\nIcon={brand.name}\nStartupWMClass={brand.name}\n'
        "Categories=Science;MedicalSoftware;\n"
    )


def _version_resource(brand: Brand, folder: Path) -> Path:
    """Write what Windows shows under Properties, Details."""
    numbers = (*map(int, version().split(".")), 0)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "version-resource.txt"
    strings = {
        "CompanyName": brand.name,
        "FileDescription": "Send medical images to a hospital",
        "FileVersion": version(),
        "InternalName": "passbox-client",
        "OriginalFilename": f"{brand.name}.exe",
        "ProductName": brand.name,
        "ProductVersion": version(),
    }
    table = ", ".join(f"StringStruct({name!r}, {text!r})" for name, text in strings.items())
    path.write_text(
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, "
        "flags=0, OS=0x40004, fileType=1, subtype=0, date=(0, 0)), kids=["
        f"StringFileInfo([StringTable('040904B0', [{table}])]), "
        "VarFileInfo([VarStruct('Translation', [0x0409, 1200])])])\n",
        "utf-8",
    )
    return path


def write_sums(out: Path) -> None:
    """Write SHA256SUMS of the packages in ``out``."""
    lines = []
    for path in sorted(out.glob("passbox-client-*")):
        if path.suffix not in (".sig", ".json"):
            with path.open("rb") as file:
                lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    (out / "SHA256SUMS").write_text("".join(lines), "ascii")


def version() -> str:
    """Return the version of the checkout, which the installed one must be."""
    said: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    if importlib.metadata.version("passbox") != said:
        raise SystemExit("build_client: the environment is older than the checkout: make setup")
    return said


if __name__ == "__main__":
    main()
