"""What the PACS has already: three answers of a person, none of which overwrites anything."""

import io
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from pynetdicom.ae import ApplicationEntity

from passbox_base import audit
from passbox_viewer.instances import Proof
from passbox_viewer.settings import Forward, Pacs
from passbox_wire.states import ForwardState
from tests.parts.dcmtk import Scp, dcmsend, running_dcmqrscp
from tests.parts.orthanc import Orthanc
from tests.parts.programs import LOOPBACK, free_port
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import SERIES, STUDY, an_image
from tests.viewer.pressing import ask, confirmed, last_event, press
from tests.viewer.scripted_pacs import ScriptedPacs, running_pacs

NOT_AUTHORIZED = 0x0124


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


def referring(folder: Path, number: int, to: int) -> Path:
    """Return an image whose header points to another one of the series."""
    item = Dataset()
    item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    item.ReferencedSOPInstanceUID = f"{SERIES}.{to}"
    path = an_image(folder, number)
    image = pydicom.dcmread(path)
    image.ReferencedImageSequence, image.FrameOfReferenceUID = [item], f"{STUDY}.7"
    image.save_as(path)
    return path


def test_what_is_there_already_is_not_sent(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """The rest is sent alone, and of each image it is told by what it is in the PACS."""
    pacs.held = {f"{SERIES}.1": STUDY}
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2, 3)])
    seen = last_event(house)
    _, html = ask(house, page)
    assert press(house, page, confirm=confirmed(html)) == 303

    assert house.await_event(seen).in_pacs == 3
    assert [uid for uid, _ in pacs.received] == [f"{SERIES}.2", f"{SERIES}.3"]
    assert [row.proof for row in house.instances(a_transfer())] == [
        Proof.THERE, Proof.LISTED, Proof.LISTED,
    ]  # fmt: skip
    chain = list(audit.entries(house.settings.store.folder / "audit.jsonl"))
    asked = [entry for entry in chain if entry["event"] == "forward asked for"]
    assert "already there" in str(asked[-1])
    assert "were there already" in house.browser.get(page, params={"lang": "en"}).text


def test_all_there_already_sends_nothing(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """When every image is there nothing is sent, and all are in the PACS."""
    pacs.held = {f"{SERIES}.1": STUDY}
    page = house.visible(a_transfer(), [an_image(medium)])
    seen = last_event(house)
    press(house, page, confirm=confirmed(ask(house, page)[1]))

    assert house.await_event(seen).in_pacs == 1
    assert pacs.received == []


def test_new_uids_are_consistent(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """Every UID and each reference gets one and the same new one; pixels and prior values stay."""
    pacs.held = {f"{SERIES}.1": STUDY}
    files = [referring(medium, 1, 2), referring(medium, 2, 1)]
    page = house.visible(a_transfer(), files)
    seen = last_event(house)
    _, html = ask(house, page)
    assert press(house, page, confirm=confirmed(html), answer="new uids") == 303
    event = house.await_event(seen)

    made = list(received(pacs).values())
    before = [pydicom.dcmread(file) for file in files]
    assert event.in_pacs == 2
    assert len({image.StudyInstanceUID for image in made} | {STUDY}) == 2
    assert len({image.SeriesInstanceUID for image in made} | {SERIES}) == 2
    assert len({image.FrameOfReferenceUID for image in made} | {f"{STUDY}.7"}) == 2
    uids = [image.SOPInstanceUID for image in made]
    assert not {*uids} & {f"{SERIES}.1", f"{SERIES}.2"}
    assert all(uid.startswith("2.25.") and uid.is_valid for uid in uids)
    references = [image.ReferencedImageSequence[0].ReferencedSOPInstanceUID for image in made]
    assert references == uids[::-1]
    for new, old in zip(made, before, strict=True):
        assert (new.PixelData, new.PatientID) == (old.PixelData, old.PatientID)
        (item,) = new.OriginalAttributesSequence
        (prior,) = item.ModifiedAttributesSequence
        assert (prior.SOPInstanceUID, prior.StudyInstanceUID) == (
            old.SOPInstanceUID, old.StudyInstanceUID,
        )  # fmt: skip
        assert prior.ReferencedImageSequence == old.ReferencedImageSequence
        assert "PatientID" not in prior
        assert item.ReasonForTheAttributeModification == "COERCE"
        assert new.ContributingEquipmentSequence[0].StationName == "PASSBOX"
    assert "Under new numbers" in house.browser.get(page, params={"lang": "en"}).text


def received(pacs: ScriptedPacs) -> dict[str, pydicom.Dataset]:
    """Return what the PACS was sent, by SOP Instance UID."""
    return {uid: pydicom.dcmread(io.BytesIO(data), force=True) for uid, data in pacs.received}


def test_a_retry_sends_the_same_new_uids(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """What failed under new UIDs is sent again under the same ones, alone."""
    pacs.held = {f"{SERIES}.1": STUDY}
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2)])
    seen = last_event(house)
    pacs.forgets = True
    press(house, page, confirm=confirmed(ask(house, page)[1]), answer="new uids")
    failed = house.await_event(seen)
    first = [uid for uid, _ in pacs.received]

    pacs.forgets, pacs.received = False, []
    assert press(house, page) == 303
    assert house.await_event(failed.sequence).in_pacs == 2
    assert [uid for uid, _ in pacs.received] == first


@pytest.mark.parametrize(
    ("tilt", "comments", "words", "may_be_there"),
    [
        (0, "", "the same", True),
        (0, "written later", "same pixels, other header", True),
        (1, "", "other pixels", False),
    ],
)
def test_comparing_tells_how_alike_they_are(
    house: House,
    pacs: ScriptedPacs,
    medium: Path,
    tilt: int,
    comments: str,
    words: str,
    may_be_there: bool,  # a parameter of the test
) -> None:
    """The PACS's images are fetched and compared; other pixels can never be "already there"."""
    pacs.held = {f"{SERIES}.1": STUDY}
    pacs.gives = {f"{SERIES}.1": an_image(medium, tilt=tilt, PatientComments=comments)}
    page = house.visible(a_transfer(), [an_image(medium, PatientComments="")])
    digest = confirmed(ask(house, page)[1])

    status, html = ask(house, page, confirm_existing=digest, answer="compare")

    assert status == 409
    assert f'scope="row">{words}</th><td>1</td>' in html
    assert ('value="already there"' in html) is may_be_there
    assert 'value="new uids"' in html
    assert pacs.received == []
    assert list(house.running.inside.store.incoming.iterdir()) == []


def test_an_archive_that_gives_nothing_back_is_told(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """An image the PACS does not hand out is one that could not be compared."""
    pacs.held = {f"{SERIES}.1": STUDY}
    page = house.visible(a_transfer(), [an_image(medium)])
    digest = confirmed(ask(house, page)[1])

    _, html = ask(house, page, confirm_existing=digest, answer="compare")

    assert 'scope="row">could not be compared</th><td>1</td>' in html
    assert house.read(a_transfer()).forward_state is ForwardState.VISIBLE


def test_a_uid_in_another_study_is_found(house: House, pacs: ScriptedPacs, medium: Path) -> None:
    """A SOP Instance UID that lies in a study of another number is a question too."""
    pacs.relational = True
    pacs.held = {f"{SERIES}.1": "1.2.3"}
    page = house.visible(a_transfer(), [an_image(medium, n) for n in (1, 2)])

    status, html = ask(house, page)

    assert status == 409
    assert "has 1 of the 2 image numbers in another one" in html


def test_an_archive_without_relational_questions_is_no_hindrance(
    house: House, pacs: ScriptedPacs, medium: Path
) -> None:
    """Where the PACS answers only level by level, that is what is asked."""
    pacs.held = {f"{SERIES}.1": "1.2.3"}
    page = house.visible(a_transfer(), [an_image(medium)])

    assert press(house, page) == 303


def real(part: Orthanc | Scp) -> Pacs:
    """Return the settings of a real archive."""
    port = part.dicom_port if isinstance(part, Orthanc) else part.port
    return Pacs(name="PACS", host=part.host, port=port, ae_title=part.ae_title)


@pytest.mark.parts
def test_orthanc_and_dcmqrscp_are_compared_with(
    tmp_path: Path, orthanc: Orthanc, dcmqrscp: Scp, medium: Path
) -> None:
    """Both archives hand out what they hold, and the same is seen to be the same."""
    images = [an_image(medium, n) for n in (1, 2, 3)]
    other = an_image(medium, 3, tilt=9)
    peers = [real(orthanc), real(dcmqrscp).model_copy(update={"name": "DCMQRSCP"})]
    for to in (Scp(orthanc.ae_title, orthanc.dicom_port, tmp_path), dcmqrscp):
        dcmsend([*images[:2], other], to)
    with running_house(tmp_path, pacs=peers) as house:
        page = house.visible(a_transfer(), images)
        for name in ("PACS", "DCMQRSCP"):
            digest = confirmed(ask(house, page, pacs=name)[1])
            _, html = ask(house, page, pacs=name, confirm_existing=digest, answer="compare")
            assert 'scope="row">the same</th><td>2</td>' in html, name
            assert 'scope="row">other pixels</th><td>1</td>' in html, name


def sent_unasked(port: int, calling: str, file: Path) -> int | None:
    """Return the status of a C-STORE to our title, None where the association is rejected."""
    entity = ApplicationEntity(calling)
    entity.add_requested_context(CTImageStorage, ExplicitVRLittleEndian)
    association = entity.associate(LOOPBACK, port, ae_title="PASSBOX")
    if not association.is_established:
        return None
    try:
        return int(association.send_c_store(file).Status)
    finally:
        association.release()


@pytest.mark.parts
def test_an_archive_with_c_move_alone_is_compared_with(tmp_path: Path, medium: Path) -> None:
    """What offers no C-GET moves its images to our own title; nothing of it stays or is mixed in.

    To the title of a transfer, or unasked, an archive can send nothing.
    """
    images = [an_image(medium, n) for n in (1, 2, 3)]
    other = an_image(medium, 3, tilt=9)
    back = free_port()
    with running_dcmqrscp(tmp_path, passbox_port=back, options=["--disable-get"]) as archive:
        dcmsend([*images[:2], other], archive)
        forward = Forward(commitment_port=back)
        with running_house(tmp_path, pacs=[real(archive)], forward=forward) as house:
            page = house.visible(a_transfer(), images)
            digest = confirmed(ask(house, page)[1])
            _, html = ask(house, page, confirm_existing=digest, answer="compare")
            assert 'scope="row">the same</th><td>2</td>' in html
            assert 'scope="row">other pixels</th><td>1</td>' in html

            assert sent_unasked(back, archive.ae_title, images[0]) == NOT_AUTHORIZED
            assert sent_unasked(back, "STRANGER", images[0]) is None
            assert list(house.running.inside.store.incoming.iterdir()) == []
            assert len(house.instances(a_transfer())) == len(images)


@pytest.mark.parts
def test_an_archive_that_cannot_reach_us_is_not_compared_with(tmp_path: Path, medium: Path) -> None:
    """Without C-GET, and without a port of ours, it is said that nothing could be compared."""
    image = an_image(medium)
    with running_dcmqrscp(tmp_path, options=["--disable-get"]) as archive:
        dcmsend([image], archive)
        with running_house(tmp_path, pacs=[real(archive)]) as house:
            page = house.visible(a_transfer(), [image])
            digest = confirmed(ask(house, page)[1])
            _, html = ask(house, page, confirm_existing=digest, answer="compare")
            assert 'scope="row">could not be compared</th><td>1</td>' in html


@pytest.mark.parts
def test_orthanc_holds_both_studies_after_new_uids(
    tmp_path: Path, orthanc: Orthanc, medium: Path
) -> None:
    """Under new UIDs both the old images and ours are in a real archive, pixels and all."""
    there = an_image(medium, tilt=9)
    ours = an_image(medium)
    dcmsend([there], Scp(orthanc.ae_title, orthanc.dicom_port, tmp_path))
    with running_house(tmp_path, pacs=[real(orthanc)]) as house:
        page = house.visible(a_transfer(), [ours])
        seen = last_event(house)
        press(house, page, confirm=confirmed(ask(house, page)[1]), answer="new uids")
        assert house.await_event(seen).in_pacs == 1

    uids = orthanc.sop_instance_uids()
    assert len(uids) == 2
    kept = {uid: pydicom.dcmread(io.BytesIO(orthanc.instance(uid))) for uid in uids}
    assert kept[f"{SERIES}.1"].PixelData == pydicom.dcmread(there).PixelData
    (new,) = (uid for uid in uids if uid != f"{SERIES}.1")
    assert kept[new].PixelData == pydicom.dcmread(ours).PixelData


@pytest.mark.parts
def test_orthanc_finds_a_uid_in_another_study(
    tmp_path: Path, orthanc: Orthanc, medium: Path
) -> None:
    """A real archive that answers relational questions tells of a UID filed elsewhere."""
    dcmsend(
        [an_image(medium, study="1.2.826.0.1.3680043.10.77")],
        Scp(orthanc.ae_title, orthanc.dicom_port, tmp_path),
    )
    with running_house(tmp_path, pacs=[real(orthanc)]) as house:
        page = house.visible(a_transfer(), [an_image(medium)])

        assert "in another one" in ask(house, page)[1]
        assert orthanc.instance_count() == 1
