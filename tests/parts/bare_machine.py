"""A machine without Python: a chroot with a C library, an X client's fonts, and a bundle.

Into it goes what the bundle does not bring and every Linux desktop has: the loader, the C library,
OpenGL, fonts. Needs root. Who runs in it sees no other file of this machine.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_FOUND = re.compile(r"=> (/\S+) \(0x|^\s*(/\S+ld-linux\S+) \(0x", re.MULTILINE)
_LATE = ("libGL.so.1", "libEGL.so.1", "libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2")
_DEVICES = ("null", "zero", "urandom", "random")


@contextlib.contextmanager
def bare_machine(bundle: Path) -> Iterator[Path]:
    """Yield the root of a machine that has ``bundle`` in /app and no Python."""
    if os.geteuid() != 0:
        pytest.skip("needs root: chroot")
    root = Path(tempfile.mkdtemp(prefix="bare-machine-"))
    try:
        shutil.copytree(bundle, root / "app", symlinks=True)
        for library in _systems_libraries(bundle):
            _take(library, root)
        for folder in ("/etc/fonts", "/usr/share/fonts/truetype/dejavu", "/usr/share/X11/xkb"):
            if Path(folder).is_dir():
                shutil.copytree(folder, root / folder[1:], symlinks=False)
        for folder in ("tmp", "dev", "proc", "data", "etc"):
            (root / folder).mkdir(exist_ok=True)
        (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
        for name in _DEVICES:
            at = os.stat(f"/dev/{name}")  # noqa: PTH116 - a device has no nicer way
            os.mknod(root / "dev" / name, at.st_mode, at.st_rdev)
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def inside(root: Path, *command: str) -> list[str]:
    """Return the words that run ``command`` there, in a mount namespace with a /proc of its own."""
    script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
    return [
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "sh",
        "-c",
        script,
        str(root),
        *command,
    ]


def _systems_libraries(bundle: Path) -> set[Path]:
    """Return what the bundle's files load from outside it; programs start before its own count."""
    files = [path for path in bundle.rglob("*") if path.is_file() and not path.is_symlink()]
    binaries = [path for path in files if _is_elf(path)]
    found = _loaded(binaries, {"LD_LIBRARY_PATH": str(bundle / "_internal")})
    found |= _loaded([path for path in binaries if path.parent == bundle], {})
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True)
    for name in _LATE:
        if match := re.search(rf"{re.escape(name)} .*x86-64.* => (\S+)", known.stdout):
            found |= {Path(match[1]), *_loaded([Path(match[1])], {})}
    return {path for path in found if not path.is_relative_to(bundle)}


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _loaded(binaries: list[Path], environment: dict[str, str]) -> set[Path]:
    command = ["ldd", *map(str, binaries)]
    path = {"PATH": os.environ["PATH"]}
    asked = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**path, **environment}
    )
    return {Path(first or second) for first, second in _FOUND.findall(asked.stdout)}


def _take(library: Path, root: Path) -> None:
    target = root / str(library)[1:]
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        shutil.copyfile(library, target)
        target.chmod(0o755)
