from passbox_dicom.directory import read_directory
from passbox_dicom.record_tree import by_links, by_order
from tests.discs.contents import Links, Order, listed, table
from tests.discs.slices import Slice, series


def studies(order: Order, links: Links) -> list[tuple[str, str | None]]:
    """Return patient and study of each entry of a table of two patients."""
    other = Slice(patient=b"Roe^Rick", patient_id="ID-2", study="1.2.4")
    data = table(listed(series(2), "A") + listed(series(2, other), "B"), order=order, links=links)
    return [
        (entry.context.patient.name, entry.context.study_instance_uid)
        for entry in read_directory(data).entries
    ]


RIGHT = [("Doe^Jane", "1.2.3")] * 2 + [("Roe^Rick", "1.2.4")] * 2


def test_links_that_hold_tell_the_tree_in_any_order() -> None:
    """All patients first, then all studies: each image still has its own."""
    assert studies("levels", "right") == RIGHT


def test_links_that_do_not_hold_leave_it_to_the_order() -> None:
    """Shifted, circular and missing links: the order of the records is believed."""
    assert [studies("tree", links) for links in ("shifted", "circle", "none")] == [RIGHT] * 3


def test_links_must_reach_each_record_exactly_once() -> None:
    """A circle, a lost record and a link into nowhere are no tree."""
    offsets = [100, 200, 300]
    assert by_links(100, offsets, [(200, 0), (0, 300), (0, 0)]) == [(), (), (1,)]
    assert by_links(100, offsets, [(100, 0), (0, 0), (0, 0)]) is None
    assert by_links(100, offsets, [(200, 0), (0, 0), (0, 0)]) is None
    assert by_links(100, offsets, [(200, 250), (0, 300), (0, 0)]) is None


def test_in_order_each_record_stands_below_the_last_of_each_level() -> None:
    """A new study ends the series before it."""
    kinds = ["PATIENT", "STUDY", "SERIES", "IMAGE", "STUDY", "IMAGE"]
    assert by_order(kinds) == [(), (0,), (0, 1), (0, 1, 2), (0,), (0, 4)]
