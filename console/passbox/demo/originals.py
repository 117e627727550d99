"""Where the instances of a medium lie as plain files, to compare with what a PACS gives back."""

import zipfile
from pathlib import Path

from passbox_client.found import FoundInstance, ScanResult


class Originals:
    """Finds each instance of a medium; members of a ZIP are unpacked under numbers of our own."""

    def __init__(self, media: Path, folder: Path) -> None:
        self._media = media
        self._folder = folder

    def paths(self, scanned: ScanResult) -> dict[str, Path]:
        """Return {SOP Instance UID: path of a plain file}."""
        return {
            file.sop_instance_uid: self._path(file, number)
            for number, file in enumerate(scanned.found)
        }

    def _path(self, file: FoundInstance, number: int) -> Path:
        at = self._media
        if at.is_dir():
            for depth, part in enumerate(file.parts):
                at = at / part
                if at.is_file() and depth < len(file.parts) - 1:
                    return self._unpacked(at, "/".join(file.parts[depth + 1 :]), number)
            return at
        return self._unpacked(at, "/".join(file.parts), number)

    def _unpacked(self, archive: Path, member: str, number: int) -> Path:
        self._folder.mkdir(exist_ok=True)
        target = self._folder / f"{number:06d}"
        with zipfile.ZipFile(archive) as opened:
            target.write_bytes(opened.read(member))
        return target
