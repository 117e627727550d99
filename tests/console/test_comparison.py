from dataclasses import replace

import pytest

from passbox.demo.comparison import CheckedFile, Comparison, compare
from passbox.demo.reader import ReadFile, hashed

ONE = hashed(b"one")
OTHER = hashed(b"other")


def a_checked_file(path: str = "A", uid: str = "1.2", read: ReadFile = ONE) -> CheckedFile:
    """A delivered file."""
    return CheckedFile(path, uid, True, False, "", read.sha256, read.data_set_sha256)


def compared(**changes: object) -> Comparison:
    """Compare one instance that is equal everywhere but for the changes."""
    values = {
        "instances": {"A": "1.2"},
        "on_medium": {"A": ONE},
        "checked": {"A": a_checked_file()},
        "stored": {"1.2": frozenset({ONE.data_set_sha256})},
        "in_pacs": frozenset({"1.2"}),
        "equal_in_pacs": {"1.2": ONE.data_set_sha256},
    }
    return compare(**{**values, **changes})  # type: ignore[arg-type]  # values of a builder


def test_equal_at_every_station_is_equal() -> None:
    """An instance with one hash from medium to PACS is delivered, in the PACS and not unequal."""
    assert compared() == Comparison(1, 1, (), ())
    assert compared(equal_in_pacs={"1.2": None}).unequal == ()


@pytest.mark.parametrize(
    "change",
    [
        {"on_medium": {"A": OTHER}},
        {"on_medium": {}},
        {"checked": {"A": replace(a_checked_file(), file_sha256=OTHER.sha256)}},
        {"checked": {"A": replace(a_checked_file(), data_set_sha256=OTHER.data_set_sha256)}},
        {"stored": {}},
        {"stored": {"1.2": frozenset({OTHER.data_set_sha256})}},
        {"equal_in_pacs": {}},
        {"equal_in_pacs": {"1.2": OTHER.data_set_sha256}},
    ],
)
def test_a_difference_at_any_station_is_found(change: dict[str, object]) -> None:
    """One other or missing hash at any single station makes the instance unequal."""
    assert compared(**change).unequal == ("A",)


def test_what_was_not_delivered_is_not_called_equal_or_unequal() -> None:
    """A file that never came inside is missing in the counts, not in the comparison of bytes."""
    assert compared(checked={}, stored={}, in_pacs=frozenset()) == Comparison(0, 0, (), ())


def test_what_the_inside_refused_is_named_with_its_reason() -> None:
    """A refused file is listed with why, one that was kept as an attachment is not."""
    refused = replace(a_checked_file(), delivered=False, reason="time_limit")
    kept = replace(a_checked_file("B"), delivered=False, kept=True)
    assert compared(checked={"A": refused, "B": kept}).refused == (("A", "time_limit"),)
