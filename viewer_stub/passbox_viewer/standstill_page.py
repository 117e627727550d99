"""The page of a transfer that stands still, before anybody released it: the form, and no image.

What is shown are the sender's claims, what has come as a count, and what is missing by name.
Nothing is verified yet, so no patient and no picture is on it. Autoescape is on, undefined names
are errors.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import jinja2

from passbox_viewer.moments import shown_moment
from passbox_viewer.settings import Hospital
from passbox_viewer.texts import Texts
from passbox_viewer.transfer import Transfer
from passbox_wire.inner.quarantine import MAX_DECISION_REASON, Decision

MAX_NAME: Final = 60

_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("passbox_viewer"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody wrote into the form, shown again when it was not enough."""

    name: str = ""
    reason: str = ""
    tried: bool = False


def render_standstill(  # one parameter a thing that is shown
    t: Texts,
    hospital: Hospital,
    base: str,
    csrf: str,
    transfer: Transfer,
    released: Decision | None,
    user: str | None,
    filled: Filled,
) -> str:
    """Return the page; ``user`` is whom the house's login names, who then needs no name."""
    return _TEMPLATES.get_template("standstill.html").render(
        t=t,
        hospital=hospital,
        base=base,
        csrf=csrf,
        facts=transfer.facts,
        delivery=transfer.delivery,
        released=released,
        user=user,
        filled=filled,
        name_length=MAX_NAME,
        reason_length=MAX_DECISION_REASON,
        language_url=f"{base}?{urlencode({'lang': t.other})}",
        moment=lambda seconds: shown_moment(seconds, t.lang),
    )
