"""Every state of the window in both languages, as pictures: `python -m tests.window.screenshots`.

The skin is a function of the state, so states that are hard to come by are simply made: discs are
really read, transfers really sent to a hospital of the tests.
"""

import argparse
import os
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QEvent
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox

from passbox.demo.phantom import PhantomPatient, write_phantom
from passbox_base.clocks import SystemClock
from passbox_client.errors import (
    LineFailed,
    ProfileUnusable,
    ReceiverRefused,
    Trouble,
    UsageRefused,
)
from passbox_client.gui.app import Client
from passbox_client.gui.entry import parse
from passbox_client.gui.sending import SendingPage
from passbox_client.journal import Identity, Remembered
from passbox_client.outcome import Outcome
from passbox_client.profiles import load_profile
from passbox_client.progress import SendPhase
from passbox_client.unfinished import Unfinished
from passbox_client.window.connection import By, Connection
from passbox_client.window.form import Fault, Field, Form
from passbox_client.window.pulse import Pulse
from passbox_client.window.state import Activity, WindowState
from passbox_client.window.steps import Page
from passbox_client.window.volumes import Volume, VolumeKind
from passbox_wire.errors import ProfileRefusal
from passbox_wire.problems import Code, Problem
from passbox_wire.profile import Texts, parse_profile, sign_profile
from passbox_wire.receipts import FileReport, FileResult
from tests.builders.wire import a_destination_id, a_profile, a_receipt_code, a_signing_key
from tests.client.hospital import FakeHospital
from tests.window.house import Desk

WIDTH, HEIGHT = 1080, 780
SMALL = (640, 480)
SLICES = 12
COLOURS = 64
"""Of a picture: they are kept in the repository."""
_GERMAN = """Verantwortlich: Universitätsklinikum Musterstadt, datenschutz@klinikum.example

Wozu: Ihre Bilder werden für Ihre Behandlung oder eine zweite Meinung gebraucht, zu nichts anderem.

Was geschieht: Die Bilder werden auf Ihrem Computer versiegelt und verschlüsselt übertragen. \
Nur die Klinik kann sie öffnen. Es ist eine Einbahnstraße: Niemand kann sie von außen ansehen oder \
holen.

Wie lange: Werden die Bilder nicht in Ihre Akte übernommen, löschen wir sie nach 30 Tagen.

Ihr Recht: Sie können jederzeit widerrufen; rufen Sie uns einfach an."""
_ENGLISH = """Who is responsible: University Hospital Musterstadt, datenschutz@klinikum.example

What for: your images are needed for your treatment or a second opinion, and for nothing else.

What happens: the images are sealed on your computer and travel encrypted. Only the hospital \
can open them. It is a one-way street: nobody can look at them or fetch them from outside.

How long: images that are not taken into your record are deleted after 30 days.

Your right: you may withdraw your consent at any time; just call us."""


def logo() -> bytes:
    """Return a small logo as PNG: a cross in a rounded field."""
    side = 96
    rows = bytearray()
    for y in range(side):
        rows.append(0)
        for x in range(side):
            arm = (34 <= x < 62 and 14 <= y < 82) or (14 <= x < 82 and 34 <= y < 62)
            corner = min(x, side - 1 - x) + min(y, side - 1 - y) < 12
            rows += bytes((255, 255, 255)) if arm or corner else bytes((11, 95, 134))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def a_card(folder: Path) -> Path:
    """Write the address card of a hospital as people know one."""
    profile = replace(
        a_profile(logo=logo()),
        hospital="Universitätsklinikum Musterstadt",
        address="Klinikstraße 1, 12345 Musterstadt",
        phone="0251 83-45678",
        texts=(
            Texts(
                "de",
                "Hier senden Sie uns Röntgen-, CT- oder MRT-Bilder von Ihrer CD oder Ihrem "
                "USB-Stick, ohne Anmeldung.",
                "2026-03",
                _GERMAN,
            ),
            Texts(
                "en",
                "Here you send us X-ray, CT or MRI images from your CD or USB stick, without "
                "registering.",
                "2026-03",
                _ENGLISH,
            ),
        ),
    )
    path = folder / "klinikum.passbox"
    path.write_bytes(sign_profile(profile, a_signing_key("profile")))
    return path


def a_disc(folder: Path, *, people: int = 1) -> Path:
    """Write a disc with a chest CT of each of some people."""
    names = [
        PhantomPatient(),
        PhantomPatient("Müller-Lüdenscheidt^Hanna", "PB-1964-0101"),
    ]
    for number, patient in enumerate(names[:people]):
        write_phantom(folder / f"CT{number}", SLICES, patient)
    return folder


class Studio:
    """A client that is photographed; the hospital and the clock are the tests'."""

    def __init__(self, application: QApplication, folder: Path, language: str) -> None:
        self.application = application
        self.folder = folder
        self.language = language
        options = parse(
            ["--profile", str(a_card(folder)), "--lang", language, "--state", str(folder / "s")]
        )
        self.client = Client(
            application,
            options,
            line=lambda _: FakeHospital(),
            clock=SystemClock(),
            ask_media=tuple,
            settings_folder=folder / "settings",
        )
        self.client.window.resize(WIDTH, HEIGHT)
        self.client.window.show()

    def _look(self, name: str) -> QPixmap:
        """Return the window, or the question that it asks in this state."""
        sending = self.client.window.pages[Page.SENDING]
        if name == "39-details":
            self.client.window.pages[Page.START].trouble.technician.more.click()
            self.application.processEvents()
        if name == "38-small-menu":
            return self._with_its_menu()
        if name != "34-cancel" or not isinstance(sending, SendingPage):
            return self.client.window.grab()
        sending.ask_to_stop()
        self.application.processEvents()
        box = sending.findChild(QMessageBox)
        assert box is not None
        return box.grab()

    def _with_its_menu(self) -> QPixmap:
        """Return a small window with the menu of what has no room in it."""
        window = self.client.window
        window.resize(*SMALL)
        self.application.processEvents()
        picture = window.grab()
        window.header.menu.click()
        self.application.processEvents()
        menu = window.header.findChild(QMenu)
        assert menu is not None
        painter = QPainter(picture)
        painter.drawPixmap(window.mapFromGlobal(menu.pos()), menu.grab())
        painter.end()
        menu.close()
        window.resize(WIDTH, HEIGHT)
        return picture

    def shoot(self, name: str, state: WindowState, into: Path) -> None:
        """Take a picture of a state."""
        window = self.client.window
        window.draw(replace(state, language=self.language))
        for _ in range(4):
            self.application.processEvents()
            self.application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        image = self._look(name).toImage().convertToFormat(QImage.Format.Format_RGB888)
        size = (image.width(), image.height())
        rows = bytes(image.constBits())
        picture = Image.frombytes("RGB", size, rows, "raw", "RGB", image.bytesPerLine())
        few = picture.quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(into / f"{name}.{self.language}.png", optimize=True)


def states(studio: Studio, folder: Path) -> Iterator[tuple[str, WindowState]]:
    """Yield every state with its name, in the order a person meets them."""
    first = replace(studio.client.presenter.state, language=studio.language)
    form = Form("Dr. Anna Weber", "praxis@weber.example", "02501 4711", remember=True)
    yield "01-privacy", first
    yield "02-sender", replace(first, page=Page.PEOPLE)
    wrong = replace(form, email="praxis@weber", recipient="beck@gmx.example")
    faults = {Field.EMAIL: Fault.NO_ADDRESS, Field.RECIPIENT: Fault.NOT_THE_HOSPITALS}
    checked = frozenset(Field)
    yield (
        "03-sender-wrong",
        replace(first, page=Page.PEOPLE, form=wrong, faults=faults, checked=checked),
    )
    medium = replace(first, page=Page.MEDIUM, form=form)
    yield "04-medium", medium
    volumes = (
        Volume(Path("/media/cd"), "RADIOLOGIE", VolumeKind.DISC),
        Volume(Path("/media/stick"), "INTENSO", VolumeKind.STICK),
    )
    yield "05-medium-found", replace(medium, volumes=volumes)
    yield from _of_discs(studio, folder, replace(first, form=form))


def _looked_at(
    folder: Path, disc: Path, language: str, hospital: FakeHospital | None = None
) -> Desk:
    clock = SystemClock()
    desk = Desk(folder, card=load_profile(a_card(folder), clock), clock=clock)
    desk.hospital = hospital or desk.hospital
    desk.presenter.speak(language)
    desk.presenter.accept(accepted=True)
    desk.presenter.go_on()
    desk.presenter.enter(
        replace(desk.state.form, name="Dr. Anna Weber", email="praxis@weber.example")
    )
    desk.presenter.go_on()
    desk.presenter.choose(disc)
    desk.until(lambda state: state.disc is not None and state.disc.result is not None)
    shown = desk.state.disc
    assert shown is not None
    if shown.patients:
        series = len(shown.result.series) if shown.result else 0
        desk.until(lambda s: s.disc is not None and len(s.disc.pictures) == series)
    return desk


def _of_discs(
    studio: Studio, folder: Path, first: WindowState
) -> Iterator[tuple[str, WindowState]]:
    language = studio.language
    one = _looked_at(folder / "one", a_disc(folder / "one" / "RADIOLOGIE"), language)
    early = next(s for s in one.states if s.disc and s.disc.patients and s.disc.result is None)
    yield "06-looking", early
    yield "07-review", one.state
    two = _looked_at(folder / "two", a_disc(folder / "two" / "RADIOLOGIE", people=2), language)
    yield "08-several-people", two.state
    empty = folder / "empty" / "FOTOS"
    empty.mkdir(parents=True)
    (empty / "brief.txt").write_text("hello")
    yield "09-no-images", _looked_at(folder / "empty", empty, language).state
    gone = one.state.disc
    assert gone is not None
    yield (
        "10-medium-gone",
        replace(early, disc=replace(early.disc, gone=True) if early.disc else None),
    )
    yield from _of_more_discs(folder, one, two)
    start = replace(one.state, page=Page.START)
    yield "11-start", replace(start, sworn=True)
    yield "12-continue", replace(start, going_on=True, disc=replace(gone, unfinished=_yesterday()))
    yield (
        "13-privacy-unfinished",
        replace(first, waiting=(_yesterday(),)),
    )
    yield (
        "14-door-closed",
        replace(start, sworn=True, trouble=ReceiverRefused(Problem(Code.NOT_ACCEPTING))),
    )
    yield "39-details", replace(start, trouble=LineFailed(Trouble.WRONG_PIN))
    yield "15-no-connection", replace(start, sworn=True, trouble=LineFailed(Trouble.NO_CONNECTION))
    pulse = Pulse(SendPhase.SENDING, 61_000_000, 174_000_000, 120, 340, 2_100_000, 170.0)
    sending = replace(one.state, page=Page.SENDING, pulse=pulse, under_way=True)
    yield "16-sending", sending
    yield "17-paused", replace(sending, activity=Activity.PAUSED)
    yield "18-line-lost", replace(sending, activity=Activity.LINE_LOST)
    checking = replace(pulse, phase=SendPhase.CHECKING, bytes=174_000_000, images=340)
    yield "19-checking", replace(sending, pulse=checking)
    yield from _of_ends(studio, folder, one)


def _of_more_discs(folder: Path, one: Desk, two: Desk) -> Iterator[tuple[str, WindowState]]:
    """Yield what a further disc looks like; called so that it sorts behind the main way."""
    first, other = one.state.disc, two.state.disc
    assert first is not None
    assert other is not None
    again = replace(first, path=folder / "RADIOLOGIE 2")
    base = replace(one.state, earlier=(first,), disc=None)
    drive = Volume(first.path, "RADIOLOGIE", VolumeKind.DISC)
    stick = Volume(Path("/media/stick"), "INTENSO", VolumeKind.STICK)
    yield "26-another-disc", replace(base, page=Page.MEDIUM, volumes=(drive, stick))
    people = first.sent_people
    stranger = replace(other, patients=other.patients[1:], ticked=frozenset(), known=people)
    yield "27-somebody-elses-disc", replace(base, page=Page.REVIEW, disc=stranger)
    both = replace(base, page=Page.START, disc=again, sworn=True)
    yield "28-start-two-discs", both
    one_more = replace(one.state, page=Page.START, sworn=True, expecting=True)
    yield "29-start-expecting", one_more
    wanted = replace(base, page=Page.MEDIUM, wanted=True, under_way=True, volumes=(drive,))
    yield "30-next-disc", wanted
    pulse = Pulse(SendPhase.SENDING, 61_000_000, 174_000_000, 120, 340, 2_100_000, 170.0)
    sending = replace(one.state, page=Page.SENDING, pulse=pulse, under_way=True)
    yield "34-cancel", sending
    gone = replace(sending, activity=Activity.MEDIUM_GONE, gone=first.path)
    yield "31-disc-taken-out", gone
    seeking = replace(one.state, page=Page.MEDIUM, disc=None, waiting=(_yesterday(),))
    yield (
        "32-continue-yesterday",
        replace(seeking, continuing=True, tried=frozenset({drive.root}), volumes=(drive,)),
    )


def _yesterday() -> Unfinished:
    since = datetime.now(UTC) - timedelta(days=1)
    key = a_signing_key()
    identity = Identity(key, a_receipt_code(), bytes(32), a_destination_id(), bytes(32), None)
    return Unfinished(Remembered(Path("none"), identity, (), (), False), since)


def _sent(desk: Desk) -> WindowState:
    desk.presenter.go_on()
    desk.presenter.swear(sworn=True)
    desk.presenter.go_on()
    return desk.until(lambda state: state.page is Page.REPORT)


def _of_ends(studio: Studio, folder: Path, one: Desk) -> Iterator[tuple[str, WindowState]]:
    language = studio.language
    disc = folder / "one" / "RADIOLOGIE"
    done = _sent(one)
    assert done.is_complete
    yield "20-complete", done
    assert done.result is not None
    spoiled = FakeHospital()

    def refuse_two(report: FileReport) -> FileReport:
        bad = report.index in {3, 4}
        return FileReport(report.index, FileResult.REFUSED, "truncated") if bad else report

    spoiled.inside.spoil = refuse_two
    yield "21-partly", _sent(_looked_at(folder / "part", disc, language, spoiled))
    no_line = LineFailed(Trouble.NO_CONNECTION)
    unknown = tuple(replace(study, delivered=None) for study in done.result.studies)
    result = replace(
        done.result, outcome=Outcome.INTERRUPTED, receipt=None, studies=unknown, trouble=no_line
    )
    yield "22-interrupted", replace(done, result=result, trouble=no_line)
    one.presenter.open_look_up()
    yield "23-look-up", one.state
    one.presenter.look_up(done.result.receipt_code)
    yield "24-looked-up", one.until(lambda state: state.looked_up is not None)
    yield "25-no-card", WindowState(Page.CARD, language)
    doubted = parse_profile(sign_profile(a_profile(), a_signing_key("other")))
    other = ProfileUnusable.because(ProfileRefusal.OTHER_SIGNER)
    nobody = WindowState(Page.CARD, language, trouble=other, doubted=doubted)
    yield "33-card-of-another", nobody
    yield from _off_the_way(studio.client.presenter.state)


def _off_the_way(first: WindowState) -> Iterator[tuple[str, WindowState]]:
    """Yield what is beside the steps: the connection, and the menu of a small window."""
    connection = replace(first, page=Page.CONNECTION)
    yield "35-connection", connection
    proxy = Connection(By.ADDRESS, "proxy.praxis.example:3128", remember=True)
    yield "36-connection-proxy", replace(connection, connection=proxy)
    wrong = replace(proxy, address="praxis proxy")
    trouble = UsageRefused(Trouble.PROXY_ADDRESS)
    yield "37-connection-wrong", replace(connection, connection=wrong, trouble=trouble)
    yield "38-small-menu", first


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--high-contrast", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv[:1])
    for language in ("de", "en"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for sub in ("one", "two", "empty", "part"):
                (folder / sub).mkdir()
            studio = Studio(application, folder, language)
            for name_of, state in states(studio, folder):
                studio.shoot(name_of, state, options.folder)
            studio.client.close()
            studio.client.window.hide()


if __name__ == "__main__":
    main()
