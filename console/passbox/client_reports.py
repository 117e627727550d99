"""What `send` and `receipt` print, for people and as JSON. Foreign names stay text."""

from typing import TYPE_CHECKING

from passbox.speaking import Language, results

if TYPE_CHECKING:
    from passbox_client.outcome import SendResult
    from passbox_client.receipts import VerifiedReceipt


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
        "studies": [study.to_json() for study in report.studies],
        "files": [file.to_json() for file in report.files],
    }


def print_receipt(verified: "VerifiedReceipt", language: Language) -> None:
    """Print what the hospital signed, and as of when."""
    from passbox_client import sentences

    _print(sentences.of_report(verified, language))
    for number, study in enumerate(verified.report.studies, 1):
        _print(f"  {number}: {study.delivered}/{study.claimed}, PACS {study.in_pacs}")


def _date(date: str) -> str:
    return f"{date[6:8]}.{date[4:6]}.{date[:4]}" if len(date) == 8 and date.isdigit() else date  # noqa: PLR2004  # YYYYMMDD, PS3.5 6.2


def _print(text: str) -> None:
    results.print(text, markup=False, soft_wrap=True)
