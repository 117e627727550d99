"""What `passbox scan` says: for people line by line, for programs as one JSON object."""

from typing import TYPE_CHECKING, Final

from rich.table import Table

from passbox.scan_words import ScanWords, words_of
from passbox.speaking import Language, results

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passbox_client.accounts import StudyAccount
    from passbox_client.found import Finding, ScanResult

MARKS: Final = {"loss": "✗", "look": "!", "note": "·"}
_PATHS_SAID: Final = 5


def scan_json(result: "ScanResult", language: Language) -> dict[str, object]:
    """Return the object of `scan --json`."""
    from passbox_client.accounts import by_study

    return {
        "files_on_media": result.files,
        "instances_found": len(result.found),
        "listed": result.listed,
        "listed_missing": len(result.missing),
        "listed_elsewhere": sum(file.elsewhere is not None for file in result.missing),
        "unlisted": result.unlisted,
        "unreadable": len(result.unreadable),
        "patients": [_patient_json(result, index) for index in range(len(result.patients))],
        "studies": [_study_json(result, index) for index in range(len(result.studies))],
        "findings": [_finding_json(finding, language) for finding in result.findings],
        "accounts": [_account_json(account) for account in by_study(result)],
        "attached": [{"path": file.path, "kind": file.kind.value} for file in result.attached],
        "skipped": [
            {
                "path": file.path,
                "reason": file.reason.value,
                "study_instance_uid": file.claimed and file.claimed.study_instance_uid,
            }
            for file in result.skipped
        ],
        "missing": [
            {
                "path": file.path,
                "found_at": None if file.elsewhere is None else _path(file.elsewhere),
                "study_instance_uid": file.claimed.study_instance_uid,
            }
            for file in result.missing
        ],
        "bytes": result.found_bytes,
        "finished": result.finished,
        "seconds": round(result.seconds, 3),
    }


def _path(parts: tuple[str, ...]) -> str:
    from passbox_client.found import shown_path

    return shown_path(parts)


def _patient_json(result: "ScanResult", index: int) -> dict[str, object]:
    patient = result.patients[index]
    return {
        "name": patient.name,
        "patient_id": patient.patient_id,
        "birth_date": patient.birth_date,
        "sex": patient.sex,
        "name_is_a_guess": patient.name_is_a_guess,
        "spellings": list(patient.spellings),
    }


def _study_json(result: "ScanResult", index: int) -> dict[str, object]:
    study = result.studies[index]
    counts = images_by_series(result)
    return {
        "patient": study.patient,
        "study_instance_uid": study.study_instance_uid,
        "date": study.study_date,
        "description": study.description,
        "series": [
            {
                "series_instance_uid": series.series_instance_uid,
                "modality": series.modality,
                "number": series.number,
                "description": series.description,
                "instances": counts.get(position, 0),
            }
            for position, series in result.series_of(index)
        ],
        "instances": sum(counts.get(position, 0) for position, _ in result.series_of(index)),
    }


def images_by_series(result: "ScanResult") -> dict[int, int]:
    """Return how many images each series has, by its index."""
    counts: dict[int, int] = {}
    for file in result.found:
        counts[file.series] = counts.get(file.series, 0) + 1
    return counts


def _finding_json(finding: "Finding", language: Language) -> dict[str, object]:
    from passbox_client import sentences

    return {
        "code": finding.code.value,
        "severity": finding.severity.value,
        "count": finding.count,
        "sentence": sentences.of_finding(finding, language),
        "advice": sentences.advice_on(finding, language),
        "paths": list(finding.paths),
        "studies": [
            {
                "study_instance_uid": study.study_instance_uid,
                "patient_name": study.patient_name,
                "date": study.study_date,
                "description": study.description,
                "count": study.count,
            }
            for study in finding.studies
        ],
    }


def _account_json(account: "StudyAccount") -> dict[str, object]:
    return {
        "study_instance_uid": account.study.study_instance_uid,
        "found": account.found,
        "listed": account.listed,
        "missing": account.missing,
        "elsewhere": account.elsewhere,
        "unlisted": account.unlisted,
        "unreadable": account.unreadable,
    }


def print_scan(result: "ScanResult", language: Language) -> None:
    """Print the verdict, who and what is on the medium, the findings and the account."""
    words = words_of(language)
    _print(words.summary(result))
    _print(words.verdict(result))
    _print("")
    for line in _tree(result, words):
        _print(line)
    if result.findings:
        _print("")
    for finding in result.findings:
        for line in _finding_lines(finding, language):
            _print(line)
    _print_accounts(result, words)


def _tree(result: "ScanResult", words: ScanWords) -> "Iterable[str]":
    """Yield patients, studies and series."""
    counts = images_by_series(result)
    for index in range(len(result.patients)):
        yield words.patient(result.patients[index])
        for number, study in result.studies_of(index):
            positions = list(result.series_of(number))
            total = sum(counts.get(position, 0) for position, _ in positions)
            yield f"  {words.study(study)}: {words.images(total)}"
            for position, series in positions:
                yield f"    {words.series(series)}: {counts.get(position, 0)}"


def _finding_lines(finding: "Finding", language: Language) -> "Iterable[str]":
    from passbox_client import sentences

    yield f"{MARKS[finding.severity.value]} {sentences.of_finding(finding, language)}"
    if advice := sentences.advice_on(finding, language):
        yield f"  → {advice}"
    for path in finding.paths[:_PATHS_SAID]:
        yield f"    {path}"
    if finding.count > _PATHS_SAID and len(finding.paths) > _PATHS_SAID:
        yield f"    … (+{finding.count - _PATHS_SAID})"


def _print_accounts(result: "ScanResult", words: ScanWords) -> None:
    """Print the table for the archive's people, where there is a table of contents to compare."""
    from passbox_client.accounts import by_study

    accounts = by_study(result)
    if not result.listed or not accounts:
        return
    table = Table(box=None, padding=(0, 1, 0, 0), title=words.account_title, title_justify="left")
    for position, head in enumerate(words.account_heads):
        if position == 0:
            table.add_column(head, overflow="fold")
        else:
            table.add_column(head, justify="right", no_wrap=True)
    for account in accounts:
        table.add_row(*words.account_cells(account))
    _print("")
    results.print(table, markup=False)


def _print(text: str) -> None:
    results.print(text, markup=False, soft_wrap=True)
