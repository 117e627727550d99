"""What `send` and `receipt` print, for people and as JSON. Foreign names stay text."""

from typing import TYPE_CHECKING

from passbox.speaking import Language, results, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from passbox_client.outcome import SendResult
    from passbox_client.receipts import VerifiedReceipt
    from passbox_client.report import SenderReport


def result_json(result: "SendResult", language: Language) -> dict[str, object]:
    """Return the object of `send --json`."""
    from passbox_client import sentences

    return {
        "transfer": result.transfer,
        "outcome": result.outcome.value,
        "sentence": sentences.of_outcome(result.outcome, language).what,
        "receipt_code": result.receipt_code,
        "phone_code": result.phone_code,
        "studies": [
            {
                "study_instance_uid": study.study_instance_uid,
                "claimed": study.claimed,
                "delivered": study.delivered,
                "in_pacs": study.in_pacs,
            }
            for study in result.studies
        ],
        "files": [
            {
                "path": file.path,
                "outcome": file.outcome.value,
                "result": file.result.value if file.result else None,
                "reason": file.result_reason or file.reason,
            }
            for file in result.files
        ],
        "trouble": result.trouble.code if result.trouble else None,
        "bytes_sent": result.bytes_sent,
        "seconds": {
            "scan": result.seconds_scan,
            "sent": result.seconds_sent,
            "confirmed": result.seconds_confirmed,
        },
        "exit_code": int(result.exit_code),
    }


def print_result(result: "SendResult", language: Language) -> None:
    """Print the verdict, the codes and what did not arrive."""
    from passbox_client import sentences

    _print(str(sentences.of_outcome(result.outcome, language)))
    for study in result.studies:
        delivered = "-" if study.delivered is None else study.delivered
        _print(
            f"  {_date(study.study_date)} {study.description or '-'}: {delivered}/{study.claimed}"
        )
    for file in result.files:
        if why := sentences.why_not(file, language):
            _print(f"  ✗ {file.path}: {why}")
    words = {
        Language.GERMAN: ("Quittungscode (bitte aufheben)", "Code fürs Telefon"),
        Language.ENGLISH: ("Receipt code (please keep)", "Code for the telephone"),
    }[language]
    _print(f"{words[0]}: {result.receipt_code}")
    if result.phone_code:
        _print(f"{words[1]}: {result.phone_code}")


def receipt_json(verified: "VerifiedReceipt", language: Language) -> dict[str, object]:
    """Return the object of `receipt --json`."""
    from passbox_client import sentences

    report = verified.report
    return {
        "transfer": report.transfer,
        "as_of": verified.as_of.isoformat(),
        "sequence": report.sequence,
        "delivery": report.delivery.value,
        "forward": report.forward.value,
        "sentence": sentences.of_report(verified, language),
        "note": report.note,
        "studies": [study.to_json() for study in report.studies],
        "files": [file.to_json() for file in report.files],
    }


def print_receipt(report: "SenderReport", language: Language) -> None:
    """Print what the hospital signed, step by step, and as of when."""
    from passbox_client import sentences
    from passbox_client.report import Standing, stages
    from passbox_client.report_words import report_words

    words = report_words(language)
    _print(sentences.of_sender_report(report, language))
    marks = {Standing.DONE: "✓", Standing.PARTLY: "◐", Standing.OPEN: "○", Standing.NOT: "✗"}
    for stage in stages(report):
        _print(f"  {marks[stage.standing]} {words.stage(stage)}")
    if report.note:
        _print(words.note.format(note=report.note))
    for study in report.studies:
        name = words.unnamed_study.format(study=study.study + 1, part=study.part + 1)
        _print(f"  {name}: {study.delivered}/{study.claimed}, PACS {study.in_pacs}")
    for file in report.not_arrived:
        name = words.unnamed_file.format(number=file.index + 1)
        why = file.reason or (file.result or "")
        _print(f"  ✗ {name}: {sentences.of_reason(why, language)}")


def check_report_paths(paths: "Sequence[Path] | None") -> None:
    """Raise UsageRefused for a report that could not be saved, before anything is done."""
    from passbox_client.saving import check_report_path

    for path in paths or ():
        check_report_path(path)


def save_reports(report: "SenderReport", paths: "Sequence[Path]", language: Language) -> None:
    """Save a report; one that cannot be saved is told, and takes nothing from what was sent."""
    from passbox_client import sentences
    from passbox_client.errors import ClientError
    from passbox_client.saving import save_report

    saved = {Language.GERMAN: "Quittung gespeichert", Language.ENGLISH: "Report saved"}[language]
    for path in paths:
        try:
            save_report(report, path, language)
            say(f"{saved}: {path}")
        except ClientError as error:
            say(str(sentences.of_error(error, language)))


def _date(date: str) -> str:
    return f"{date[6:8]}.{date[4:6]}.{date[:4]}" if len(date) == 8 and date.isdigit() else date  # noqa: PLR2004  # YYYYMMDD, PS3.5 6.2


def _print(text: str) -> None:
    results.print(text, markup=False, soft_wrap=True)
