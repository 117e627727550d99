"""Never one patient's images as another's: several transfers at once, alike in everything but one.

All transfers have the same Study, Series and SOP Instance UIDs and the same Patient ID, as two
discs of one scanner's demo mode do; only name and pixels tell them apart. They come, are shown and
forwarded at the same time, each with an identity, an answer and an archive of its own.
"""

import hashlib
import io
import random
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pydicom
import pytest

from passbox_viewer.forward import THERE_MEANWHILE
from passbox_wire.states import ForwardState
from tests.e2e.awaiting import eventually
from tests.viewer.house import (
    BASE_URL,
    House,
    a_delivery,
    a_transfer,
    running_house,
)
from tests.viewer.images import an_image, data_set
from tests.viewer.pressing import ask, confirmed
from tests.viewer.scripted_pacs import ScriptedPacs, running_pacs

TRANSFERS = 4
IMAGES = 3
ARCHIVES = 2


@dataclass(frozen=True)
class Case:
    """One transfer and what a person says about it."""

    number: int
    files: Sequence[Path]
    coerced: bool
    archive: str

    @property
    def name(self) -> str:
        return f"Patient{self.number}^Test"

    @property
    def patient_id(self) -> str:
        return f"H-{self.number}" if self.coerced else "4711"


def cases(medium: Path, chance: random.Random) -> list[Case]:
    """Return transfers that differ in name, pixels and what is decided."""
    made = []
    for number in range(1, TRANSFERS + 1):
        files = [
            an_image(medium, n, tilt=100 * number + n, name=f"Patient{number}^Test")
            for n in range(1, IMAGES + 1)
        ]
        archive = f"PACS{chance.randrange(ARCHIVES)}"
        made.append(Case(number, files, chance.random() < 0.5, archive))
    return made


def said(case: Case) -> dict[str, str]:
    """Return the form's fields."""
    fields = {"pacs": case.archive}
    if case.coerced:
        fields |= {
            "patient_id": case.patient_id, "issuer": "HOUSE", "accession": f"A-{case.number}",
            "local_name": f"Patient{case.number}, Test", "local_birth_date": "1962-03-14",
        }  # fmt: skip
    return fields


def arrive(house: House, case: Case) -> None:
    """Bring a transfer to the page, beside the others."""
    transfer = a_transfer(case.number)
    assert house.store(house.register(transfer), case.files) == [0] * IMAGES
    house.deliver(transfer, a_delivery(delivered=IMAGES))


def decide(house: House, case: Case, page: str) -> None:
    """Press and answer until it has begun: yes, that patient; no, not those images."""
    fields = said(case)
    status, html = ask(house, page, **fields)
    while status != 303:
        assert status == 409
        if found := re.search(r'name="confirm_identity" value="([0-9a-f]{64})"', html):
            fields["confirm_identity"] = found[1]
        if 'name="confirm_existing"' in html:
            fields |= {"confirm_existing": confirmed(html), "answer": "new uids"}
        status, html = ask(house, page, **fields)


def settle(house: House, case: Case, page: str) -> None:
    """See a transfer into its archive, however often somebody else was there first."""
    for _ in range(TRANSFERS):
        decide(house, case, page)
        eventually(
            lambda: house.read(a_transfer(case.number)).forward_state != "forwarding", "an end"
        )
        known = house.read(a_transfer(case.number))
        if known.forward_state is ForwardState.IN_PACS:
            return
        assert known.forward_problem == THERE_MEANWHILE
    raise AssertionError("never settled")


def check_archive(archive: ScriptedPacs, at_home: Sequence[Case]) -> None:
    """Every image sent is one of its patient's, under that patient's number, each exactly once."""
    pixels = {
        pydicom.dcmread(file).PixelData: (case, file) for case in at_home for file in case.files
    }
    sent = [pydicom.dcmread(io.BytesIO(data), force=True) for _, data in archive.received]
    assert len({image.SOPInstanceUID for image in sent}) == len(sent)
    of_series: dict[str, set[int]] = {}
    for image in sent:
        case, _ = pixels.pop(image.PixelData)
        of_series.setdefault(image.SeriesInstanceUID, set()).add(case.number)
        of_series.setdefault(image.StudyInstanceUID, set()).add(case.number)
        assert image.PatientName == case.name
        assert image.PatientID == case.patient_id
    assert pixels == {}
    assert all(len(patients) == 1 for patients in of_series.values())


def check_page(house: House, case: Case, page: str) -> None:
    """The page tells one patient only, and hands out this transfer's pictures only."""
    html = house.browser.get(page, params={"lang": "en"}).text
    assert f"Patient{case.number}, Test" in html
    others = {f"Patient{n}" for n in range(1, TRANSFERS + 1)} - {f"Patient{case.number}"}
    assert not [other for other in others if other in html]
    rows = house.instances(a_transfer(case.number))
    ours = {hashlib.sha256(data_set(file)).digest() for file in case.files}
    assert {row.data_set_sha256 for row in rows} == ours
    numbers = {row.number for row in rows}
    for number in range(1, TRANSFERS * IMAGES + 1):
        status = house.browser.get(f"{page}/images/{number}.png").status_code
        assert (status == 200) is (number in numbers)


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(n, marks=pytest.mark.faults) for n in range(2, 12))]
)
def test_no_patient_gets_another_s_images(tmp_path: Path, medium: Path, seed: int) -> None:
    """Whatever comes at the same time, page and archive hold for each patient their own alone."""
    chance = random.Random(seed)
    made = cases(medium, chance)
    with ExitStack() as stack:
        archives = [stack.enter_context(running_pacs()) for _ in range(ARCHIVES)]
        peers = [
            one.settings.model_copy(update={"name": f"PACS{n}"}) for n, one in enumerate(archives)
        ]
        house = stack.enter_context(running_house(tmp_path, pacs=peers))
        threads = stack.enter_context(ThreadPoolExecutor(TRANSFERS))
        list(threads.map(lambda case: arrive(house, case), chance.sample(made, TRANSFERS)))
        links = {e.transfer: e.link.removeprefix(BASE_URL) for e in house.events() if e.link}
        pages = {case.number: links[a_transfer(case.number)] for case in made}
        list(threads.map(lambda case: settle(house, case, pages[case.number]), made))

        for case in made:
            check_page(house, case, pages[case.number])
        for number, archive in enumerate(archives):
            check_archive(archive, [case for case in made if case.archive == f"PACS{number}"])
