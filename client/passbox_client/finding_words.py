"""What a finding is told with: a sentence for one, one for several, and what to do about it."""

from datetime import datetime
from typing import Final, NamedTuple

from passbox_client.found import AffectedStudy, Finding
from passbox_client.spelling import shown_name

MOST_STUDIES: Final = 5


class Told(NamedTuple):
    """Words of one finding. ``do`` is empty where nothing is to be done.

    Facts in braces: ``count``, and ``detail`` as the medium has it.
    """

    one: str
    many: str
    do: str = ""


class Affected(NamedTuple):
    """How studies are named after a finding; ``date`` as strftime takes it."""

    intro: str
    unnamed: str
    date: str
    more: str


def tell(finding: Finding, told: Told, affected: Affected) -> str:
    """Return a finding in words, with the studies it is about."""
    sentence = (told.one if finding.count == 1 else told.many).format(
        count=finding.count, detail=finding.detail
    )
    if not finding.studies:
        return sentence
    named = [_named(study, affected) for study in finding.studies[:MOST_STUDIES]]
    named += [affected.more] * (len(finding.studies) > MOST_STUDIES)
    return f"{sentence} {affected.intro.format(studies='; '.join(named))}"


def _named(study: AffectedStudy, affected: Affected) -> str:
    date = shown_date(study.study_date, affected)
    facts = (shown_name(study.patient_name), study.description, date)
    said = ", ".join(fact for fact in facts if fact) or affected.unnamed
    return f"{said} ({study.count})"


def shown_date(date: str, affected: Affected) -> str:
    """Return a DICOM date as people of the language write it; anything else as it is."""
    try:
        return datetime.strptime(date, "%Y%m%d").strftime(affected.date)  # noqa: DTZ007 - a date
    except ValueError:
        return date
