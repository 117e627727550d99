from dataclasses import replace

import pytest

from passbox_viewer.instances import Forwarding, Instance, InstanceFacts, Reading
from passbox_viewer.moments import shown_date, shown_moment
from passbox_viewer.store import Claims
from passbox_viewer.study import MOST_FRAMES, Picture, overview, progress, shown_name
from tests.viewer.house import a_transfer

FACTS = InstanceFacts(
    study_instance_uid="1.2.1", series_instance_uid="1.2.1.1", patient_name="Doe^Jane",
    patient_id="4711", birth_date="19620314", sex="F", charset_is_a_guess=False,
    study_date="20260102", study_description="Thorax", modality="CT", series_description="Lung",
    series_number=1, instance_number=1, rows=64, columns=64, frames=1,
)  # fmt: skip


def an_instance(number: int, facts: InstanceFacts | None = FACTS, **changes: object) -> Instance:
    """Return a row of the index."""
    row = Instance(
        number, a_transfer(), f"{number}.dcm", Claims("1.2", f"1.2.3.{number}", "1.2.4"), bytes(32),
        100, False, Reading.READ if facts else Reading.UNREADABLE, facts, Forwarding.WAITING, None,
    )  # fmt: skip
    return replace(row, **changes)  # type: ignore[arg-type]  # the test's own keyword arguments


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("Müller^Anna^Maria^Dr.^MD", "Müller, Dr. Anna Maria, MD"),
        ("Yamada^Tarou=山田^太郎", "Yamada, Tarou (山田, 太郎)"),
        ("Doe^^^^^^^extra", "Doe"),
        ("=", ""),
        ("", ""),
    ],
)
def test_a_name_is_shown_as_people_write_it(name: str, shown: str) -> None:
    """Family, given; other scripts in brackets; nothing odd breaks it."""
    assert shown_name(name) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("19620314", "14.03.1962"),
        ("19620399", "19620399"),
        ("<b>", "<b>"),
        ("\uff11\uff19620314", "\uff11\uff19620314"),
    ],
)
def test_a_date_that_is_none_stays_as_it_is(value: str, shown: str) -> None:
    """Dates are shown as the reader writes them, anything else unchanged."""
    assert shown_date(value, "de") == shown


@pytest.mark.parametrize("seconds", [0, 1_800_000_000, 2**40, 2**53 - 1])
def test_any_number_is_a_moment(seconds: int) -> None:
    """A time that came through the DMZ breaks no page, whatever number it is."""
    assert shown_moment(seconds, "de")
    assert shown_moment(seconds, "en")


def test_pictures_are_in_the_order_of_their_numbers() -> None:
    """By instance number, then as they came; without a number last; frames in a row."""
    rows = [
        an_instance(1, replace(FACTS, instance_number=None)),
        an_instance(2, replace(FACTS, instance_number=2, frames=2)),
        an_instance(3, replace(FACTS, instance_number=-1)),
    ]

    (series,) = overview(rows).series

    assert series.pictures == (Picture(3, 0), Picture(2, 0), Picture(2, 1), Picture(1, 0))


def test_series_keep_their_position_over_patients_and_studies() -> None:
    """Positions count over the whole transfer, so an address means one series."""
    rows = [
        an_instance(1, replace(FACTS, series_instance_uid="1.2.1.2", series_number=9)),
        an_instance(2),
        an_instance(3, replace(FACTS, patient_name="Roe^R", study_instance_uid="1.2.2")),
    ]

    view = overview(rows)

    assert [one.position for one in view.series] == [0, 1, 2]
    assert [one.number for one in view.series] == [1, 9, 1]
    assert [patient.name for patient in view.patients] == ["Doe^Jane", "Roe^R"]


def test_a_claimed_number_of_frames_is_bounded() -> None:
    """A header that claims a million frames costs no million pictures."""
    (series,) = overview([an_instance(1, replace(FACTS, frames=1_000_000))]).series

    assert len(series.pictures) == MOST_FRAMES


def test_what_is_unreadable_or_beside_is_counted_apart() -> None:
    """Such images are never counted as sendable, and the counts add up."""
    rows = [
        an_instance(1, forwarding=Forwarding.IN_PACS),
        an_instance(2, forwarding=Forwarding.SENT),
        an_instance(3, forwarding=Forwarding.REFUSED),
        an_instance(4, None),
        an_instance(5, beside=True),
    ]

    view, now = overview(rows), progress(rows)

    assert (view.instances, view.unreadable, view.beside) == (5, 1, 1)
    assert (now.total, now.sent, now.refused, now.in_pacs, now.cannot) == (5, 2, 1, 1, 2)


def test_the_page_opens_with_the_series_that_shows_most() -> None:
    """Pictures x rows x columns decide; of equals the first, of none nothing."""
    localizer = an_instance(1, replace(FACTS, series_instance_uid="1.2.1.0", rows=32, frames=3))
    scan, again = (
        [
            an_instance(
                n, replace(FACTS, series_instance_uid=f"1.2.1.{number}", series_number=number)
            )
            for n in (2 * number, 2 * number + 1)
        ]
        for number in (2, 3)
    )

    best = overview([localizer, *scan, *again]).most_worth_looking_at

    assert best is not None
    assert best.number == 2
    assert overview([]).most_worth_looking_at is None
