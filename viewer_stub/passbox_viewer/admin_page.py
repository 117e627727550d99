"""The admin's pages as HTML. Autoescape is on, undefined names are errors, nothing is decided here.

What comes from the DMZ is text like any other. No inline script or style: charts are SVG whose
colours stand in the style sheet.
"""

from datetime import date
from typing import Final
from urllib.parse import urlencode

import jinja2
from babel.dates import format_date
from babel.numbers import format_decimal

from passbox_viewer.administrator import Session
from passbox_viewer.moments import shown_moment
from passbox_viewer.settings import Hospital
from passbox_viewer.texts import Texts

PARTS: Final = (
    ("overview", "/admin"),
    ("transfers", "/admin/transfers"),
    ("quarantine", "/admin/quarantine"),
    ("receiver", "/admin/receiver"),
    ("inboxes", "/admin/inboxes"),
    ("audit", "/admin/audit"),
)
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_THOUSAND: Final = 1000

_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("passbox_viewer", "templates/admin"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)


def render(
    name: str, t: Texts, hospital: Hospital, session: Session | None, **values: object
) -> str:
    """Return one page; ``session`` None only for the login."""
    here = str(values.pop("here", dict(PARTS).get(name, "/admin/login")))
    query = {key: value for key, value in {"q": values.get("q", "")}.items() if value}
    return _TEMPLATES.get_template(f"{name}.html").render(
        t=t,
        hospital=hospital,
        csrf=session.csrf if session else "",
        logged_in=session is not None,
        parts=PARTS,
        part=name,
        language_url=f"{here}?{urlencode(query | {'lang': t.other})}",
        moment=lambda seconds: shown_moment(seconds, t.lang),
        day=lambda value: _day(value, t.lang),
        size=lambda value: shown_size(value, t.lang),
        whole=lambda value: format_decimal(value, locale=t.lang),
        **values,
    )


def shown_size(value: int, language: str) -> str:
    """Return bytes in the unit people read, by powers of ten."""
    amount, unit = float(value), 0
    while amount >= _THOUSAND and unit + 1 < len(_UNITS):
        amount, unit = amount / _THOUSAND, unit + 1
    digits = "0" if unit == 0 or amount >= _THOUSAND / 10 else "0.0"
    return f"{format_decimal(amount, format=digits, locale=language)} {_UNITS[unit]}"


def _day(value: date, language: str) -> str:
    return format_date(value, format="short", locale=language)
