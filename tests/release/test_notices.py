"""packaging/bundle_notices.py: nothing gets into a bundle without an owner and a licence text."""

import importlib.metadata
import importlib.util
import json
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

PACKAGING = Path(__file__).parents[2] / "packaging"
SITE = Path(sysconfig.get_path("purelib"))


@pytest.fixture(scope="module")
def notices() -> ModuleType:
    """The script as a module; packaging/ is no package."""
    spec = importlib.util.spec_from_file_location("bundle_notices", PACKAGING / "bundle_notices.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def contents(folder: Path, *files: Path) -> Path:
    """Return a contents.json as client.spec writes it."""
    path = folder / "contents.json"
    named = {"modules": ["requests"], "files": [[file.name, str(file)] for file in files]}
    path.write_text(json.dumps(named))
    return path


def test_parts_are_named_by_their_modules_and_files(notices: ModuleType, tmp_path: Path) -> None:
    """A module and a wheel's library name their distributions; LGPL brings both its texts."""
    libraries = [next(SITE.glob("numpy.libs/*.so*")), next(SITE.glob("PySide6/QtCore.abi3.so"))]
    parts = {part.name: part for part in notices.parts_of(contents(tmp_path, *libraries))}
    assert {"requests", "numpy", "PySide6_Essentials", "what Qt has inside it"} <= set(parts)
    assert parts["numpy"].version == importlib.metadata.version("numpy")
    for words in ("GNU LESSER GENERAL PUBLIC LICENSE", "GNU GENERAL PUBLIC LICENSE"):
        assert words in parts["PySide6_Essentials"].text
    assert "HarfBuzz" in parts["what Qt has inside it"].text


def test_what_a_wheel_has_inside_is_listed(notices: ModuleType, tmp_path: Path) -> None:
    """Parts compiled into a wheel have their notice, and stand below it in a valid SBOM."""
    library = next(SITE.glob("cryptography/hazmat/bindings/_rust*.so"))
    parts = notices.parts_of(contents(tmp_path, library))
    notices.write_notices(parts, tmp_path)
    assert "The OpenSSL Project Authors" in (tmp_path / "LICENCES.txt").read_text()
    document = (tmp_path / "passbox-client.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None
    components = {part["name"]: part for part in json.loads(document)["components"]}
    inside = {part["name"] for part in components["cryptography"]["components"]}
    assert "openssl" in inside
    assert components["cryptography"]["purl"].startswith("pkg:pypi/cryptography@")


@pytest.mark.parametrize("place", [SITE / "stray.libs/libstray.so.1", Path("/opt/stray.so")])
def test_a_library_of_nobody_ends_the_build(
    notices: ModuleType, tmp_path: Path, place: Path
) -> None:
    """A library that belongs to no distribution and to no Debian package is refused by its name."""
    with pytest.raises(notices.NoLicence, match="stray"):
        notices.parts_of(contents(tmp_path, place))
