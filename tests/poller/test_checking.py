"""What a file is accepted as, and why it is refused."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from passbox_dicom.check import check_file
from passbox_dicom.errors import (
    WorkerDied,
    WorkerFailed,
    WorkerOutOfMemory,
    WorkerTimedOut,
)
from passbox_poller.checking import Attachment, Checker, Instance, Policy
from passbox_poller.errors import FileRefused, NotNow, Refusal, Remark
from passbox_wire.canonical import Json
from passbox_wire.digests import sha256
from passbox_wire.inventory import FileKind
from tests.builders.dicom import (
    CT_IMAGE,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    ct_slice,
    data_set,
    facts,
    part10,
)


class InProcess:
    """Checks here; raises ``failure`` for everything but the harmless file, or for that too."""

    def __init__(self, failure: WorkerFailed | None = None, *, broken: bool = False) -> None:
        self._failure = failure
        self._broken = broken

    def run(self, request: Mapping[str, Json], *, byte_work: int = 0) -> dict[str, Json]:
        harmless = str(request["path"]).endswith("harmless")
        if self._failure is not None and (self._broken or not harmless):
            raise self._failure
        return check_file(dict(request))


def checked(
    folder: Path,
    data: bytes,
    kind: FileKind = FileKind.INSTANCE,
    *,
    workers: InProcess | None = None,
    promised: bytes | None = None,
) -> Instance | Attachment:
    """Check a file of these bytes."""
    path = folder / "file"
    path.write_bytes(data)
    return Checker(workers or InProcess(), folder).check(path, kind, promised or sha256(data))


def refusal(
    folder: Path, data: bytes, kind: FileKind = FileKind.INSTANCE, workers: InProcess | None = None
) -> Refusal:
    """Return why a file of these bytes is refused."""
    with pytest.raises(FileRefused) as refused:
        checked(folder, data, kind, workers=workers)
    return refused.value.refusal


def test_a_sound_instance_is_one(tmp_path: Path) -> None:
    """A whole slice is an instance; its data set begins behind the meta header and has a hash."""
    data = ct_slice()
    instance = checked(tmp_path, data)
    assert isinstance(instance, Instance)
    assert (instance.sop_class_uid, instance.sop_instance_uid) == (CT_IMAGE, "1.2.3.4.5")
    assert instance.transfer_syntax_uid == EXPLICIT_LITTLE
    assert instance.data_set_sha256 == sha256(data[instance.data_set_offset :])
    assert instance.file_sha256 == sha256(data)


def test_a_headerless_instance_begins_at_0(tmp_path: Path) -> None:
    """A bare data set is an instance in the syntax it is written in."""
    bare = data_set(facts(syntax=IMPLICIT_LITTLE), syntax=IMPLICIT_LITTLE)
    instance = checked(tmp_path, bare)
    assert isinstance(instance, Instance)
    assert (instance.data_set_offset, instance.transfer_syntax_uid) == (0, IMPLICIT_LITTLE)


def test_another_hash_than_promised_is_refused_first(tmp_path: Path) -> None:
    """Bytes that are not the promised ones are refused whatever they are."""
    with pytest.raises(FileRefused) as refused:
        checked(tmp_path, ct_slice(), promised=bytes(32))
    assert refused.value.refusal is Refusal.DIGEST_WRONG


def test_what_is_not_sound_is_refused(tmp_path: Path) -> None:
    """No DICOM, a cut file and one without study are refused, each with its own word."""
    unnamed = {tag: value for tag, value in facts().items() if tag != 0x0020000D}
    assert refusal(tmp_path, b"no DICOM" * 100) is Refusal.NOT_DICOM
    assert refusal(tmp_path, ct_slice()[:-3]) is Refusal.TRUNCATED
    assert refusal(tmp_path, part10(data_set(unnamed))) is Refusal.NOT_STORABLE
    assert refusal(tmp_path, b"") is Refusal.NOT_DICOM


PROGRAMS = [
    b"MZ\x90\0",
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"#!/bin/sh\nrm -rf /\n",
    b"#!",
]


@pytest.mark.parametrize("magic", PROGRAMS)
def test_a_program_in_the_preamble_stays_behind_and_is_told(tmp_path: Path, magic: bytes) -> None:
    """A polyglot goes as its data set, or as attachment with 128 zeros; the rest is untouched."""
    polyglot = magic.ljust(128, b"\x01") + ct_slice()[128:]
    instance = checked(tmp_path, polyglot)
    assert isinstance(instance, Instance)
    assert instance.data_set_offset > 132
    assert instance.data_set_sha256 == sha256(polyglot[instance.data_set_offset :])
    assert instance.remark is Remark.PROGRAM_REMOVED
    kept = checked(tmp_path, polyglot, FileKind.UNIDENTIFIED)
    assert isinstance(kept, Attachment)
    with kept.open() as file:
        out = file.read()
    assert out == bytes(128) + polyglot[128:]
    assert kept.sent_sha256() == sha256(out)
    assert (kept.file_sha256, kept.remark) == (sha256(polyglot), Remark.PROGRAM_REMOVED)


def test_a_tiff_in_the_preamble_stays(tmp_path: Path) -> None:
    """What the standard allows there is neither removed nor told of."""
    dual = b"II*\0".ljust(128, b"\x01") + ct_slice()[128:]
    kept = checked(tmp_path, dual, FileKind.UNIDENTIFIED)
    assert isinstance(kept, Attachment)
    with kept.open() as file:
        assert file.read() == dual
    assert kept.remark is None


def test_a_program_that_is_a_pdf_too_is_refused(tmp_path: Path) -> None:
    """Where there is no preamble to clean, a program is no attachment."""
    assert refusal(tmp_path, b"MZ\x90\0%PDF-1.7", FileKind.PDF) is Refusal.PROGRAM


def test_the_hospital_decides_what_it_takes(tmp_path: Path) -> None:
    """SOP classes, PDFs and pictures of no use here are refused, each with its word."""
    policy = Policy(frozenset({CT_IMAGE}), pdfs=False, pictures=False)
    for data, kind, word in (
        (ct_slice(), FileKind.INSTANCE, None),
        (part10(data_set(facts(sop_class="1.2.3"))), FileKind.INSTANCE, Refusal.CLASS_NOT_ALLOWED),
        (b"%PDF-1.7", FileKind.PDF, Refusal.KIND_NOT_ALLOWED),
        (b"\x89PNG\r\n\x1a\n", FileKind.PICTURE, Refusal.KIND_NOT_ALLOWED),
    ):
        path = tmp_path / "file"
        path.write_bytes(data)
        checker = Checker(InProcess(), tmp_path, policy=policy)
        if word is None:
            checker.check(path, kind, sha256(data))
            continue
        with pytest.raises(FileRefused) as refused:
            checker.check(path, kind, sha256(data))
        assert refused.value.refusal is word


@pytest.mark.parametrize(
    ("data", "kind", "kept"),
    [
        (b"%PDF-1.7", FileKind.PDF, True),
        (b"\xff\xd8\xff\xe0", FileKind.PICTURE, True),
        (b"\x89PNG\r\n\x1a\n", FileKind.PICTURE, True),
        (b"MZ\x90", FileKind.PDF, False),
        (b"#!/bin/sh", FileKind.PICTURE, False),
        (b"MZ\x90", FileKind.ACR_NEMA, False),
        (b"PK\x03\x04", FileKind.PDF, False),
        (b"<svg onload=alert(1)>", FileKind.PICTURE, False),
    ],
)
def test_an_attachment_is_what_it_says(
    tmp_path: Path, data: bytes, kind: FileKind, kept: bool
) -> None:
    """A PDF is a PDF and a picture a picture by content; programs and archives are never kept."""
    if kept:
        assert isinstance(checked(tmp_path, data, kind), Attachment)
    else:
        assert refusal(tmp_path, data, kind) is Refusal.MALFORMED


@pytest.mark.parametrize(
    ("failure", "word"),
    [
        (WorkerTimedOut("loops"), Refusal.TIMED_OUT),
        (WorkerOutOfMemory("balloons"), Refusal.OUT_OF_MEMORY),
        (WorkerDied("crashes"), Refusal.CHECK_FAILED),
    ],
)
def test_a_file_that_ends_its_worker_is_refused(
    tmp_path: Path, failure: WorkerFailed, word: Refusal
) -> None:
    """What a worker did not survive is refused and named."""
    assert refusal(tmp_path, ct_slice(), workers=InProcess(failure)) is word


def test_workers_that_never_come_up_refuse_nothing(tmp_path: Path) -> None:
    """When not even a harmless file can be checked the fault is ours: the file waits."""
    with pytest.raises(NotNow):
        checked(tmp_path, ct_slice(), workers=InProcess(WorkerDied("no memory"), broken=True))
