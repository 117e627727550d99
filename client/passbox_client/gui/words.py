"""Numbers, sizes, times and days as people say them, and whom to call, in the window's language."""

from datetime import datetime
from typing import Final

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QTime

from passbox_client.window.state import WindowState

_LOCALES: Final = {"de": "de_DE", "en": "en_GB"}
_DATES: Final = {"de": "d. MMMM yyyy", "en": "d MMMM yyyy"}
translate = QCoreApplication.translate
_MINUTE = 60.0
_HOUR = 3600.0
_ROUND_SECONDS = 45.0


def size(bytes_: float) -> str:
    """Return bytes as kB, MB or GB (powers of 1000)."""
    base = QLocale.DataSizeFormat.DataSizeSIFormat
    return QLocale().formattedDataSize(int(bytes_), 1 if bytes_ >= 10**6 else 0, base)


def count(number: int) -> str:
    """Return a number with its thousands parted."""
    return QLocale().toString(number)


def day(moment: datetime, language: str) -> str:
    """Return whose day a thing is: of today, of yesterday, of a date; by this computer's clock."""
    local = moment.astimezone()
    ago = (datetime.now().astimezone().date() - local.date()).days
    if ago == 0:
        return translate("Words", "of today")
    if ago == 1:
        return translate("Words", "of yesterday")
    said = translate("Words", "of {date}")
    return said.format(date=date(local.strftime("%Y%m%d"), language))


def moment(moment: datetime, language: str) -> str:
    """Return a day and time by this computer's clock."""
    local = moment.astimezone()
    said = translate("Words", "{date}, {time}")
    time = locale_of(language).toString(QTime(local.hour, local.minute), "HH:mm")
    return said.format(date=date(local.strftime("%Y%m%d"), language), time=time)


def date(dicom: str, language: str) -> str:
    """Return a date of the medium with the month in words, or that there is none."""
    found = QDate.fromString(dicom, "yyyyMMdd")
    if found.isValid():
        return locale_of(language).toString(found, _DATES.get(language, _DATES["en"]))
    return dicom or translate("Words", "date unknown")


def locale_of(language: str) -> QLocale:
    """Return how numbers and months are written in a language."""
    return QLocale(_LOCALES.get(language, language))


def time_left(seconds: float | None) -> str:
    """Return how long it will take, roughly: nobody needs the seconds."""
    if seconds is None:
        return translate("Words", "Working out how long it will take …")
    if seconds < _ROUND_SECONDS:
        return translate("Words", "Less than a minute left")
    if seconds < _HOUR:
        minutes = max(1, round(seconds / _MINUTE))
        return translate("Words", "About %n minute(s) left", "", minutes)
    return translate("Words", "About %n hour(s) left", "", max(1, round(seconds / _HOUR)))


def images(number: int) -> str:
    """Return how many images, in words."""
    return translate("Words", "%n image(s)", "", number)


def arrived(claimed: int, delivered: int | None) -> str:
    """Return how many images there are and how many have arrived; None while nobody has said."""
    if delivered is None:
        return images(claimed)
    if delivered == claimed:
        return translate("Words", "{images}, all arrived").format(images=images(claimed))
    said = translate("Words", "{images}, {arrived} of them arrived")
    return said.format(images=images(claimed), arrived=count(delivered))


def breakable(text: str, most: int) -> str:
    """Return a text whose long words may go into two lines; nothing is seen of it otherwise."""
    return " ".join(
        "\u200b".join(word[at : at + most] for at in range(0, len(word), most))
        for word in text.split(" ")
    )


def call_words(state: WindowState) -> str:
    """Return whom to call; empty when the hospital gives no number."""
    phone = state.card.profile.phone if state.card else ""
    if not phone or state.card is None:
        return ""
    said = translate("Window", "Questions? {hospital}: {phone}")
    return said.format(hospital=state.card.profile.hospital, phone=phone)


def code_words(code: str) -> str:
    """Return the code to be read out to the help desk."""
    return translate("Window", "Code for the help desk: {code}").format(code=code)
