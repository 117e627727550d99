"""What the window says: complete in both languages, plain, and whole in any other."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QTranslator
from PySide6.QtWidgets import QApplication

from passbox_client import sentences
from passbox_client.errors import ClientError, Trouble
from passbox_client.gui import translations
from passbox_client.gui.app import Client
from passbox_client.gui.entry import parse
from passbox_client.gui.words import breakable
from passbox_client.window.state import without_options
from passbox_client.window.steps import Page
from passbox_wire.errors import ProfileRefusal
from passbox_wire.problems import Code
from tests.builders.wire import a_profile_file
from tests.client.hospital import FakeHospital
from tests.window.conftest import ROOT, Opened
from tests.window.looking import cut_off, overlapping

CODE = sorted((ROOT / "client/passbox_client/gui").glob("*.py"))
JARGON = re.compile(r"DICOM|\bSOP\b|\bUID\b|PACS|\bAE\b|--[a-z]|HTTP|Traceback", re.IGNORECASE)


def messages(language: str) -> Iterator[ET.Element]:
    """Yield the messages of a .ts file."""
    tree = ET.parse(translations.FOLDER / f"window_{language}.ts")  # noqa: S314 - our own
    yield from tree.getroot().iter("message")


def texts(element: ET.Element | None) -> list[str]:
    """Return all texts of a translation, plural forms included."""
    if element is None:
        return [""]
    forms = element.findall("numerusform")
    return [form.text or "" for form in forms] if forms else [element.text or ""]


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_every_word_is_translated(language: str) -> None:
    """No message is empty, unfinished or vanished."""
    for message in messages(language):
        translation = message.find("translation")
        assert translation is not None
        assert translation.get("type") is None, message.findtext("source")
        assert all(texts(translation)), message.findtext("source")


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_a_translation_has_the_same_places_for_facts(language: str) -> None:
    """A number or name that goes into the English goes into the other, too."""
    place = re.compile(r"\{\w+\}|%n")
    for message in messages(language):
        wanted = set(place.findall(message.findtext("source") or ""))
        for text in texts(message.find("translation")):
            assert set(place.findall(text)) == wanted, text


def test_every_word_of_the_code_is_in_the_file() -> None:
    """Whoever writes a new sentence runs `scripts/translations update`."""
    known = {message.findtext("source") for message in messages("de")}
    # The first literals after translate("Context", ...; adjacent ones are one.
    call = re.compile(r'translate\(\s*"\w+",\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
    used = {
        "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace("\\n", "\n")
        for path in CODE
        for literals in call.findall(path.read_text())
    }
    assert len(used) > 100
    assert used - known == set()


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_no_jargon_on_the_way(language: str) -> None:
    """Neither the window nor any error or finding says DICOM, SOP or an option's name."""
    said = [text for m in messages(language) for text in texts(m.find("translation"))]
    said += [m.findtext("source") or "" for m in messages(language)]
    words = sentences.words(language)
    said += [part for pair in words.errors.values() for part in pair]
    said += [part for told in words.findings.values() for part in told]
    said += [*words.reasons.values(), *words.skipped.values()]
    assert [text for text in said if JARGON.search(without_options(text))] == []


EVERY_CODE = [
    *(each.value for each in Trouble),
    *(each.value for each in Code),
    *(f"profile_{each.value}" for each in ProfileRefusal),
]


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_every_trouble_says_what_happened_and_what_to_do(language: str) -> None:
    """Of each code there are two whole sentences or more, and the window's have no options."""
    words = sentences.words(language)
    assert set(EVERY_CODE) <= set(words.errors)
    for pair in (*words.errors.values(), words.unknown_error):
        for said in map(without_options, pair):
            assert said.endswith((".", "!", "?")), said
            assert "--" not in said
            assert not JARGON.search(said)


@pytest.mark.parametrize("code", EVERY_CODE)
def test_every_trouble_comes_with_a_number_to_call_and_its_code(
    opened_once: Client, code: str
) -> None:
    """Whatever goes wrong, the page it went wrong on has all four."""
    error = ClientError(Trouble.NO_CONNECTION)
    error.code = code
    window = opened_once.window
    window.draw(replace(opened_once.presenter.state, page=Page.START, trouble=error))
    notice = window.pages[Page.START].trouble
    assert all((notice.what.text(), notice.do.text()))
    assert "+49 30 987654" in notice.call.text()
    assert notice.code.text().endswith(code)


@pytest.fixture(name="opened_once", scope="module")
def _opened_once(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("once")
    (folder / "hospital.passbox").write_bytes(a_profile_file())
    where = ["--profile", str(folder / "hospital.passbox"), "--state", str(folder), "--lang", "en"]
    client = Client(
        qapp,
        parse(where),
        line=lambda _: FakeHospital(),
        ask_media=tuple,
        settings_folder=folder / "settings",
    )
    client.window.show()
    yield client
    client.close()
    client.window.hide()


def test_a_long_name_goes_into_two_lines() -> None:
    """Where the place is narrow a word may break; a reader hears and sees the same letters."""
    said = breakable("Kontrastmittelspätphase axial", 13)
    assert said == "Kontrastmitte\u200blspätphase axial"


class Pseudo(QTranslator):
    """A language that is half as long again, in brackets: what is cut off loses its bracket."""

    def translate(
        self, _context: str, source: str, _disambiguation: str | None = None, n: int = -1
    ) -> str:
        padding = "أبجد هوز " * max(1, len(source) // 18)
        return f"[{source.replace('%n', str(n))} {padding}]"

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        return False


@pytest.fixture(name="_right_to_left")
def _mirrored(qapp: QApplication) -> Iterator[None]:
    pseudo = Pseudo()
    qapp.installTranslator(pseudo)
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    qapp.removeTranslator(pseudo)


@pytest.mark.usefixtures("_right_to_left")
def test_layouts_hold_from_right_to_left_and_half_as_long_again(
    opened: Opened, qapp: QApplication
) -> None:
    """Mirrored and with longer words nothing is cut off, overlaps, or needs sideways scrolling."""
    client = opened()
    qapp.installTranslator(pseudo := Pseudo())
    window = client.window
    window._build()
    for page in Page:
        window.draw(replace(client.presenter.state, page=page))
        qapp.processEvents()
        sheet = window.pages[page]
        assert window.rail.geometry().left() > sheet.geometry().left(), "not mirrored"
        assert cut_off(sheet) == []
        assert overlapping(sheet) == []
    qapp.removeTranslator(pseudo)
