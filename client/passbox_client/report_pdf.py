"""The sender's report as a PDF on A4: to print, to file, to hand to whoever asks.

Foreign names are text and nothing else: no markup, no link is read out of them. What the fonts of
this computer cannot write is replaced and said so. Every file that did not arrive is named with its
reason up to _MOST_LINES; the JSON names each one without limit.
"""

from collections.abc import Iterator
from typing import Final

import segno
from fpdf import FPDF, FontFace
from fpdf.enums import MethodReturnValue, TableBordersLayout, WrapMode, XPos, YPos

from passbox_client import report_fonts, sentences
from passbox_client.report import (
    ReportedFile,
    ReportedStudy,
    SenderReport,
    Standing,
    stages,
)
from passbox_client.report_fonts import Fonts
from passbox_client.report_words import ReportWords, report_words
from passbox_client.spelling import shown_name
from passbox_dicom.text import showable
from passbox_wire.receipts import FileResult

_MOST_LINES: Final = 400
_MARGIN: Final = 18.0
_QR: Final = 34.0
"""Millimetres; so are all lengths here, font sizes in points."""
_COLUMNS: Final = (42, 42, 22, 20, 27, 21)
_INK: Final = (25, 32, 40)
_QUIET: Final = (90, 98, 108)
_RULE: Final = (200, 205, 211)
_COLOURS: Final = {
    Standing.DONE: (24, 122, 62),
    Standing.PARTLY: (166, 98, 0),
    Standing.OPEN: (110, 118, 128),
    Standing.NOT: (176, 32, 32),
}


def encode_pdf(report: SenderReport, language: str, fonts: Fonts | None = None) -> bytes:
    """Return the report as PDF; ``fonts`` None takes what this computer has."""
    words = report_words(language)
    if fonts is None:
        fonts = report_fonts.choose("".join(_all_text(report, words)), report_fonts.installed())
    return bytes(_Sheet(report, words, language, fonts).drawn().output())


def _all_text(report: SenderReport, words: ReportWords) -> Iterator[str]:
    yield from (str(getattr(words, name)) for name in words.__slots__)
    yield from (report.hospital, report.phone, report.note)
    for study in report.studies:
        yield from (study.patient_name, study.description)
    yield from (file.path for file in report.not_arrived[:_MOST_LINES])


class _Paper(FPDF):
    """A page with a foot."""

    def __init__(self, family: str, foot: str, page: str) -> None:
        super().__init__(format="A4")
        self._family = family
        self._foot = foot
        self._page = page
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN + 4)

    def footer(self) -> None:
        self.set_y(-_MARGIN)
        self.set_font(self._family, "", 8)
        self.set_text_color(*_QUIET)
        self.cell(self.epw * 0.8, 5, self._foot)
        said = self._page.format(page=self.page_no(), pages="{nb}")
        self.cell(self.epw * 0.2, 5, said, align="R")


class _Sheet:
    """One report on its way to paper."""

    def __init__(
        self, report: SenderReport, words: ReportWords, language: str, fonts: Fonts
    ) -> None:
        self._report = report
        self._words = words
        self._language = language
        self._fonts = fonts
        self._family = "Helvetica" if fonts.regular is None else "text"
        self._paper = _Paper(self._family, words.disclaimer, words.page)
        self._add_fonts()
        self._paper.set_title(words.title)
        self._paper.set_lang(language)
        self._paper.set_creation_date(report.made)
        self._paper.set_creator("Passbox")

    def _add_fonts(self) -> None:
        if self._fonts.regular is None:
            return
        self._paper.add_font("text", "", self._fonts.regular)
        self._paper.add_font("text", "B", self._fonts.bold or self._fonts.regular)
        for number, path in enumerate(self._fonts.more):
            self._paper.add_font(f"more{number}", "", path)
        names = [f"more{number}" for number in range(len(self._fonts.more))]
        self._paper.set_fallback_fonts(names, exact_match=False)

    def drawn(self) -> FPDF:
        """Return the finished document."""
        self._paper.add_page()
        self._head()
        self._stages()
        self._studies()
        self._files()
        self._proof()
        if self._fonts.unshowable:
            self._gap(3)
            self._line(self._words.unshowable, size=8, colour=_QUIET)
        return self._paper

    # What the sheet says, from top to bottom

    def _head(self) -> None:
        report, words, paper = self._report, self._words, self._paper
        top = paper.get_y()
        beside = paper.epw - _QR - 6
        self._line(words.title, size=18, bold=True, width=beside)
        self._line(report.hospital, size=12, width=beside)
        if report.phone:
            self._line(report.phone, size=10, colour=_QUIET, width=beside)
        self._gap(3)
        as_of = words.as_of.format(time=report.as_of.strftime(words.date))
        self._line(as_of, size=11, bold=True, width=beside)
        self._line(self._verdict(), size=10, width=beside)
        self._gap(3)
        self._line(words.code, size=9, colour=_QUIET, width=beside)
        self._line(report.receipt_code, size=15, bold=True, width=beside)
        self._line(words.keep_code, size=9, colour=_QUIET, width=beside)
        if report.phone_code:
            self._gap(1)
            self._line(f"{words.phone}: {report.phone_code}", size=10, width=beside)
        self._qr(paper.w - _MARGIN - _QR, top)
        paper.set_y(max(paper.get_y(), top + _QR) + 5)

    def _verdict(self) -> str:
        if self._report.verified is None:
            return sentences.of_sender_report(self._report, self._language)
        return sentences.of_verdict(self._report.verified, self._language)

    def _qr(self, left: float, top: float) -> None:
        """Draw the receipt code, and nothing else, as a QR code (ISO/IEC 18004)."""
        code = segno.make(self._report.receipt_code, error="m", micro=False)
        rows = [bytes(row) for row in code.matrix_iter()]
        side = _QR / len(rows)
        self._paper.set_fill_color(0, 0, 0)
        for y, row in enumerate(rows):
            x = 0
            while x < len(row):
                run = x
                while run < len(row) and row[run]:
                    run += 1
                if run > x:
                    place = (left + x * side, top + y * side)
                    self._paper.rect(*place, (run - x) * side, side, style="F")
                x = max(run, x + 1)

    def _stages(self) -> None:
        paper = self._paper
        for stage in stages(self._report):
            self._mark(stage.standing)
            paper.set_x(_MARGIN + 8)
            self._line(self._words.stage(stage), size=11, bold=stage.standing is not Standing.OPEN)
            self._gap(1.5)
        if self._report.note:
            said = self._words.note.format(note=showable(self._report.note))
            self._line(said, size=10)
        self._gap(4)

    def _mark(self, standing: Standing) -> None:
        """Draw a sign that is told apart without colour: tick, half, ring, cross."""
        paper = self._paper
        x, y, r = _MARGIN + 3.4, paper.get_y() + 2.7, 2.4
        paper.set_draw_color(*_COLOURS[standing])
        paper.set_fill_color(*_COLOURS[standing])
        paper.set_line_width(0.5)
        paper.circle(x, y, r, style="D" if standing in {Standing.OPEN, Standing.PARTLY} else "DF")
        if standing is Standing.PARTLY:
            paper.circle(x, y, r * 0.45, style="F")
        paper.set_draw_color(255, 255, 255)
        if standing is Standing.DONE:
            paper.polyline([(x - 1.2, y + 0.1), (x - 0.3, y + 1.0), (x + 1.3, y - 0.9)])
        elif standing is Standing.NOT:
            paper.line(x - 0.9, y - 0.9, x + 0.9, y + 0.9)
            paper.line(x - 0.9, y + 0.9, x + 0.9, y - 0.9)

    def _studies(self) -> None:
        if not self._report.studies:
            return
        self._title(self._words.studies)
        self._font(9)
        self._paper.set_draw_color(*_RULE)
        self._paper.set_fill_color(255, 255, 255)
        with self._paper.table(
            col_widths=_COLUMNS,
            text_align=("LEFT", "LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT"),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=_INK),
            line_height=4.6,
            padding=(1.2, 1),
            v_align="TOP",
        ) as table:
            table.row(self._words.study_heads)
            for study in self._report.studies:
                table.row(self._study(study))
        if not self._report.has_names:
            self._gap(1)
            self._line(self._words.no_names, size=8, colour=_QUIET)
        self._gap(5)

    def _study(self, study: ReportedStudy) -> tuple[str, ...]:
        words = self._words
        unnamed = words.unnamed_study.format(study=study.study + 1, part=study.part + 1)
        return (
            self._shown(shown_name(study.patient_name)) or words.unnamed_patient,
            self._shown(study.description) or unnamed,
            sentences.of_date(self._shown(study.study_date), self._language),
            str(study.claimed),
            "-" if study.delivered is None else str(study.delivered),
            "-" if study.in_pacs is None else str(study.in_pacs),
        )

    def _files(self) -> None:
        report, words = self._report, self._words
        missing = report.not_arrived
        if report.verified is None and all(file.result is None for file in missing):
            self._line(words.waiting, size=10)
            missing = tuple(file for file in missing if file.reason)
        elif not missing:
            self._line(words.none_missing.format(count=len(report.files)), size=10)
        if missing:
            self._title(f"{words.missing}: {len(missing)}")
            for file in missing[:_MOST_LINES]:
                self._file(file)
            if len(missing) > _MOST_LINES:
                self._line(words.and_more.format(count=len(missing) - _MOST_LINES), size=9)
        arrived = sum(file.arrived for file in report.files)
        if missing and arrived:
            self._gap(1)
            self._line(words.others.format(count=arrived), size=10)
        if report.kept:
            self._line(words.kept.format(count=report.kept), size=10)
        self._gap(5)

    def _file(self, file: ReportedFile) -> None:
        name = self._shown(file.path) or self._words.unnamed_file.format(number=file.index + 1)
        result = FileResult.NOT_SENT if file.result is None else file.result
        why = file.reason or result.value
        said = sentences.of_reason(self._shown(why), self._language)
        if file.reason == "" and file.result is not None:
            said = sentences.of_result(file.result, self._language)
        self._line(f"{name}: {said}", size=9, wrap=WrapMode.CHAR)

    def _proof(self) -> None:
        report, words = self._report, self._words
        self._title(words.proof)
        verified = report.verified
        self._line(words.unchecked if verified is None else words.checked, size=10)
        facts = [(words.transfer, report.transfer)]
        if verified is not None:
            facts.append((words.sequence, str(verified.receipt.sequence)))
            if verified.receipt.manifest_sha256 is not None:
                facts.append((words.manifest, verified.receipt.manifest_sha256.hex()))
            if verified.signed is not None:
                facts.append((words.signer, verified.signed.signer.hex()))
        for name, value in facts:
            self._line(f"{name}: {value}", size=8, colour=_QUIET)

    # How it is written

    def _title(self, text: str) -> None:
        if self._paper.will_page_break(18):
            self._paper.add_page()
        self._line(text, size=11, bold=True)
        self._gap(1)

    def _line(
        self,
        text: str,
        *,
        size: float,
        bold: bool = False,
        colour: tuple[int, int, int] = _INK,
        width: float = 0,
        wrap: WrapMode = WrapMode.WORD,
    ) -> None:
        self._font(size, bold=bold, colour=colour)
        self._paper.multi_cell(
            width,
            size * 0.49,
            self._shown(text),
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            wrapmode=wrap,
            output=MethodReturnValue.PAGE_BREAK,
        )

    def _font(
        self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = _INK
    ) -> None:
        self._paper.set_font(self._family, "B" if bold else "", size)
        self._paper.set_text_color(*colour)

    def _gap(self, height: float) -> None:
        self._paper.set_y(self._paper.get_y() + height)

    def _shown(self, text: str) -> str:
        return report_fonts.showing(showable(text), self._fonts)
