"""`passbox scan --html`: the report as one page to read, print and hand over.

One file without script and without anything from elsewhere; its content policy forbids both. All
text goes in as text nodes of an element tree, so nothing on a disc can become markup.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from passbox.scan_report import MARKS, images_by_series
from passbox.scan_words import ScanWords, words_of
from passbox.speaking import Language

if TYPE_CHECKING:
    from passbox_client.accounts import StudyAccount
    from passbox_client.found import Finding, FoundSeries, ScanResult

_MOST_PATHS: Final = 12
_MANY_SERIES: Final = 12
"""From here on pictures are smaller, so that the report stays on a page."""
_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE: Final = """
@page { size: A4; margin: 12mm }
* { box-sizing: border-box }
body { font: 14px/1.4 "DejaVu Sans", "Segoe UI", Helvetica, Arial, sans-serif; color: #1a1a1a;
  background: #fff; max-width: 186mm; margin: 6mm auto; padding: 0 4mm }
h1 { font-size: 20px; margin: 0 } h2 { font-size: 15px; margin: 18px 0 6px }
h3 { font-size: 14px; margin: 12px 0 4px }
p { margin: 2px 0 } .medium, .quiet { color: #555; font-size: 12px }
.medium, .path, h1, h2, h3, td, figcaption { overflow-wrap: anywhere }
.verdict { border-left: 6px solid #2e7d32; background: #eef6ee; padding: 8px 12px; margin: 10px 0;
  font-weight: bold }
.verdict.look { border-color: #b26a00; background: #fdf4e3 }
.verdict.loss { border-color: #b3261e; background: #fcecea }
.series { display: flex; flex-wrap: wrap; gap: 8px }
figure { margin: 0; width: 31mm; break-inside: avoid }
.picture { width: 31mm; height: 31mm; background: #000; display: flex; align-items: center;
  justify-content: center; color: #bbb; font-size: 11px; text-align: center;
  print-color-adjust: exact; -webkit-print-color-adjust: exact }
.picture img { width: 100%; height: 100%; object-fit: contain }
figcaption { font-size: 11px; line-height: 1.25; padding-top: 2px }
figcaption .quiet { font-size: 11px }
.many figure, .many .picture { width: 23.5mm } .many .picture { height: 23.5mm }
ul.findings { list-style: none; padding: 0; margin: 0 }
ul.findings li { border-top: 1px solid #ddd; padding: 6px 0 6px 24px; position: relative;
  break-inside: avoid }
.mark { position: absolute; left: 4px; font-weight: bold }
.loss .mark { color: #b3261e } .look .mark { color: #b26a00 } .note .mark { color: #555 }
.advice { font-weight: bold; font-size: 13px }
.path { font: 11px/1.35 "DejaVu Sans Mono", Consolas, monospace; color: #333 }
.code { float: right; color: #777; font-size: 11px }
table { border-collapse: collapse; width: 100%; font-size: 12px }
th, td { border: 1px solid #bbb; padding: 3px 6px; text-align: right; vertical-align: top }
th { background: #f2f2f2; font-weight: normal; hyphens: auto }
th:first-child, td:first-child { text-align: left }
"""


def scan_page(
    result: "ScanResult", pictures: Mapping[int, bytes | None], language: Language, made: str
) -> str:
    """Return the page; ``pictures`` are PNGs by series index, ``made`` says when it was made."""
    words = words_of(language)
    page = Element("html", lang=language.value)
    _head(page, words, result)
    body = SubElement(page, "body")
    _text(body, "h1", words.title)
    _text(body, "p", f"{result.medium} · {made}", css="medium")
    _text(body, "p", words.verdict(result), css=f"verdict {_loudest(result)}")
    _text(body, "p", words.summary(result))
    _patients(body, result, pictures, words)
    _findings(body, result.findings, words, language)
    _accounts(body, result, words)
    _text(body, "p", words.disclaimer, css="quiet")
    return "<!doctype html>\n" + tostring(page, encoding="unicode", method="html") + "\n"


def _head(page: Element, words: ScanWords, result: "ScanResult") -> None:
    head = SubElement(page, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
    SubElement(head, "meta", name="viewport", content="width=device-width")
    _text(head, "title", f"{words.title}: {result.medium}")
    _text(head, "style", _STYLE)


def _text(parent: Element, tag: str, text: str, css: str = "") -> Element:
    element = SubElement(parent, tag, {"class": css} if css else {})
    element.text = text
    return element


def _loudest(result: "ScanResult") -> str:
    loud = [finding.severity.value for finding in result.findings]
    return next((severity for severity in ("loss", "look") if severity in loud), "")


def _patients(
    body: Element, result: "ScanResult", pictures: Mapping[int, bytes | None], words: ScanWords
) -> None:
    counts = images_by_series(result)
    for index in range(len(result.patients)):
        _text(body, "h2", words.patient(result.patients[index]))
        for number, study in result.studies_of(index):
            positions = list(result.series_of(number))
            total = sum(counts.get(position, 0) for position, _ in positions)
            _text(body, "h3", f"{words.study(study)}: {words.images(total)}")
            many = " many" if len(positions) > _MANY_SERIES else ""
            row = SubElement(body, "div", {"class": f"series{many}"})
            for position, series in positions:
                figure = _figure(row, pictures.get(position), series, words)
                _text(figure, "div", words.images(counts.get(position, 0)), css="quiet")


def _figure(row: Element, png: bytes | None, series: "FoundSeries", words: ScanWords) -> Element:
    figure = SubElement(row, "figure")
    picture = SubElement(figure, "div", {"class": "picture"})
    if png is None:
        picture.text = words.no_picture
    else:
        data = base64.b64encode(png).decode("ascii")
        name = series.description or series.modality
        SubElement(picture, "img", src=f"data:image/png;base64,{data}", alt=name)
    return _text(figure, "figcaption", words.series(series))


def _findings(
    body: Element, findings: Sequence["Finding"], words: ScanWords, language: Language
) -> None:
    from passbox_client import sentences

    if not findings:
        return
    _text(body, "h2", words.findings_title)
    listed = SubElement(body, "ul", {"class": "findings"})
    for finding in findings:
        entry = SubElement(listed, "li", {"class": finding.severity.value})
        _text(entry, "span", MARKS[finding.severity.value], css="mark")
        _text(entry, "span", finding.code.value, css="code")
        _text(entry, "p", sentences.of_finding(finding, language))
        if advice := sentences.advice_on(finding, language):
            _text(entry, "p", advice, css="advice")
        for path in finding.paths[:_MOST_PATHS]:
            _text(entry, "div", path, css="path")
        if finding.count > _MOST_PATHS and len(finding.paths) > _MOST_PATHS:
            _text(entry, "div", f"… (+{finding.count - _MOST_PATHS})", css="path")


def _accounts(body: Element, result: "ScanResult", words: ScanWords) -> None:
    from passbox_client.accounts import by_study

    accounts = by_study(result)
    if not accounts:
        return
    _text(body, "h2", words.account_title)
    table = SubElement(body, "table")
    heads = SubElement(SubElement(table, "thead"), "tr")
    for head in words.account_heads:
        _text(heads, "th", head)
    rows = SubElement(table, "tbody")
    for account in accounts:
        _row(rows, account, words)


def _row(rows: Element, account: "StudyAccount", words: ScanWords) -> None:
    row = SubElement(rows, "tr")
    name, *numbers = words.account_cells(account)
    cell = _text(row, "td", name)
    _text(cell, "div", account.study.study_instance_uid, css="path")
    for number in numbers:
        _text(row, "td", number)
