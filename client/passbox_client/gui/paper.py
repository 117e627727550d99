"""The receipt on paper."""

import html

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale
from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from passbox_client import sentences
from passbox_client.gui import words
from passbox_client.window.state import WindowState

translate = QCoreApplication.translate


def print_report(parent: QWidget, state: WindowState) -> None:
    """Ask for a printer and print the report."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, parent)
    dialog.accepted.connect(lambda: document_of(state).print_(printer))
    dialog.show()


def document_of(state: WindowState) -> QTextDocument:
    """Return the report as a page to print; foreign names are escaped."""
    document = QTextDocument()
    result, card = state.result, state.card
    if result is None or card is None:
        return document
    lines = [sentences.of_outcome(result.outcome, state.language).what]
    said = translate("Report", "Receipt code: {code}")
    lines.append(said.format(code=result.receipt_code))
    if result.phone_code:
        said = translate("Report", "To read out on the telephone: {code}")
        lines.append(said.format(code=result.phone_code))
    for study in result.studies:
        arrived = "–" if study.delivered is None else words.count(study.delivered)
        date = words.date(study.study_date, state.language)
        lines.append(f"{study.description or '–'}, {date}: {arrived} / {study.claimed}")
    lines += [
        f"{file.path}: {why}"
        for file in result.files
        if (why := sentences.why_not(file, state.language))
    ]
    lines.append(QLocale().toString(QDateTime.currentDateTime(), QLocale.FormatType.LongFormat))
    head = html.escape(f"{card.profile.hospital} · {card.profile.phone}")
    body = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    document.setHtml(f"<h1>{head}</h1>{body}")
    return document
