"""Forwarding to real archives that die, or take less than everything."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian

from passbox_viewer.instances import Forwarding
from passbox_viewer.settings import Pacs
from passbox_wire.inner.viewer import EventKind
from tests.e2e.line import Line
from tests.parts.dcmtk import Scp, running_dcmqrscp
from tests.parts.orthanc import Orthanc, running_orthanc
from tests.parts.programs import kill
from tests.viewer.house import House, a_transfer, running_house
from tests.viewer.images import SERIES, an_image
from tests.viewer.pressing import last_event, press
from tests.viewer.scripted_pacs import ScriptedPacs, running_pacs

pytestmark = pytest.mark.parts

IMAGES = 24


def settings_of(part: Orthanc | Scp) -> Pacs:
    """Return the settings of a real archive."""
    port = part.dicom_port if isinstance(part, Orthanc) else part.port
    return Pacs(name="PACS", host=part.host, port=port, ae_title=part.ae_title)


def held(part: Orthanc | Scp) -> list[str]:
    """Return the SOP Instance UIDs an archive has, sorted."""
    if isinstance(part, Orthanc):
        return part.sop_instance_uids()
    return sorted(
        str(pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID) for file in part.files()
    )


@contextlib.contextmanager
def killing(house: House, part: Orthanc | Scp, after: int) -> Iterator[None]:
    """Kill the archive as soon as it has said yes to ``after`` instances of ours."""
    index = house.running.inside.index
    plain, sent = index.note_forwarding, 0

    def note(number: int, how: Forwarding, status: int | None, sent_as: str = "") -> None:
        nonlocal sent
        plain(number, how, status, sent_as)
        sent += 1
        if sent == after and part.process is not None:
            kill(part.process)

    # The seam is the index: the archive dies exactly between two instances' answers.
    with mock.patch.object(index, "note_forwarding", note):
        yield


@pytest.mark.parametrize("kind", ["orthanc", "dcmqrscp"])
@pytest.mark.parametrize("after", [pytest.param(1, marks=pytest.mark.faults), 13])
def test_an_archive_that_is_killed_in_the_middle_loses_nothing(
    tmp_path: Path, medium: Path, kind: str, after: int
) -> None:
    """Killed and started again, it gets what it lacks, once, and all images are in it."""
    folder = tmp_path / "part"
    folder.mkdir()

    def start() -> contextlib.AbstractContextManager[Orthanc | Scp]:
        return running_orthanc(folder) if kind == "orthanc" else running_dcmqrscp(folder)

    images = [an_image(medium, n) for n in range(1, IMAGES + 1)]
    with start() as part, Line(settings_of(part).port) as line:
        # A port whose owner was killed stays taken for a minute: the line leads to the next one.
        pacs = settings_of(part).model_copy(update={"port": line.port})
        with running_house(tmp_path, pacs=[pacs]) as running:
            page = running.visible(a_transfer(), images)
            seen = last_event(running)
            with killing(running, part, after):
                press(running, page)
                failed = running.await_event(seen)
            assert failed.kind is EventKind.FORWARD_FAILED
            with start() as again:
                line.lead_to(settings_of(again).port)
                assert (
                    len(held(again)) >= after - 1
                )  # what it said yes to; the last one may be torn
                index = running.running.inside.index
                with mock.patch.object(
                    index, "note_forwarding", side_effect=index.note_forwarding
                ) as sent_again:
                    assert press(running, page) == 303
                    event = running.await_event(failed.sequence)
                assert sent_again.call_count <= IMAGES - after + 1
                assert (event.kind, event.in_pacs) == (EventKind.FORWARDED, IMAGES)
                assert held(again) == sorted(f"{SERIES}.{n}" for n in range(1, IMAGES + 1))


def big_endian(folder: Path) -> Path:
    """Return an image whose order of bytes is retired."""
    path = folder / "big.dcm"
    image = pydicom.dcmread(str(get_testdata_file("MR_small_bigendian.dcm")))
    image.save_as(path)
    assert image.file_meta.TransferSyntaxUID == ExplicitVRBigEndian
    return path


def test_an_archive_that_refuses_big_endian_gets_it_turned(tmp_path: Path, medium: Path) -> None:
    """A real Orthanc that takes explicit little endian only has the same pixels in the end."""
    path = big_endian(medium)
    with (
        running_orthanc(tmp_path, accepted=[ExplicitVRLittleEndian]) as orthanc,
        running_house(tmp_path, pacs=[settings_of(orthanc)]) as house,
    ):
        page = house.visible(a_transfer(), [path])
        seen = last_event(house)
        press(house, page)
        assert house.await_event(seen).in_pacs == 1

        original = pydicom.dcmread(path)
        kept = pydicom.dcmread(io.BytesIO(orthanc.instance(original.SOPInstanceUID)))
        assert kept.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        assert np.array_equal(kept.pixel_array, original.pixel_array)
        assert kept.PatientName == original.PatientName


@pytest.fixture
def scripted() -> Iterator[ScriptedPacs]:
    """A PACS that takes everything."""
    with running_pacs() as pacs:
        yield pacs


def test_more_kinds_than_an_association_has_contexts(
    tmp_path: Path, scripted: ScriptedPacs, medium: Path
) -> None:
    """What might need more contexts than there are ids goes over several associations."""
    images = [
        an_image(medium, n, sop_class=UID(f"1.2.826.0.1.3680043.10.99.{n}")) for n in range(1, 71)
    ]
    with running_house(tmp_path, pacs=[scripted.settings]) as house:
        page = house.visible(a_transfer(), images)
        seen = last_event(house)
        press(house, page)
        event = house.await_event(seen)

    assert event.in_pacs == len(images)
    assert scripted.contexts == [64, 6]  # with room for each one's plain form
