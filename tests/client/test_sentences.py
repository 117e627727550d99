"""Every code has its words, in both languages."""

import re
import string
from enum import StrEnum

import pytest

from passbox_client import finding_words_de, finding_words_en, words_de, words_en
from passbox_client.errors import (
    NoReceiptYet,
    ProfileUnusable,
    ReceiverRefused,
    Trouble,
    UsageRefused,
)
from passbox_client.found import Finding, FindingCode, SkipReason
from passbox_client.outcome import Outcome, SentFile
from passbox_client.receipts import VerifiedReceipt
from passbox_client.sentences import (
    LANGUAGES,
    Words,
    of_error,
    of_finding,
    of_outcome,
    of_reason,
    of_report,
    of_result,
    of_skip,
    why_not,
)
from passbox_wire import manifest
from passbox_wire.errors import ProfileRefusal
from passbox_wire.ids import DestinationId, TransferId
from passbox_wire.inventory import FileKind
from passbox_wire.problems import Code, Problem
from passbox_wire.receipts import CoarseState, FileResult, Receipt, Report, StudyReport
from passbox_wire.states import DeliveryState, ForwardState

ERRORS = [*Trouble, *Code, *(f"profile_{refusal}" for refusal in ProfileRefusal)]
WORDS = pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
TECHNICAL = re.compile(r"\b(DICOM|SOP|UID|PACS|TLS|HTTP)\b")


@WORDS
def test_every_error_says_what_happened_and_what_to_do(words: Words) -> None:
    """Each trouble, problem and profile refusal has two sentences."""
    assert set(words.errors) == set(ERRORS)
    assert all(what and do for what, do in words.errors.values())


@WORDS
@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("outcomes", Outcome),
        ("findings", FindingCode),
        ("skipped", SkipReason),
        ("results", FileResult),
        ("deliveries", DeliveryState),
        ("forwards", ForwardState),
    ],
)
def test_every_code_has_words(words: Words, table: str, codes: type[StrEnum]) -> None:
    """Outcomes, findings, reasons and results: as many words as codes, none too many."""
    assert set(getattr(words, table)) == set(codes)


@WORDS
def test_every_reason_in_a_manifest_has_words(words: Words) -> None:
    """What the client gives as a reason, and each outcome, can be said."""
    assert set(words.reasons) >= {*SkipReason, "changed", "unreadable", manifest.Outcome.SKIPPED}


@WORDS
def test_nobody_has_to_know_our_words(words: Words) -> None:
    """No technical name stands in what a person reads."""
    said = [*words.reasons.values(), *words.skipped.values()]
    said += [text for told in words.findings.values() for text in told]
    said += [text for pair in (*words.errors.values(), *words.outcomes.values()) for text in pair]
    assert [text for text in said if TECHNICAL.search(text)] == []


def test_both_languages_name_the_same_facts() -> None:
    """A sentence takes the same facts in German and English."""

    def facts(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for code in ERRORS:
        german, english = words_de.ERRORS[code], words_en.ERRORS[code]
        assert facts("".join(german)) == facts("".join(english)), code
    for finding in FindingCode:
        told_german = finding_words_de.FINDINGS[finding]
        told_english = finding_words_en.FINDINGS[finding]
        assert [*map(facts, told_german)] == [*map(facts, told_english)], finding


def test_an_error_is_told_with_its_facts_and_code() -> None:
    """Facts are put in; the code stands last, for the help desk; a missing fact breaks nothing."""
    error = UsageRefused(Trouble.UNKNOWN_PATIENT, patient="ID-7")
    assert of_error(error, "de").what == "Auf dem Datenträger ist kein Patient mit der ID ID-7."
    assert str(of_error(error, "fr")).endswith("[unknown_patient]")
    assert of_error(UsageRefused(Trouble.UNKNOWN_PATIENT), "en").what


def test_the_hospital_s_own_words_are_passed_on() -> None:
    """What the administrator wrote for senders stands with the refusal."""
    error = ReceiverRefused(Problem(Code.NOT_ACCEPTING, text="Wartung bis 14 Uhr {x}"))
    assert of_error(error, "de").do.endswith("Die Klinik schreibt: Wartung bis 14 Uhr {x}")


def test_refusals_of_the_profile_have_their_own_sentence() -> None:
    """An altered profile is told otherwise than an expired one."""
    altered, expired = (
        of_error(ProfileUnusable.because(refusal), "de-AT").what
        for refusal in (ProfileRefusal.ALTERED, ProfileRefusal.EXPIRED)
    )
    assert altered != expired
    assert of_error(NoReceiptYet(), "de").code == "no_receipt_yet"


def test_findings_and_reasons_are_told_with_their_numbers() -> None:
    """Counts and details are put in; an unknown reason of a newer inside is shown as it is."""
    gap = Finding(FindingCode.SERIES_GAP, 2, ("IMG/I001",), "4, 5")
    assert of_finding(gap, "en") == "In one series 2 image numbers are missing: 4, 5."
    assert of_skip(SkipReason.LINK, "en") == "only a link to another place"
    assert of_result(FileResult.MISSING, "de") == "nicht angekommen"
    assert of_reason("a brand new reason", "de") == "a brand new reason"
    assert of_outcome(Outcome.COMPLETE, "de").do == ""


def a_sent_file(
    *, result: FileResult | None, result_reason: str = "", reason: str = ""
) -> SentFile:
    """Return a file of a sending."""
    outcome = manifest.Outcome.UNREADABLE if reason else manifest.Outcome.SENT
    return SentFile(0, "a", 1, FileKind.INSTANCE, outcome, None, reason, result, result_reason)


def test_a_file_that_is_not_inside_says_why() -> None:
    """The inside's reason where it refused, ours where it was not sent, else nothing."""
    assert why_not(a_sent_file(result=FileResult.DELIVERED), "en") == ""
    assert why_not(a_sent_file(result=None), "en") == ""
    refused = a_sent_file(result=FileResult.REFUSED, result_reason="truncated")
    assert why_not(refused, "en") == "ends in the middle"
    assert why_not(a_sent_file(result=FileResult.MISSING), "en") == "did not arrive"
    assert why_not(a_sent_file(result=FileResult.NOT_SENT, reason="damaged"), "en") == (
        "damaged beyond recognition"
    )


@pytest.mark.parametrize(("in_pacs", "said"), [(3, "They are in"), (2, "2 of 3 are in")])
def test_a_report_never_says_more_is_in_the_pacs_than_was_proved(in_pacs: int, said: str) -> None:
    """Where the archive has fewer images than were delivered, the sentence says how many."""
    report = Report(
        transfer=TransferId("ab" * 16),
        sequence=2,
        time=1_800_000_000,
        delivery=DeliveryState.COMPLETE,
        forward=ForwardState.IN_PACS,
        studies=(StudyReport(part=0, study=0, claimed=3, delivered=3, in_pacs=in_pacs),),
        files=(),
    )
    receipt = Receipt(
        transfer=report.transfer,
        destination=DestinationId("cd" * 16),
        state=CoarseState.DELIVERED,
        manifest_sha256=bytes(32),
        sequence=2,
        time=report.time,
        report_sha256=bytes(32),
    )
    assert said in of_report(VerifiedReceipt(receipt, report), "en")
