import pytest

from passbox_dicom.names import PathIndex

LONG = [("IMAGES", f"Axial slice {n}.dcm") for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("claimed", "real"),
    [
        (("IMAGES", "AXIALS~1.DCM"), LONG[0]),
        (("IMAGES", "AXIALS~3"), LONG[2]),
        (("images", "axials~2.dcm;1"), LONG[1]),
        (("IMAGES", "AXIALS~4.DCM"), None),
        (("IMAGES", "CORONA~1.DCM"), None),
        (("IMAGES",), None),
        ((), None),
    ],
)
def test_a_short_name_means_the_long_one_it_shortens(
    claimed: tuple[str, ...], real: tuple[str, ...] | None
) -> None:
    """NAME~2 is the second of the names that begin so; a folder is no file."""
    assert PathIndex(LONG).find(claimed) == real


def test_a_long_name_means_its_short_one_where_there_is_one_only() -> None:
    """A claim of the long name finds the short one, unless several could be meant."""
    claimed = ("IMAGES", "IMAGE00017.DCM")
    assert PathIndex([("IMAGES", "IMAGE0~1.DCM")]).find(claimed) == ("IMAGES", "IMAGE0~1.DCM")
    two = [("IMAGES", "IMAGE0~1.DCM"), ("IMAGES", "IMAGE0~2.DCM")]
    assert PathIndex(two).find(claimed) is None


def test_how_far_a_name_leads_is_known() -> None:
    """What is there of a path, and the parts that lead nowhere, are told."""
    index = PathIndex([("DICOM", "PAT1", "IM1")])
    assert index.reach(("dicom", "PAT2", "IM1")) == (("DICOM",), ("PAT2", "IM1"))
    assert index.reach(("DICOM", "PAT1", "IM1", "x")) == (("DICOM", "PAT1", "IM1"), ("x",))


def test_a_folder_of_many_alike_names_is_not_searched() -> None:
    """Thousands of names with one beginning answer no short name: it would cost too much."""
    index = PathIndex([("a", f"image number {n}") for n in range(3000)])
    assert index.find(("a", "IMAGEN~1")) is None
