"""Discs whose table of contents and files differ."""

from dataclasses import replace
from pathlib import Path

from tests.builders.dicom import DIRECTORY, part10
from tests.discs.contents import listed, table
from tests.discs.making import disc, write, zipped
from tests.discs.slices import Slice, files, series


@disc
def lower_case_names(root: Path) -> Path:
    """Copied by a program that writes all names in lower case."""
    slices = series(4)
    content = {path.lower(): data for path, data in files(slices).items()}
    return write(root, {**content, "dicomdir": table(listed(slices))})


@disc
def suffix_added(root: Path) -> Path:
    """Somebody gave every file the suffix .dcm."""
    slices = series(4)
    content = {f"{path}.dcm": data for path, data in files(slices).items()}
    return write(root, {**content, "DICOMDIR": table(listed(slices))})


@disc
def version_suffix(root: Path) -> Path:
    """Copied from an ISO 9660 disc with its version numbers and trailing dots."""
    slices = series(4)
    content = {f"{path}.;1": data for path, data in files(slices).items()}
    return write(root, {**content, "DICOMDIR;1": table(listed(slices))})


@disc
def short_names(root: Path) -> Path:
    """The table was written by short names (8.3), the files have their long ones."""
    slices = series(4)
    content = {f"IMAGES/Axial slice {s.number}.dcm": s.data() for s in slices}
    named = [(f"IMAGES/AXIALS~{s.number}.DCM", s) for s in slices]
    return write(root, {**content, "DICOMDIR": table(named)})


@disc
def folder_missing(root: Path) -> Path:
    """The table names 433 images below a folder that does not exist; they lie in another one."""
    slices = series(433)
    named = listed(slices, "DICOM/PA000001/ST000001")
    return write(root, {**files(slices, "EXPORT"), "DICOMDIR": table(named)})


@disc
def half_copied(root: Path) -> Path:
    """Only the first of two series was copied to the stick, with the table of both."""
    first, second = series(4), series(3, Slice(series=5, study="1.2.4", description="Chest"))
    named = listed(first, "A") + listed(second, "B")
    return write(root, {**files(first, "A"), "DICOMDIR": table(named)})


@disc
def more_than_listed(root: Path) -> Path:
    """A second series was put on the disc without telling the table of contents."""
    first, second = series(4), series(3, Slice(series=5))
    content = {**files(first, "A"), **files(second, "B")}
    return write(root, {**content, "DICOMDIR": table(listed(first, "A"))})


@disc
def wrong_offsets(root: Path) -> Path:
    """All offsets in the table are off by a constant."""
    slices = series(4)
    return write(root, {**files(slices), "DICOMDIR": table(listed(slices), links="shifted")})


@disc
def records_in_a_circle(root: Path) -> Path:
    """Each record says that it is the one after itself."""
    slices = series(4)
    return write(root, {**files(slices), "DICOMDIR": table(listed(slices), links="circle")})


@disc
def records_by_level(root: Path) -> Path:
    """All patients, then all studies, series and images: only the links tell what belongs where.

    One image of each study is missing.
    """
    first = series(3)
    second = series(
        3, Slice(patient=b"Roe^Rick", patient_id="ID-2", study="1.2.4", description="Knee")
    )
    named = listed(first, "A") + listed(second, "B")
    content = {**files(first[:2], "A"), **files(second[:2], "B")}
    return write(root, {**content, "DICOMDIR": table(named, order="levels")})


@disc
def truncated_table(root: Path) -> Path:
    """The table of contents ends in the middle of a record."""
    slices = series(8)
    data = table(listed(slices))
    return write(root, {**files(slices), "DICOMDIR": data[: len(data) * 2 // 3]})


@disc
def table_of_nothing(root: Path) -> Path:
    """The table of contents is overwritten with zeros behind its header."""
    slices = series(4)
    whole = part10(b"", sop_class=DIRECTORY) + bytes(400)
    return write(root, {**files(slices), "DICOMDIR": whole})


@disc
def table_in_a_folder(root: Path) -> Path:
    """The disc was copied into a folder of a stick, table and all."""
    slices = series(4)
    content = {f"CD 1/{path}": data for path, data in files(slices).items()}
    return write(root, {**content, "CD 1/DICOMDIR": table(listed(slices))})


@disc
def two_tables(root: Path) -> Path:
    """Two discs copied into two folders, and one of them lacks a file."""
    first, second = series(3), series(3, Slice(series=5))
    content = {
        **{f"CD1/{path}": data for path, data in files(first).items()},
        **{f"CD2/{path}": data for path, data in files(second[:2]).items()},
        "CD1/DICOMDIR": table(listed(first)),
        "CD2/DICOMDIR": table(listed(second)),
    }
    return write(root, content)


@disc
def table_in_a_zip(root: Path) -> Path:
    """A ZIP in a folder holds a table that names one file too many."""
    slices = series(4)
    zipped(root / "a" / "b.zip", {**files(slices[:3]), "DICOMDIR": table(listed(slices))})
    return root


@disc
def listed_but_empty(root: Path) -> Path:
    """Two listed files are empty and one is zeros: the copying broke off."""
    slices = series(6)
    content = files(slices)
    content |= {"IMAGES/IM000002": b"", "IMAGES/IM000003": b"", "IMAGES/IM000005": bytes(900)}
    return write(root, {**content, "DICOMDIR": table(listed(slices))})


@disc
def table_of_another_disc(root: Path) -> Path:
    """The table belongs to quite another disc; none of its images is here."""
    others = series(3, Slice(study="1.9.9", patient=b"Other^One", patient_id="ID-9"))
    return write(root, {**files(series(3)), "DICOMDIR": table(listed(others, "OTHER"))})


@disc
def table_alone(root: Path) -> Path:
    """Only the table of contents was copied."""
    return write(root, {"DICOMDIR": table(listed(series(5)))})


@disc
def other_patient_listed(root: Path) -> Path:
    """The table says one patient, the images say another."""
    slices = series(3)
    said = [replace(s, patient=b"Roe^Richard", patient_id="ID-7") for s in slices]
    return write(root, {**files(slices), "DICOMDIR": table(listed(said))})
