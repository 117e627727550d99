"""The download page as HTML.

All text goes in as text nodes of an element tree, so that nothing in a profile becomes markup. The
page's own content policy allows no script but its one file, and nothing from elsewhere.
"""

import re
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from passbox.site.release import Package, System
from passbox.site.words import SYSTEM_NAMES, SiteWords, megabytes, words_in
from passbox.speaking import Language
from passbox_wire.profile import SignedProfile, Texts

POLICY: Final = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
CARD: Final = "hospital.passbox"
LOGO: Final = "logo.png"
RELEASE_KEY: Final = "release.pub"


@dataclass(frozen=True, slots=True)
class Site:
    """What is on the page, in whichever language."""

    signed: SignedProfile
    packages: tuple[Package, ...]
    publisher: str
    program: str = "Passbox"
    """The program's name, as it was branded."""


def file_name(language: Language, first: Language) -> str:
    """Return the page's file name: the site's first language is the index."""
    return "index.html" if language is first else f"{language.value}.html"


def download_page(site: Site, language: Language, first: Language) -> str:
    """Return the page in one language; ``first`` is the one that index.html is in."""
    words, profile = words_in(language), site.signed.profile
    page = Element("html", lang=language.value)
    _head(page, words.title.format(hospital=profile.hospital))
    body = SubElement(page, "body")
    _text(body, "a", words.skip, {"class": "skip", "href": "#content"})
    other = Language.ENGLISH if language is Language.GERMAN else Language.GERMAN
    _header(body, site, words, other, file_name(other, first))
    main = SubElement(body, "main", id="content")
    _text(main, "h1", words.title.format(hospital=profile.hospital))
    _text(main, "p", words.lead.format(hospital=profile.hospital), {"class": "lead"})
    _phone(main, words.call, profile.phone)
    _steps(main, words)
    _downloads(main, site, words, language)
    _checks(main, site, words)
    _card(main, site, words)
    _images(main, site, words, language)
    _plain(main, words.receipt_title, words.receipt)
    _contact(main, site, words)
    _text(SubElement(body, "footer"), "p", words.accessibility)
    return "<!doctype html>\n" + tostring(page, encoding="unicode", method="html") + "\n"


def _head(page: Element, title: str) -> None:
    head = SubElement(page, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": POLICY})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _text(head, "title", title)
    SubElement(head, "link", rel="stylesheet", href="style.css")
    SubElement(head, "script", src="system.js", defer="defer")


def _header(body: Element, site: Site, words: SiteWords, other: Language, target: str) -> None:
    line = SubElement(SubElement(body, "header"), "div")
    if site.signed.profile.logo:
        SubElement(line, "img", src=LOGO, alt="")
    _text(line, "strong", site.signed.profile.hospital)
    _text(
        line,
        "a",
        words.other_language,
        {"href": target, "hreflang": other.value, "lang": other.value},
    )


def _steps(main: Element, words: SiteWords) -> None:
    section = _section(main, words.steps_title)
    steps = SubElement(section, "ol", {"class": "steps"})
    for step in words.steps:
        _text(steps, "li", step)


def _downloads(main: Element, site: Site, words: SiteWords, language: Language) -> None:
    section = _section(main, words.download_title)
    systems = SubElement(section, "div", {"class": "systems"})
    for system in System:
        box = SubElement(systems, "div", {"class": "system", "id": system.value})
        _text(box, "h3", SYSTEM_NAMES[system])
        packages = [package for package in site.packages if package.system is system]
        if not packages:
            _text(box, "p", words.none_yet)
            continue
        _download(box, packages[0], site, words, language)
        if system is System.WINDOWS:
            _text(_unfolding(box, words.warning_title), "p", words.warning)
        experts = _unfolding(box, words.experts)
        for package in packages:
            _for_experts(experts, package, words, language)


def _download(
    box: Element, package: Package, site: Site, words: SiteWords, language: Language
) -> None:
    """The one button that nearly everybody wants, and what to do with what it gives."""
    label = words.download.format(system=SYSTEM_NAMES[package.system])
    _text(box, "a", label, {"class": "button", "href": package.name})
    opening = words.one_file if package.one_file else words.opening[package.system]
    _text(box, "p", opening.format(program=site.program))
    machine = words.machines[package.machine]
    _facts(
        box,
        (words.size, f"{megabytes(package.size, language)} · {machine}"),
        (words.publisher, site.publisher),
    )


def _for_experts(box: Element, package: Package, words: SiteWords, language: Language) -> None:
    if package.one_file:
        _text(SubElement(box, "p"), "a", words.one_file, {"href": package.name})
        _facts(box, (words.size, megabytes(package.size, language)))
    _facts(box, (words.checksum, package.sha256), css="mono")
    if package.signature:
        _text(SubElement(box, "p"), "a", words.signature, {"href": f"{package.name}.sig"})


def _facts(box: Element, *facts: tuple[str, str], css: str = "") -> None:
    listed = SubElement(box, "dl")
    for term, fact in facts:
        _text(listed, "dt", term)
        _text(listed, "dd", fact, {"class": css} if css else {})


def _unfolding(parent: Element, summary: str) -> Element:
    details = SubElement(parent, "details")
    _text(details, "summary", summary)
    return details


def _checks(main: Element, site: Site, words: SiteWords) -> None:
    section = _section(main, words.check_title)
    _text(section, "p", words.check_lead)
    for system in System:
        package = next((p for p in site.packages if p.system is system), None)
        if package is None or (system is System.LINUX and package.signature is None):
            continue
        details = _unfolding(section, SYSTEM_NAMES[system])
        steps = SubElement(details, "ol", {"class": "steps"})
        for step in words.check[system]:
            filled = {"publisher": site.publisher, "name": package.name, "program": site.program}
            _typed(SubElement(steps, "li"), step, filled)
        if system is System.LINUX:
            _text(SubElement(details, "p"), "a", RELEASE_KEY, {"href": RELEASE_KEY})


def _typed(line: Element, step: str, filled: dict[str, str]) -> None:
    """Fill in a step; what stands between two ` is code, for people to copy."""
    before, *code = step.split("`")
    line.text = before.format(**filled)
    if code:
        _text(line, "code", code[0].format(**filled))


def _card(main: Element, site: Site, words: SiteWords) -> None:
    section = _section(main, words.card_title)
    _text(section, "p", words.card_text)
    _text(section, "p", site.signed.fingerprint, {"class": "fingerprint mono"})
    _text(section, "a", words.card_download, {"class": "button plain", "href": CARD})


def _images(main: Element, site: Site, words: SiteWords, language: Language) -> None:
    section = _section(main, words.images_title)
    _text(section, "p", _texts(site, language).privacy, {"class": "privacy"})
    _text(section, "p", words.one_way)


def _texts(site: Site, language: Language) -> Texts:
    texts = site.signed.profile.texts
    return next((each for each in texts if each.language == language.value), texts[0])


def _contact(main: Element, site: Site, words: SiteWords) -> None:
    profile = site.signed.profile
    section = _section(main, words.contact_title)
    _text(section, "p", f"{profile.hospital}\n{profile.address}".strip(), {"class": "privacy"})
    _phone(section, f"{words.contact}:", profile.phone)


def _phone(parent: Element, label: str, phone: str) -> None:
    if phone:
        line = _text(parent, "p", f"{label} ", {"class": "phone"})
        _text(line, "a", phone, {"href": f"tel:{re.sub(r'[^0-9+]', '', phone)}"})


def _plain(main: Element, title: str, text: str) -> None:
    _text(_section(main, title), "p", text)


def _section(main: Element, title: str) -> Element:
    section = SubElement(main, "section")
    _text(section, "h2", title)
    return section


def _text(parent: Element, tag: str, text: str, names: dict[str, str] | None = None) -> Element:
    element = SubElement(parent, tag, names or {})
    element.text = text
    return element
