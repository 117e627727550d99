"""The demo's disc: the patient disc that pydicom ships (three patients, a DICOMDIR) and one CT."""

import shutil
from pathlib import Path

import pydicom.data

from passbox.demo.phantom import write_phantom


def make_disc(folder: Path) -> Path:
    """Make the disc in ``folder``, which must not exist, and return its root."""
    shipped = Path(pydicom.data.__file__).parent / "test_files" / "dicomdirtests"
    shutil.copytree(shipped, folder)
    write_phantom(folder / "CT")
    return folder
