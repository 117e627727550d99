"""Dates and times as people of a language write them."""

from datetime import UTC, date, datetime
from typing import Final

from babel.dates import format_date, format_datetime

_DATE_DIGITS: Final = 8
_LATEST: Final = 253_370_764_800
"""9999-01-01: calendars end that year in every time zone."""


def shown_date(value: str, language: str) -> str:
    """Return a DICOM date as people of ``language`` write it; what is no date stays as it is."""
    try:
        day = date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    except ValueError:
        return value
    if len(value) != _DATE_DIGITS or not value.isascii():
        return value
    return format_date(day, format="medium", locale=language)


def shown_moment(seconds: int, language: str) -> str:
    """Return a Unix time as date and time on this machine's clock.

    The latest there is for later ones: some times came through the DMZ, which may say any number.
    """
    moment = datetime.fromtimestamp(min(seconds, _LATEST), UTC).astimezone()
    return format_datetime(moment, format="medium", locale=language, tzinfo=moment.tzinfo)
