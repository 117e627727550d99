import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_dicom.classify import FileKind
from passbox_dicom.errors import MediumGone, MediumUnreadable, NotDicom, WorkerGarbled
from passbox_dicom.header import read_header
from passbox_dicom.replies import header_json, parse_header
from passbox_dicom.scan import Problem, Scanner
from passbox_wire.errors import WireError
from tests.builders import dicom


@pytest.fixture
def disc(tmp_path: Path) -> Path:
    """Return a disc with one of each."""
    (tmp_path / "IM1").write_bytes(dicom.ct_slice())
    (tmp_path / "cut").write_bytes(dicom.ct_slice()[: dicom.ct_slice().index(b"Head") + 1])
    (tmp_path / "deep").write_bytes(
        dicom.part10(dicom.element(0x00091001, b"SQ", b"", length=dicom.UNDEFINED)[:12] * 300)
    )
    (tmp_path / "readme").write_bytes(b"hello")
    (tmp_path / "fake.dcm").write_bytes(bytes(128) + b"DICM" + b"no elements")
    (tmp_path / "DICOMDIR").write_bytes(dicom.dicomdir([dicom.record("IMAGE", file_id="IM1")]))
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("IM2", dicom.ct_slice(instance="1.2.9"))
    return tmp_path


@pytest.fixture
def scanner(disc: Path) -> Iterator[Scanner]:
    """Return a scanner of the disc with one worker."""
    scanner = Scanner(disc, size=1)
    yield scanner
    scanner.close()


def test_a_batch_tells_of_each_file_in_order(scanner: Scanner) -> None:
    """Every file of a batch has its kind, its facts or its problem."""
    paths = [("IM1",), ("cut",), ("readme",), ("DICOMDIR",), ("more.zip", "IM2"), ("gone",)]
    found = scanner.scan(paths)
    assert [file.path for file in found] == paths
    assert [(file.kind, file.problem) for file in found] == [
        (FileKind.DICOM, None),
        (FileKind.DICOM, Problem.TRUNCATED),
        (FileKind.OTHER, None),
        (FileKind.DICOMDIR, None),
        (FileKind.DICOM, None),
        (FileKind.OTHER, Problem.UNREADABLE),
    ]
    headers = [file.header.sop_instance_uid for file in found if file.header is not None]
    assert headers == ["1.2.3.4.5", "1.2.9"]


def test_hostile_files_have_a_problem_and_cost_no_other(scanner: Scanner) -> None:
    """Deep nesting and nonsense behind the magic are problems of one file each."""
    deep, fake, good = scanner.scan([("deep",), ("fake.dcm",), ("IM1",)])
    assert deep.problem in {Problem.HOSTILE, Problem.MALFORMED}
    assert fake.problem is not None
    assert good.header is not None


def test_a_directory_is_read_in_the_worker(scanner: Scanner) -> None:
    """A DICOMDIR's entries come back typed."""
    (entry,) = scanner.directory(("DICOMDIR",)).entries
    assert entry.untrusted_file_id == ("IM1",)


def test_a_medium_that_went_before_the_worker_came_is_gone(tmp_path: Path) -> None:
    """A worker that finds no medium blames no file: the medium is gone."""
    scanner = Scanner(tmp_path / "taken out", size=1)
    try:
        problems = [file.problem for file in scanner.scan([("IM1",), ("IM2",)])]
        assert problems == [Problem.GONE] * 2
        with pytest.raises(MediumGone):
            scanner.directory(("DICOMDIR",))
    finally:
        scanner.close()


def test_what_is_no_directory_is_an_error(scanner: Scanner) -> None:
    """Asking for the directory of something else fails with the reason."""
    with pytest.raises(NotDicom):
        scanner.directory(("IM1",))
    with pytest.raises(MediumUnreadable):
        scanner.directory(("gone",))


def test_a_header_crosses_the_border_unchanged() -> None:
    """Writing and parsing a header gives the same header."""
    import io

    data = dicom.ct_slice()
    header = read_header(io.BytesIO(data), len(data))
    assert parse_header(header_json(header)) == header


@pytest.mark.parametrize(
    "change",
    [
        {"rows": -1},
        {"rows": "4"},
        {"modality": "x" * 5000},
        {"form": "other"},
        {"patient": None},
        {"surplus": 1},
        {"pixel": {"offset": 0}},
    ],
)
def test_a_header_that_lies_about_its_shape_is_refused(change: dict[str, object]) -> None:
    """What a worker tells is parsed field by field."""
    import io

    data = dicom.ct_slice()
    told = header_json(read_header(io.BytesIO(data), len(data))) | change
    with pytest.raises(WireError):
        parse_header(told)


def test_a_worker_that_tells_nonsense_is_not_believed(disc: Path) -> None:
    """An answer of another shape is a failure of the worker."""
    scanner = Scanner(disc, size=1)
    try:
        with pytest.raises(WorkerGarbled):
            scanner._parsed({"files": []}, [("IM1",)])
    finally:
        scanner.close()
