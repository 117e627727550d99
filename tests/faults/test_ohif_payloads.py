"""Fifty payloads, each in a study of its own: also in the tags that OHIF shows once a patient."""

import pytest

from tests.parts.ohif import ohif_frame
from tests.viewer.house import House, a_transfer
from tests.viewer.payloads import PAYLOADS, tainted_series
from tests.viewer.test_ohif_in_chromium import Desk, desk, house

__all__ = ["desk", "house"]

pytestmark = [pytest.mark.faults, pytest.mark.parts, pytest.mark.timeout(300)]


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_a_tainted_patient_runs_no_script(
    house: House, desk: Desk, tmp_path_factory: pytest.TempPathFactory, number: int
) -> None:
    """Patient, study and series all named like script: drawn, nothing runs, nothing is fetched."""
    files = tainted_series(tmp_path_factory.mktemp("medium"), number)
    origin = desk.open(house, house.visible(a_transfer(100 + number), files))
    frame = ohif_frame(desk.page)
    frame.get_by_text("Patient", exact=True).first.click()
    desk.page.wait_for_load_state("networkidle")

    assert [one.evaluate("window.hit") for one in desk.page.frames] == [None, None]
    assert desk.origins() == {origin}
