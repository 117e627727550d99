"""The sender's report as JSON: every file, and what proves it. Pure.

The form is docs/formats/sender-report.md. The hospital's signed words are in it as they came
("receipt"), so that whoever has the hospital's receipt key can check them again without us.
"""

import json
from typing import Any, Final

from passbox_client import sentences
from passbox_client.receipts import VerifiedReceipt
from passbox_client.report import ReportedFile, ReportedStudy, SenderReport, Stage, stages

VERSION: Final = 1


def encode_json(report: SenderReport, language: str) -> bytes:
    """Return the report as UTF-8, indented, one sentence of it in ``language``."""
    return (json.dumps(report_json(report, language), ensure_ascii=False, indent=1) + "\n").encode(
        "utf-8", "replace"
    )


def report_json(report: SenderReport, language: str) -> dict[str, Any]:
    """Return the report as a JSON object."""
    return {
        "passbox_report": VERSION,
        "as_of": report.as_of.isoformat(timespec="seconds"),
        "made": report.made.isoformat(timespec="seconds"),
        "hospital": report.hospital,
        "phone": report.phone,
        "transfer": report.transfer,
        "receipt_code": report.receipt_code,
        "phone_code": report.phone_code,
        "outcome": report.outcome.value if report.outcome else None,
        "trouble": report.trouble or None,
        "sentence": sentences.of_sender_report(report, language),
        "note": report.note,
        "stages": [_stage(stage) for stage in stages(report)],
        "receipt": _receipt(report.verified) if report.verified else None,
        "studies": [_study(study) for study in report.studies],
        "files": [_file(file, language) for file in report.files],
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "step": stage.step.value,
        "standing": stage.standing.value,
        "images": stage.count,
        "of": stage.total,
    }


def _receipt(verified: VerifiedReceipt) -> dict[str, Any]:
    receipt, report, signed = verified.receipt, verified.report, verified.signed
    return {
        "signature_checked": True,
        "state": receipt.state.value,
        "sequence": receipt.sequence,
        "delivery": report.delivery.value,
        "forward": report.forward.value,
        "manifest_sha256": receipt.manifest_sha256.hex() if receipt.manifest_sha256 else None,
        "body": signed.body.hex() if signed else None,
        "signature": signed.signature.hex() if signed else None,
        "signer": signed.signer.hex() if signed else None,
    }


def _study(study: ReportedStudy) -> dict[str, Any]:
    return {
        "medium": study.part + 1,
        "study": study.study + 1,
        "patient": study.patient_name,
        "date": study.study_date,
        "description": study.description,
        "images": study.claimed,
        "delivered": study.delivered,
        "in_pacs": study.in_pacs,
    }


def _file(file: ReportedFile, language: str) -> dict[str, Any]:
    return {
        "file": file.index + 1,
        "path": file.path,
        "size": file.size,
        "sha256": file.sha256.hex() if file.sha256 else None,
        "result": file.result.value if file.result else None,
        "reason": file.reason,
        "why": sentences.of_reason(file.reason, language) if file.reason else "",
    }
