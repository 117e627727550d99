"""What Passbox says to a disc, as plain data that can be compared with the right answer."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from passbox_client.found import ScanResult
from passbox_client.scan import scan

Answer = Mapping[str, object]


def answer(medium: Path) -> Answer:
    """Scan a medium and return counts, people and findings by code."""
    result = scan(medium)
    return {
        "instances_found": len(result.found),
        "listed": result.listed,
        "listed_missing": len(result.missing),
        "unlisted": result.unlisted,
        "unreadable": len(result.unreadable),
        "attached": len(result.attached),
        "patients": [patient.name for patient in result.patients],
        "findings": dict(sorted(_counts(result).items())),
    }


def _counts(result: ScanResult) -> Counter[str]:
    counts: Counter[str] = Counter()
    for finding in result.findings:
        counts[finding.code.value] += finding.count
    return counts
