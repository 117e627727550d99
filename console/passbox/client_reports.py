"""What `scan`, `send` and `receipt` print, for people and as JSON. Foreign names stay text."""

from typing import TYPE_CHECKING

from passbox.speaking import Language, results

if TYPE_CHECKING:
    from passbox_client.found import ScanResult
    from passbox_client.outcome import SendResult
    from passbox_client.receipts import VerifiedReceipt


def scan_json(result: "ScanResult", language: Language) -> dict[str, object]:
    """Return the object of `scan --json`."""
    from passbox_client import sentences
    from passbox_client.found import Listing, SkipReason

    return {
        "files_on_media": result.files,
        "instances_found": len(result.found),
        "listed": result.listed,
        "listed_missing": len(result.listed_missing),
        "unlisted": sum(file.listing is Listing.UNLISTED for file in result.found),
        "unreadable": sum(file.reason is SkipReason.UNREADABLE for file in result.skipped),
        "patients": [
            {
                "name": patient.name,
                "patient_id": patient.patient_id,
                "birth_date": patient.birth_date,
                "sex": patient.sex,
                "name_is_a_guess": patient.name_is_a_guess,
                "spellings": list(patient.spellings),
            }
            for patient in result.patients
        ],
        "studies": [
            {
                "patient": study.patient,
                "study_instance_uid": study.study_instance_uid,
                "date": study.study_date,
                "description": study.description,
                "series": sum(1 for _ in result.series_of(index)),
                "instances": _instances_of(result, index),
            }
            for index, study in enumerate(result.studies)
        ],
        "findings": [
            {
                "code": finding.code.value,
                "severity": finding.severity.value,
                "count": finding.count,
                "sentence": sentences.of_finding(finding, language),
                "paths": list(finding.paths),
            }
            for finding in result.findings
        ],
        "attached": [{"path": file.path, "kind": file.kind.value} for file in result.attached],
        "skipped": [{"path": file.path, "reason": file.reason.value} for file in result.skipped],
        "bytes": result.found_bytes,
        "seconds": round(result.seconds, 3),
    }


def print_scan(result: "ScanResult", language: Language) -> None:
    """Print patients, studies, series and findings."""
    from passbox_client import sentences

    for index, patient in enumerate(result.patients):
        born = f", * {_date(patient.birth_date)}" if patient.birth_date else ""
        _print(f"{_name(patient.name)}{born}, ID {patient.patient_id or '-'}")
        for number, study in result.studies_of(index):
            images = _instances_of(result, number)
            _print(f"  {_date(study.study_date)} {study.description or '-'}: {images}")
            for position, series in result.series_of(number):
                count = sum(file.series == position for file in result.found)
                title = series.description or f"#{series.number or '-'}"
                _print(f"    {series.modality:3} {title}: {count}")
    megabytes = result.found_bytes / 1_000_000
    _print(
        {
            Language.GERMAN: f"{len(result.found)} Bilder, {megabytes:.1f} MB, "
            f"{len(result.attached)} Anlagen, {len(result.skipped)} Dateien ausgelassen "
            f"({result.seconds:.1f} s)",
            Language.ENGLISH: f"{len(result.found)} images, {megabytes:.1f} MB, "
            f"{len(result.attached)} attachments, {len(result.skipped)} files left out "
            f"({result.seconds:.1f} s)",
        }[language]
    )
    for finding in result.findings:
        mark = {"note": " ", "look": "!", "loss": "✗"}[finding.severity.value]
        _print(f"{mark} {sentences.of_finding(finding, language)}")


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


def _instances_of(result: "ScanResult", study: int) -> int:
    return sum(result.series[file.series].study == study for file in result.found)


def _name(name: str) -> str:
    return name.replace("^", ", ", 1).replace("^", " ").strip(", ") or "-"


def _date(date: str) -> str:
    return f"{date[6:8]}.{date[4:6]}.{date[:4]}" if len(date) == 8 and date.isdigit() else date  # noqa: PLR2004  # YYYYMMDD, PS3.5 6.2


def _print(text: str) -> None:
    results.print(text, markup=False, soft_wrap=True)
