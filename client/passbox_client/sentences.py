"""What a person reads: every code of an error, finding or report as words, German and English.

Each error is two sentences: what happened, and what to do. The words are in words_de.py and
words_en.py; a test holds that both know every code. Facts from a medium are put in as they are: the
one who shows a sentence escapes it for where it is shown.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from passbox_client import finding_words_de, finding_words_en, words_de, words_en
from passbox_client.errors import ClientError
from passbox_client.finding_words import Affected, Told, shown_date, tell
from passbox_client.found import Finding, SkipReason
from passbox_client.outcome import Outcome, SentFile
from passbox_client.receipts import VerifiedReceipt
from passbox_client.report import SenderReport
from passbox_wire import manifest
from passbox_wire.receipts import FileResult
from passbox_wire.states import ForwardState


class Words(NamedTuple):
    """All words of one language, by code. Errors and outcomes: (what happened, what to do)."""

    errors: Mapping[str, tuple[str, str]]
    outcomes: Mapping[str, tuple[str, str]]
    findings: Mapping[str, Told]
    affected: Affected
    skipped: Mapping[str, str]
    reasons: Mapping[str, str]
    results: Mapping[str, str]
    deliveries: Mapping[str, str]
    forwards: Mapping[str, str]
    in_pacs_partly: str
    as_of: str
    unknown_error: tuple[str, str]
    unknown_reason: str
    hospital_says: str


LANGUAGES: Final[Mapping[str, Words]] = {
    "de": Words(
        words_de.ERRORS,
        words_de.OUTCOMES,
        finding_words_de.FINDINGS,
        finding_words_de.AFFECTED,
        words_de.SKIPPED,
        words_de.REASONS,
        words_de.RESULTS,
        words_de.DELIVERIES,
        words_de.FORWARDS,
        words_de.IN_PACS_PARTLY,
        words_de.AS_OF,
        words_de.UNKNOWN_ERROR,
        words_de.UNKNOWN_REASON,
        words_de.HOSPITAL_SAYS,
    ),
    "en": Words(
        words_en.ERRORS,
        words_en.OUTCOMES,
        finding_words_en.FINDINGS,
        finding_words_en.AFFECTED,
        words_en.SKIPPED,
        words_en.REASONS,
        words_en.RESULTS,
        words_en.DELIVERIES,
        words_en.FORWARDS,
        words_en.IN_PACS_PARTLY,
        words_en.AS_OF,
        words_en.UNKNOWN_ERROR,
        words_en.UNKNOWN_REASON,
        words_en.HOSPITAL_SAYS,
    ),
}
"""Every other language is English."""


class Sentence(NamedTuple):
    """What happened, and what to do about it. ``code`` is for the help desk."""

    what: str
    do: str
    code: str

    def __str__(self) -> str:
        """Return both sentences and the code."""
        return " ".join(part for part in (self.what, self.do, f"[{self.code}]") if part)


def words(language: str) -> Words:
    """Return the words of a language tag ("de", "de-AT", ...)."""
    return LANGUAGES.get(language.partition("-")[0].casefold(), LANGUAGES["en"])


def of_error(error: ClientError, language: str) -> Sentence:
    """Return an error in words, with what the hospital's administrator wrote, if anything."""
    known = words(language)
    what, do = known.errors.get(error.code, known.unknown_error)
    facts = {name: str(value) for name, value in error.facts.items()}
    text = facts.get("text", "")
    if text:
        do = f"{do} {known.hospital_says.format(text=text)}"
    return Sentence(what.format_map(_Facts(facts)), do, error.code)


def of_outcome(outcome: Outcome, language: str) -> Sentence:
    """Return how a sending ended in words."""
    what, do = words(language).outcomes[outcome]
    return Sentence(what, do, outcome.value)


def of_finding(finding: Finding, language: str) -> str:
    """Return a finding in words: what is odd, how often, in which studies."""
    known = words(language)
    return tell(finding, known.findings[finding.code], known.affected)


def advice_on(finding: Finding, language: str) -> str:
    """Return what to do about a finding; empty when there is nothing to do."""
    return words(language).findings[finding.code].do


def of_date(date: str, language: str) -> str:
    """Return a DICOM date as it is written in the language."""
    return shown_date(date, words(language).affected)


def of_skip(reason: SkipReason, language: str) -> str:
    """Return in words why a file is left out."""
    return words(language).skipped[reason]


def of_result(result: FileResult, language: str) -> str:
    """Return in words what the inside says became of a file."""
    return words(language).results[result]


def of_reason(reason: str, language: str) -> str:
    """Return a reason of ours or of the inside in words; one from a newer inside as it is."""
    known = words(language)
    return known.reasons.get(reason) or known.unknown_reason.format(reason=reason)


def of_report(verified: VerifiedReceipt, language: str) -> str:
    """Return in words what the inside has signed and as of when; what came later it cannot say."""
    moment = verified.as_of.strftime("%Y-%m-%d %H:%M UTC")
    return f"{of_verdict(verified, language)} {words(language).as_of.format(time=moment)}"


def of_verdict(verified: VerifiedReceipt, language: str) -> str:
    """Return the same without the moment, for where that stands beside."""
    known, report = words(language), verified.report
    delivered = sum(study.delivered for study in report.studies)
    in_pacs = sum(study.in_pacs for study in report.studies)
    # Images the archive could not take beside others of the same number are not in it.
    partly = report.forward is ForwardState.IN_PACS and in_pacs < delivered
    forward = known.in_pacs_partly if partly else known.forwards[report.forward]
    parts = (
        known.deliveries[report.delivery],
        forward.format(in_pacs=in_pacs, delivered=delivered),
    )
    return " ".join(part for part in parts if part)


def of_sender_report(report: SenderReport, language: str) -> str:
    """Return in words what a sender's report comes to: the inside's word, else how it ended."""
    if report.verified is not None:
        return of_report(report.verified, language)
    if report.outcome is None:
        return ""
    what = of_outcome(report.outcome, language)
    return " ".join(part for part in (what.what, what.do) if part)


def why_not(file: SentFile, language: str) -> str:
    """Return in words why a file is not inside; empty when it is."""
    if file.result in {FileResult.DELIVERED, FileResult.KEPT}:
        return ""
    if file.result is FileResult.REFUSED or file.result is FileResult.MISSING:
        return of_reason(file.result_reason or file.result.value, language)
    if file.outcome is manifest.Outcome.SENT:
        return ""
    return of_reason(file.reason or file.outcome.value, language)


class _Facts(dict[str, str]):
    """Leaves a name that was not given out of the sentence instead of failing."""

    def __missing__(self, _key: str) -> str:
        return ""
