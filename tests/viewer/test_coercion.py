import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from passbox_base import audit
from passbox_viewer.identity import (
    INCOMPLETE,
    UNWRITABLE,
    LocalIdentity,
    Mismatch,
    mismatches,
    parse_identity,
)
from passbox_viewer.settings import Pacs
from passbox_viewer.study import Patient
from passbox_wire.states import ForwardState
from tests.parts.orthanc import Orthanc
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import an_image
from tests.viewer.pressing import last_event
from tests.viewer.scripted_pacs import ScriptedPacs, running_pacs

LOCAL = {
    "patient_id": "H-0815", "issuer": "HOSPITAL", "accession": "A-77",
    "local_name": "Doe, Jane", "local_birth_date": "1962-03-14",
}  # fmt: skip
PATIENT = Patient("Doe^Jane", "4711", "19620314", "F", False, ())  # as in study.py
IDENTITY = LocalIdentity("H-0815", "", "", "Doe, Jane", "19620314", "")


@pytest.fixture
def pacs() -> Iterator[ScriptedPacs]:
    """A PACS that does as it is told."""
    with running_pacs() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, pacs: ScriptedPacs) -> Iterator[House]:
    """A viewer that forwards to the scripted PACS."""
    with running_house(tmp_path, pacs=[pacs.settings]) as running:
        yield running


def post(house: House, page: str, **fields: str) -> tuple[int, str]:
    """Send the form; return the status and the page that follows."""
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', house.browser.get(page).text)
    form = {"csrf": csrf[1] if csrf else "", "pacs": "PACS", "lang": "en"} | LOCAL | fields
    answer = house.browser.post(f"{page}/forward", data=form)
    location = answer.headers.get("location")
    return answer.status_code, house.browser.get(location).text if location else answer.text


def confirmation(html: str) -> str:
    """Return the digest that the side-by-side page asks to confirm."""
    found = re.search(r'name="confirm_identity" value="([0-9a-f]{64})"', html)
    assert found
    return found[1]


def coerced(house: House, page: str, **fields: str) -> None:
    """Forward under the house's identity, to the end."""
    seen = last_event(house)
    _, html = post(house, page, **fields)
    assert post(house, page, confirm_identity=confirmation(html), **fields)[0] == 303
    assert house.await_event(seen).in_pacs


def received(pacs: ScriptedPacs) -> Dataset:
    """Return the one data set the PACS got."""
    ((_, data),) = pacs.received
    return pydicom.dcmread(pydicom.filebase.DicomBytesIO(data), force=True)


def test_both_identities_are_shown_before_anything_is_sent(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """Side by side, with what will change; only the confirmed one is taken."""
    page = house.visible(a_transfer(), [an_image(medium)])

    status, html = post(house, page)

    assert status == 409
    for shown in ("Doe, Jane", "4711", "H-0815", "HOSPITAL", "A-77", "The same patient?"):
        assert shown in html
    assert post(house, page, confirm_identity="00" * 32)[0] == 409
    other = post(house, page, confirm_identity=confirmation(html), patient_id="H-0816")
    assert other[0] == 409
    assert pacs.received == []
    assert house.read(a_transfer()).forward_state is ForwardState.VISIBLE


def test_identity_is_replaced_and_the_prior_values_stay(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """PS3.3 C.12.1.1.9: what was changed, when, by whom and why; everything else is as it came."""
    image = an_image(
        medium, AccessionNumber="OLD", IssuerOfPatientID="PRACTICE", PatientComments="Grüße"
    )
    coerced(house, house.visible(a_transfer(), [image], name="Praxis Dr. Müller"))

    made, original = received(pacs), pydicom.dcmread(image)
    assert (made.PatientID, made.IssuerOfPatientID, made.AccessionNumber) == (
        "H-0815", "HOSPITAL", "A-77",
    )  # fmt: skip
    (item,) = made.OriginalAttributesSequence
    (prior,) = item.ModifiedAttributesSequence
    assert (prior.PatientID, prior.IssuerOfPatientID, prior.AccessionNumber) == (
        "4711", "PRACTICE", "OLD",
    )  # fmt: skip
    assert item.ReasonForTheAttributeModification == "COERCE"
    assert item.SourceOfPreviousValues == "Praxis Dr. Müller"
    assert item.ModifyingSystem == "PASSBOX"
    assert item.AttributeModificationDateTime == made.InstanceCoercionDateTime
    (equipment,) = made.ContributingEquipmentSequence
    (purpose,) = equipment.PurposeOfReferenceCodeSequence
    assert (purpose.CodeValue, purpose.CodingSchemeDesignator) == ("MEDIM", "DCM")
    changed = {e.keyword for e in made if original.get(e.tag) != e}
    assert changed == {
        "PatientID", "IssuerOfPatientID", "AccessionNumber", "InstanceCoercionDateTime",
        "OriginalAttributesSequence", "ContributingEquipmentSequence",
    }  # fmt: skip
    assert made.PixelData == original.PixelData
    assert (made.PatientName, made.SOPInstanceUID) == ("Doe^Jane", original.SOPInstanceUID)


def test_what_is_not_changed_keeps_its_bytes(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """Private elements, foreign bytes and earlier items of the sequence go through as they came."""
    image = pydicom.dcmread(an_image(medium))
    image.SpecificCharacterSet = "ISO_IR 100"
    image.add_new(0x00090010, "LO", "ACME")
    image.add_new(0x00091001, "UN", b"\xff\x00\xfe\x01")
    image.add_new(0x00104000, "LT", b"\xc3\xbc said Latin-1")
    earlier = Dataset()
    earlier.ModifyingSystem = "EARLIER"
    image.OriginalAttributesSequence = [earlier]
    image["OriginalAttributesSequence"].is_undefined_length = True
    image.save_as(medium / "odd.dcm")
    before = (medium / "odd.dcm").read_bytes()
    coerced(house, house.visible(a_transfer(), [medium / "odd.dcm"], name="山田医院"), issuer="")

    ((_, after),) = pacs.received
    for kept in (b"ACME", b"UN\0\0\x04\0\0\0\xff\x00\xfe\x01", b"\xc3\xbc said Latin-1"):
        assert kept in before
        assert kept in after
    items = received(pacs).OriginalAttributesSequence
    assert [item.ModifyingSystem for item in items] == ["EARLIER", "PASSBOX"]
    assert items[1].SourceOfPreviousValues == ""  # Latin-1 cannot write it
    assert "IssuerOfPatientID" not in received(pacs)
    assert items[1].ModifiedAttributesSequence[0].IssuerOfPatientID == ""


def test_a_mismatch_needs_a_written_reason(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """Another name or birth date is marked, and without a reason nothing goes out."""
    page = house.visible(a_transfer(), [an_image(medium)])
    other = {"local_name": "Doe, Janet"}
    _, html = post(house, page, **other)
    assert "Name or birth date differ" in html

    assert post(house, page, confirm_identity=confirmation(html), **other)[0] == 409
    assert pacs.received == []
    coerced(house, page, mismatch_reason="married <name>", **other)

    assert "married &lt;name&gt;" in house.browser.get(page).text
    chain = str(list(audit.entries(house.settings.store.folder / "audit.jsonl")))
    assert "'in_spite_of_mismatch': True" in chain
    assert "married" not in chain


def test_several_patients_cannot_get_one_identity(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """The page says so, and nothing is sent."""
    images = [
        an_image(medium),
        an_image(medium, 2, name="Roe^Richard", series="1.2.826.0.1.3680043.10.2"),
    ]
    page = house.visible(a_transfer(), images)

    assert "cannot go under one patient ID" in post(house, page)[1]
    assert pacs.received == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"patient_id": ""}, INCOMPLETE),
        ({"name": " "}, INCOMPLETE),
        ({"birth_date": "14.03.1962"}, INCOMPLETE),
        ({"patient_id": "a\\b"}, UNWRITABLE),
        ({"patient_id": "Ü1"}, UNWRITABLE),
        ({"accession": "x" * 17}, UNWRITABLE),
        ({"patient_id": "x" * 65}, UNWRITABLE),
    ],
)
def test_a_form_that_says_too_little_or_too_much(fields: dict[str, str], expected: str) -> None:
    """Each fault has its word; nothing given at all is no identity."""
    form = {
        "patient_id": "1",
        "issuer": "",
        "accession": "",
        "name": "A",
        "birth_date": "1962-03-14",
    }

    assert parse_identity(form | fields) == expected
    assert parse_identity(dict.fromkeys(form, "")) is None


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (IDENTITY, ()),
        (replace(IDENTITY, name="jane DOE"), ()),
        (replace(IDENTITY, name="Doe"), (Mismatch.NAME,)),
        (replace(IDENTITY, birth_date="19620315"), (Mismatch.BIRTH_DATE,)),
    ],
)
def test_mismatches(identity: LocalIdentity, expected: tuple[Mismatch, ...]) -> None:
    """Order, case and punctuation of a name do not count; anything else does."""
    assert mismatches(identity, PATIENT) == expected


@pytest.mark.parts
def test_orthanc_has_it_under_the_house_s_identity(
    tmp_path: Path, orthanc: Orthanc, medium: Path
) -> None:
    """A real archive files the images under the local Patient ID, UIDs and pixels kept."""
    image = an_image(medium)
    real = Pacs(name="PACS", host=orthanc.host, port=orthanc.dicom_port, ae_title=orthanc.ae_title)
    with running_house(tmp_path, pacs=[real]) as house:
        coerced(house, house.visible(a_transfer(), [image]))

    original = pydicom.dcmread(image)
    kept = pydicom.dcmread(pydicom.filebase.DicomBytesIO(orthanc.instance(original.SOPInstanceUID)))
    assert (kept.PatientID, kept.AccessionNumber) == ("H-0815", "A-77")
    assert kept.PixelData == original.PixelData
    assert kept.OriginalAttributesSequence[0].ModifiedAttributesSequence[0].PatientID == "4711"
