"""Choosing what is sent: several patients are a question, never a default."""

from pathlib import Path

import pytest

from passbox_client.errors import ExitCode, MediumRefused, UsageRefused
from passbox_client.found import ScanResult
from passbox_client.review import THE_ONLY_PATIENT, Chosen, Selection, choose
from passbox_client.scan import scan
from tests.client.media import PDF, an_image, images, two_patients, write


@pytest.fixture(name="two", scope="module")
def _two(tmp_path_factory: pytest.TempPathFactory) -> ScanResult:
    disc = tmp_path_factory.mktemp("two")
    return scan(write(disc, {**two_patients(), "report.pdf": PDF, "cut": an_image(3)[:200]}))


def paths(chosen: Chosen) -> list[str]:
    """Return the paths of what was chosen."""
    chosen_files = (chosen.instances, chosen.attached, chosen.lost)
    return [file.path for files in chosen_files for file in files]


def test_several_patients_without_a_choice_are_refused(two: ScanResult) -> None:
    """Two patients and no choice: exit code 2, and the names are told to choose from."""
    with pytest.raises(UsageRefused) as refused:
        choose(two, THE_ONLY_PATIENT)
    assert refused.value.exit_code == ExitCode.USAGE
    assert refused.value.code == "several_patients"
    assert "Roe^Richard (ID-2)" in str(refused.value.facts["patients"])


def test_one_patient_is_sent_without_what_may_be_another_s(two: ScanResult) -> None:
    """With one patient chosen, documents and unreadable files stay: they may be the other's."""
    chosen = choose(two, Selection(frozenset({"ID-2"})))
    assert paths(chosen) == ["IMG/J001", "IMG/J002"]
    assert chosen.left_out == 3


@pytest.mark.parametrize(
    "selection", [Selection(all_patients=True), Selection(frozenset({"ID-1", "ID-2"}))]
)
def test_all_patients_take_everything_along(two: ScanResult, selection: Selection) -> None:
    """With everybody chosen, also documents go, and what was lost is named."""
    chosen = choose(two, selection)
    assert len(paths(chosen)) == 6
    assert paths(chosen)[-2:] == ["report.pdf", "cut"]
    assert chosen.left_out == 0


def test_an_unknown_patient_is_told(two: ScanResult) -> None:
    """A patient id that is not on the medium is refused, also beside one that is."""
    with pytest.raises(UsageRefused) as refused:
        choose(two, Selection(frozenset({"ID-1", "ID-7"})))
    assert refused.value.facts["patient"] == "ID-7"


def test_the_only_patient_needs_no_choice(tmp_path: Path) -> None:
    """One patient on the medium: all of it is sent."""
    chosen = choose(scan(write(tmp_path, {**images(2), "report.pdf": PDF})), THE_ONLY_PATIENT)
    assert len(paths(chosen)) == 3


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "medium_empty"),
        ({"a.txt": b"only a text here"}, "medium_without_images"),
        ({"a.dcm": b"no image at all " * 20}, "medium_without_images"),
        ({"a": an_image(1)[:200]}, "medium_unreadable"),
        ({"report.pdf": PDF, "a.txt": b"only a text here"}, "only_documents"),
    ],
)
def test_a_medium_with_nothing_to_send_is_refused(
    tmp_path: Path, files: dict[str, bytes], code: str
) -> None:
    """Empty, without images, or nothing readable: each is its own code, all with exit code 3."""
    with pytest.raises(MediumRefused) as refused:
        choose(scan(write(tmp_path, files)), THE_ONLY_PATIENT)
    assert (refused.value.code, refused.value.exit_code) == (code, ExitCode.MEDIUM)


def test_documents_alone_go_when_asked_for(tmp_path: Path) -> None:
    """A folder of documents is sent by somebody who says so, or who saw it and ticked."""
    found = scan(write(tmp_path, {"report.pdf": PDF}))
    for selection in (Selection(documents=True), Selection(studies=frozenset())):
        assert paths(choose(found, selection)) == ["report.pdf"]
