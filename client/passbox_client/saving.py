"""The sender's report as a file the sender names: .pdf or .json, whole or not at all, his alone.

It holds names and the receipt code, so nobody else on the computer may read it. It is written only
where a person said so, never beside the medium or into the state folder by itself.
"""

from pathlib import Path
from typing import Final

from passbox_base.durable import write_replacing
from passbox_base.errors import StoreFailed, StoreFull
from passbox_client.errors import StateFailed, Trouble, UsageRefused
from passbox_client.report import SenderReport
from passbox_client.report_json import encode_json

PDF: Final = ".pdf"
JSON: Final = ".json"


def check_report_path(path: Path) -> None:
    """Raise UsageRefused unless a report can be saved under this name: before anything is sent."""
    if path.suffix.lower() not in {PDF, JSON}:
        raise UsageRefused(Trouble.REPORT_KIND, name=path.name)
    if not path.absolute().parent.is_dir():
        raise UsageRefused(Trouble.REPORT_PLACE, folder=str(path.absolute().parent))


def save_report(report: SenderReport, path: Path, language: str) -> None:
    """Write the report as its name's ending says. Raises UsageRefused, StateFailed."""
    check_report_path(path)
    if path.suffix.lower() == PDF:
        from passbox_client.report_pdf import encode_pdf  # fonts take a moment to load

        content = encode_pdf(report, language)
    else:
        content = encode_json(report, language)
    try:
        write_replacing(path, content)
    except StoreFull as error:
        raise StateFailed(Trouble.REPORT_FAILED) from error
    except StoreFailed as error:
        raise StateFailed(Trouble.REPORT_FAILED) from error
