"""What the sender keeps: the same truth as JSON and as PDF, in both languages."""

import dataclasses
import json
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image

from passbox_client.errors import StateFailed, UsageRefused
from passbox_client.outcome import Outcome
from passbox_client.receipts import Expected, VerifiedReceipt, verify
from passbox_client.report import (
    ReportedFile,
    ReportedStudy,
    SenderReport,
    Stage,
    Standing,
    Step,
    report_of_receipt,
    report_of_sending,
    stages,
)
from passbox_client.report_fonts import Fonts, choose, installed, may_be_embedded, showing
from passbox_client.report_json import encode_json
from passbox_client.report_pdf import encode_pdf
from passbox_client.report_words import REPORT_WORDS, ReportWords
from passbox_client.saving import save_report
from passbox_client.send import send
from passbox_wire import signing
from passbox_wire.receipts import FileReport, FileResult, StudyReport
from passbox_wire.states import DeliveryState, ForwardState
from tests.builders.wire import (
    a_destination,
    a_profile,
    a_receipt_code,
    a_report,
    a_sender,
    a_signed_profile,
    a_signed_receipt,
    a_signing_key,
    a_transfer_id,
)
from tests.client.hospital import FakeHospital
from tests.client.media import PDF, an_image, images, write
from tests.parts.programs import require

MADE = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
CODE = a_receipt_code()


def verified(**changes: Any) -> VerifiedReceipt:
    """Return a checked receipt over a report with changes."""
    signed = a_signed_receipt(dataclasses.replace(a_report(), **changes))
    return verify(signed.encode(), CODE, (a_destination(),), Expected(a_transfer_id()))


def looked_up(**changes: Any) -> SenderReport:
    """Return what is shown when a code is looked up."""
    return report_of_receipt(verified(**changes), CODE, a_profile(), MADE)


def a_sent_report(**changes: Any) -> SenderReport:
    """Return the report of a sending with two studies and one file refused."""
    files = (
        ReportedFile(0, FileResult.DELIVERED, "", "DICOM/ÄÖÜ/IM1", 10, bytes(32)),
        ReportedFile(1, FileResult.REFUSED, "truncated", "DICOM/ß/IM2", 20, bytes(32)),
    )
    report = dataclasses.replace(
        looked_up(delivery=DeliveryState.PARTIAL),
        hospital="Universitätsklinikum Weißenstadt",
        outcome=Outcome.PARTIAL,
        studies=(
            ReportedStudy(0, 0, 1, 1, 0, "Müller^Änne", "Schädel", "20250103"),
            ReportedStudy(0, 1, 1, 0, 0, "Петров^Иван", "Колено", ""),
        ),
        files=files,
    )
    return dataclasses.replace(report, **changes)


def text_of(pdf: bytes, folder: Path) -> str:
    """Return what a reader of PDF reads, line breaks as blanks."""
    file = folder / "read.pdf"
    file.write_bytes(pdf)
    command: list[str | Path] = [require("pdftotext", "poppler-utils"), "-layout", file, "-"]
    return " ".join(
        subprocess.run(command, check=True, capture_output=True).stdout.decode().split()
    )


@pytest.mark.parametrize(
    ("changes", "delivered", "in_pacs"),
    [
        ({"delivery": DeliveryState.ARRIVING}, Standing.OPEN, Standing.OPEN),
        ({"delivery": DeliveryState.COMPLETE}, Standing.DONE, Standing.OPEN),
        ({"delivery": DeliveryState.REFUSED}, Standing.NOT, Standing.OPEN),
        ({"forward": ForwardState.REFUSED}, Standing.PARTLY, Standing.NOT),
        (
            {"forward": ForwardState.IN_PACS, "studies": (StudyReport(0, 0, 3, 3, 3),)},
            Standing.PARTLY,
            Standing.DONE,
        ),
        (
            {"forward": ForwardState.IN_PACS, "studies": (StudyReport(0, 0, 3, 3, 2),)},
            Standing.PARTLY,
            Standing.PARTLY,
        ),
    ],
)
def test_a_look_up_shows_how_far_it_came(
    changes: dict[str, Any], delivered: Standing, in_pacs: Standing
) -> None:
    """Received, delivered, in PACS or refused: each step by the signed word, never ahead of it."""
    received, second, third = stages(looked_up(**{"delivery": DeliveryState.PARTIAL, **changes}))
    assert received.standing is Standing.DONE
    assert (second.standing, third.standing) == (delivered, in_pacs)


@pytest.mark.parametrize(
    ("outcome", "received"),
    [
        (Outcome.UNCONFIRMED, Standing.DONE),
        (Outcome.INTERRUPTED, Standing.PARTLY),
        (Outcome.REFUSED, Standing.NOT),
    ],
)
def test_without_a_receipt_nothing_is_claimed(outcome: Outcome, received: Standing) -> None:
    """Before the inside has signed, delivered and in PACS are open, and "as of" is now."""
    report = a_sent_report(verified=None, outcome=outcome)
    assert stages(report) == (
        Stage(Step.RECEIVED, received),
        Stage(Step.DELIVERED, Standing.OPEN),
        Stage(Step.IN_PACS, Standing.OPEN),
    )
    assert report.as_of == MADE


def test_the_json_names_every_file_and_proves_it() -> None:
    """Every file stands in it, and the hospital's signature holds over the body that is in it."""
    document = json.loads(encode_json(a_sent_report(), "de"))
    assert [(f["path"], f["result"]) for f in document["files"]] == [
        ("DICOM/ÄÖÜ/IM1", "delivered"),
        ("DICOM/ß/IM2", "refused"),
    ]
    assert document["files"][1]["why"] == "endet mittendrin"
    assert document["as_of"] == verified().as_of.isoformat()
    receipt = document["receipt"]
    public = a_signing_key("receipt").public_key().public_bytes_raw()
    statement = signing.receipt_statement(bytes.fromhex(receipt["body"]))
    signing.verify(public, bytes.fromhex(receipt["signature"]), statement)
    assert receipt["manifest_sha256"] in bytes.fromhex(receipt["body"]).decode()


@pytest.mark.parts
@pytest.mark.parametrize("language", REPORT_WORDS)
def test_the_pdf_says_the_same(language: str, tmp_path: Path) -> None:
    """Code, counts, what is missing and why, names with umlauts and in other scripts, as of."""
    said = text_of(encode_pdf(a_sent_report(), language), tmp_path)
    words = REPORT_WORDS[language]
    for expected in (
        words.title,
        "Universitätsklinikum Weißenstadt",
        str(CODE),
        words.checked,
        words.as_of.format(time=verified().as_of.strftime(words.date)),
        "Müller, Änne",
        "Петров, Иван",
        "DICOM/ß/IM2",
        words.page.format(page=1, pages=1),
    ):
        assert expected in said


@pytest.mark.parts
def test_a_long_list_goes_over_pages(tmp_path: Path) -> None:
    """Many missing files make many pages, none cut off; beyond the bound the JSON is named."""
    files = tuple(
        ReportedFile(n, FileResult.MISSING, "never came", f"{'LONG' * 40}/IM{n:05}")
        for n in range(450)
    )
    said = text_of(encode_pdf(a_sent_report(files=files), "en"), tmp_path)
    unbroken = said.replace(" ", "")
    assert "IM00399:didnotarrive" in unbroken
    assert "IM00400" not in unbroken
    assert "and 50 more" in said


@pytest.mark.parts
def test_the_qr_code_is_the_receipt_code(tmp_path: Path) -> None:
    """On paper every module is as dark as the code of the receipt code wants it."""
    file = tmp_path / "qr.pdf"
    file.write_bytes(encode_pdf(a_sent_report(), "en"))
    command: list[str | Path] = [require("pdftoppm", "poppler-utils"), "-r", "254", "-gray"]
    subprocess.run([*command, "-singlefile", file, tmp_path / "page"], check=True)
    wanted = [[*row] for row in segno.make(str(CODE), error="m", micro=False).matrix_iter()]
    with Image.open(tmp_path / "page.pgm") as page:
        step = 340 / len(wanted)  # 34 mm at 10 pixels a millimetre
        seen = [
            [
                page.getpixel((1580 + int((x + 0.5) * step), 180 + int((y + 0.5) * step))) == 0
                for x in range(len(wanted))
            ]
            for y in range(len(wanted))
        ]
    assert seen == [[bool(module) for module in row] for row in wanted]


def test_hostile_names_are_only_text(tmp_path: Path) -> None:
    """Markup, braces, control and direction characters in foreign names break no report."""
    name = "**bold** {nb} [x](http://evil.example)\x1b[31m\u202eevil\0"
    study = ReportedStudy(0, 0, 1, 1, 1, name, name, "99999999")
    report = a_sent_report(studies=(study,), files=(ReportedFile(0, None, "never came", name),))
    pdf = encode_pdf(report, "en")
    assert b"/URI" not in pdf
    assert b"\x1b[31m" not in pdf
    json.loads(encode_json(report, "en"))


def test_a_computer_without_fonts_still_writes_umlauts() -> None:
    """Without a font file there is Latin-1; what that lacks is replaced and told."""
    fonts = choose("Müller Петров", {})
    assert fonts.regular is None
    assert showing("Müller Петров", fonts) == "Müller ??????"
    every = "".join(str(getattr(REPORT_WORDS["de"], name)) for name in ReportWords.__slots__)
    assert not choose(every, {}).unshowable
    assert encode_pdf(a_sent_report(), "de", choose("Петров Иван Колено", {})).startswith(b"%PDF")


def test_fonts_are_chosen_for_the_letters() -> None:
    """One font does where it has every letter; letters nobody has are named."""
    found = installed()
    if "DejaVuSans.ttf" not in found:
        pytest.skip("needs DejaVu Sans")
    only = {name: found[name] for name in ("DejaVuSans.ttf",)}
    assert choose("Müller Петров", only) == Fonts(only["DejaVuSans.ttf"], None, (), frozenset())
    assert choose("山", only).unshowable == {"山"}


@pytest.mark.parametrize(
    ("fs_type", "may"), [(0, True), (4, True), (8, True), (2, False), (0x100, False), (6, True)]
)
def test_a_font_s_licence_is_asked(fs_type: int, *, may: bool) -> None:
    """A font whose maker forbids embedding or cutting is passed over (OpenType, OS/2 fsType)."""
    assert may_be_embedded(fs_type) is may


@pytest.mark.parametrize("name", ["report.pdf", "report.json"])
def test_a_saved_report_is_the_sender_s_alone(tmp_path: Path, name: str) -> None:
    """The file is whole and nobody else on the computer may read it."""
    path = tmp_path / name
    save_report(a_sent_report(), path, "de")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_report_that_cannot_be_saved_is_told(tmp_path: Path) -> None:
    """A name that is neither kind, a folder that is none, a disk that refuses: each by its code."""
    (tmp_path / "taken.json").mkdir()
    for path, error, code in (
        (tmp_path / "report.txt", UsageRefused, "report_kind"),
        (tmp_path / "no" / "report.pdf", UsageRefused, "report_place"),
        (tmp_path / "taken.json", StateFailed, "report_failed"),
    ):
        with pytest.raises(error) as raised:
            save_report(a_sent_report(), path, "en")
        assert raised.value.code == code


def test_a_sending_s_report_has_every_name(tmp_path: Path) -> None:
    """From a real sending: studies with counts, files with digests, what was lost with its why."""
    disc = write(tmp_path / "disc", {**images(2), "cut": an_image(9)[:200], "report.pdf": PDF})
    result = send(
        disc,
        a_signed_profile(),
        sender=a_sender(),
        state_folder=tmp_path / "state",
        receiver=FakeHospital(),
    )
    report = report_of_sending(result, a_profile(), MADE)
    assert [(s.claimed, s.delivered) for s in report.studies] == [(2, 2)]
    assert report.studies[0].patient_name == "Doe^Jane"
    assert report.kept == 1
    (lost,) = report.not_arrived
    assert (lost.path, lost.reason) == ("cut", "damaged")


def test_a_looked_up_report_has_numbers_for_names() -> None:
    """This computer kept no names: files and studies are told by number, and why, and noted."""
    files = (FileReport(0, FileResult.DELIVERED), FileReport(1, FileResult.REFUSED, "truncated"))
    report = looked_up(files=files, note="Bitte rufen Sie an.")
    assert not report.has_names
    assert [(file.index, file.reason) for file in report.not_arrived] == [(1, "truncated")]
    assert report.note == "Bitte rufen Sie an."
    assert encode_pdf(report, "de").startswith(b"%PDF")


def test_every_step_has_its_words() -> None:
    """Each step and standing can be said in both languages."""
    every = {(step, standing) for step in Step for standing in Standing}
    assert all(set(words.stages) == every for words in REPORT_WORDS.values())
