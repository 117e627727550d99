"""The receipt on paper: what to bring along, with its code to be read by a machine or a person."""

import html
from base64 import b64encode
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QWidget

from passbox_client import sentences
from passbox_client.gui import words
from passbox_client.gui.qr import qr_png
from passbox_client.report import ARRIVED, ReportedStudy, SenderReport

translate = QCoreApplication.translate
_SIDE = 150


def print_report(parent: QWidget, report: SenderReport, language: str) -> None:
    """Ask for a printer and print the report."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # the system's printing, if wanted

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, parent)
    dialog.accepted.connect(lambda: document_of(report, language).print_(printer))
    dialog.show()


def document_of(report: SenderReport, language: str) -> QTextDocument:
    """Return the report as a page to print; foreign names are escaped."""
    document = QTextDocument()
    head = html.escape(" · ".join(p for p in (report.hospital, report.phone) if p))
    body = "".join(f"<p>{html.escape(line)}</p>" for line in _lines(report, language))
    code = b64encode(qr_png(report.receipt_code)).decode()
    picture = f'<img src="data:image/png;base64,{code}" width="{_SIDE}" height="{_SIDE}">'
    document.setHtml(f"<h1>{head}</h1>{body}<p>{picture}</p>")
    return document


def _lines(report: SenderReport, language: str) -> Iterator[str]:
    if report.verified is not None:
        yield sentences.of_verdict(report.verified, language)
        yield as_of(report, language)
    elif report.outcome is not None:
        yield sentences.of_outcome(report.outcome, language).what
    yield translate("Report", "Receipt code: {code}").format(code=report.receipt_code)
    if report.phone_code:
        said = translate("Report", "To read out on the telephone: {code}")
        yield said.format(code=report.phone_code)
    for number, study in enumerate(report.studies, 1):
        yield _study(number, study, language)
    for file in report.files:
        if file.result not in ARRIVED and file.reason:
            name = file.path or translate("Report", "File {number}").format(number=file.index + 1)
            yield f"✗ {name}: {sentences.of_reason(file.reason, language)}"
    said = translate("Report", "Printed on {time}")
    yield said.format(time=words.moment(report.made, language))


def _study(number: int, study: ReportedStudy, language: str) -> str:
    unnamed = translate("LookUp", "Examination {number}").format(number=number)
    named = ", ".join(p for p in (study.description, study.patient_name) if p)
    date = words.date(study.study_date, language) if study.study_date else ""
    what = ", ".join(p for p in (named or unnamed, date) if p)
    return f"{what}: {words.arrived(study.claimed, study.delivered)}"


def as_of(report: SenderReport, language: str) -> str:
    """Return when the hospital signed it; empty before it did."""
    if report.verified is None:
        return ""
    said = translate("Report", "The hospital’s word of {time}")
    return said.format(time=words.moment(report.verified.as_of, language))
