"""The archive's DICOMweb answers, whatever they are: hand-made ones over a real connection."""

import contextlib
import io
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from passbox_base.errors import KeyFileTooOpen
from passbox_base.tls_contexts import public_server_context
from passbox_viewer.archive_web import ArchiveWeb, Place
from passbox_viewer.errors import ArchiveChanged, ArchiveFailed
from passbox_viewer.settings import Archive
from passbox_viewer.store import Claims
from tests.builders.pki import Pki
from tests.parts.programs import LOOPBACK
from tests.viewer.images import an_image, data_set

PLACE = Place("1.2.3", "1.2.3.4", "1.2.3.4.5")
CLAIMS = Claims("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5", "1.2.840.10008.1.2.1")
MULTIPART = 'multipart/related; type="application/dicom"; boundary=xyz'
MOST = 100_000


@dataclass
class Answers:
    """An archive that answers everything alike, and keeps what it was asked."""

    port: int = 0
    scheme: str = "http"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def settings(self) -> Archive:
        return Archive(
            host=LOOPBACK, port=104, ae_title="ARCHIVE", answer_seconds=10,
            dicomweb=f"{self.scheme}://{LOOPBACK}:{self.port}/dicom-web",
        )  # fmt: skip


@pytest.fixture
def answers() -> Iterator[Answers]:
    """An archive on a free port."""
    with answering() as found:
        yield found


@contextlib.contextmanager
def answering(tls: ssl.SSLContext | None = None) -> Iterator[Answers]:
    """Run an archive on a free port until the block ends."""
    found = Answers(scheme="https" if tls else "http")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, dict(self.headers)))
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        found.port = server.server_address[1]
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def part(file: bytes) -> bytes:
    """Return a file as one part of a multipart body, without its end."""
    return b"--xyz\r\nContent-Type: application/dicom\r\n\r\n" + file + b"\r\n"


def fetched(answers: Answers, *, most: int = MOST) -> bytes:
    """Fetch an image; return the file that was written."""
    with io.BytesIO() as into:
        assert ArchiveWeb(answers.settings).fetch(PLACE, CLAIMS, into, most) is not None
        return into.getvalue()


def test_an_image_comes_with_a_head_of_ours(answers: Answers, medium: Path) -> None:
    """Only the data set bytes are the archive's; preamble and file meta are written here."""
    image = an_image(medium)
    hostile = b"MZ" + bytes(126) + image.read_bytes()[128:]
    answers.headers = {"Content-Type": MULTIPART}
    answers.body = part(hostile) + b"--xyz--\r\n"

    file = fetched(answers)

    assert file[:128] == bytes(128)
    (medium / "fetched").write_bytes(file)
    assert data_set(medium / "fetched") == data_set(image)
    path, headers = answers.asked[0]
    assert path == "/dicom-web/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.5"
    assert headers["Accept-Encoding"] == "identity"
    assert "transfer-syntax=*" in headers["Accept"]


@pytest.mark.parametrize(
    ("status", "headers", "body", "error"),
    [
        (302, {"Location": "/elsewhere"}, b"", ArchiveFailed),
        (500, {}, b"", ArchiveFailed),
        (200, {"Content-Type": "text/html"}, b"<html>", ArchiveFailed),
        (200, {"Content-Type": "multipart/related"}, b"", ArchiveFailed),
        (200, {"Content-Type": MULTIPART, "Content-Encoding": "gzip"}, b"", ArchiveFailed),
        (200, {"Content-Type": MULTIPART}, b"nothing of the kind", ArchiveFailed),
        (200, {"Content-Type": MULTIPART}, part(bytes(200)) + b"--xyz--\r\n", ArchiveChanged),
        (200, {"Content-Type": MULTIPART}, part(bytes(2 * MOST)), ArchiveChanged),
        (200, {"Content-Type": MULTIPART, "Content-Length": "500"}, part(b""), ArchiveFailed),
    ],
)
def test_any_other_answer_is_a_typed_error(
    answers: Answers, status: int, headers: dict[str, str], body: bytes, error: type[Exception]
) -> None:
    """Redirects, packed, cut, endless and other answers end in a typed error, and nowhere else."""
    answers.status, answers.headers, answers.body = status, headers, body

    with pytest.raises(error):
        fetched(answers)

    assert len(answers.asked) == 1


def test_a_cut_image_is_no_image(answers: Answers, medium: Path) -> None:
    """Without the closing boundary it is not all, however much came."""
    answers.headers = {"Content-Type": MULTIPART}
    answers.body = part(an_image(medium).read_bytes())

    with pytest.raises(ArchiveFailed):
        fetched(answers)


def test_two_images_are_not_one(answers: Answers, medium: Path) -> None:
    """An archive that merged two under one UID is not believed either."""
    file = an_image(medium).read_bytes()
    answers.headers = {"Content-Type": MULTIPART}
    answers.body = part(file) + part(file) + b"--xyz--\r\n"

    with pytest.raises(ArchiveChanged):
        fetched(answers)


def test_what_is_not_there_is_none(answers: Answers) -> None:
    """404 is an answer, not a fault."""
    answers.status = 404

    assert ArchiveWeb(answers.settings).fetch(PLACE, CLAIMS, io.BytesIO(), MOST) is None


def a_match(sop_instance_uid: str, study: str = "1.2.3") -> dict[str, object]:
    """Return one match of QIDO-RS."""
    uids = {"0020000D": study, "0020000E": "1.2.3.4", "00080018": sop_instance_uid}
    return {tag: {"vr": "UI", "Value": [uid]} for tag, uid in uids.items()}


def test_places_are_those_of_the_uid_that_was_asked_for(answers: Answers) -> None:
    """Matches of other UIDs are not taken for this one's."""
    answers.body = json.dumps([a_match("1.2.3.4.5"), a_match("9.9", "1.9")]).encode()

    assert ArchiveWeb(answers.settings).places("1.2.3.4.5") == {PLACE}


@pytest.mark.parametrize(
    "body",
    [
        b"<html>", b"{}x", b'[{"0020000D": 3}]', b"[1]", b"[" * 100_000, b" " * 2_000_000,
        json.dumps([a_match("1.2.3.4.5", "../../etc")]).encode(),
    ],
)  # fmt: skip
def test_a_list_that_makes_no_sense_is_a_typed_error(answers: Answers, body: bytes) -> None:
    """What is no DICOM JSON, too long, or no UID, is refused whole."""
    answers.body = body

    with pytest.raises((ArchiveFailed, ArchiveChanged)):
        ArchiveWeb(answers.settings).places("1.2.3.4.5")


def test_nothing_listed_is_an_answer(answers: Answers) -> None:
    """No content, or an empty list."""
    answers.status = 204
    assert ArchiveWeb(answers.settings).places("1.2.3.4.5") == frozenset()
    answers.status, answers.body = 200, b"[]"
    assert ArchiveWeb(answers.settings).places("1.2.3.4.5") == frozenset()


def test_the_password_comes_from_a_private_file_only(answers: Answers, tmp_path: Path) -> None:
    """It is sent to the archive, and one that others can read is not taken."""
    secret = tmp_path / "password"
    secret.write_text("geheim\n")
    secret.chmod(0o600)
    archive = answers.settings.model_copy(update={"user": "passbox", "password": secret})
    answers.body = b"[]"

    ArchiveWeb(archive).places("1.2.3")

    assert answers.asked[0][1]["Authorization"] == "Basic cGFzc2JveDpnZWhlaW0="
    secret.chmod(0o644)
    with pytest.raises(KeyFileTooOpen):
        ArchiveWeb(archive)


def test_a_slow_image_is_given_up(answers: Answers, medium: Path) -> None:
    """The time of an image is bounded by its size, not by how often a byte comes."""
    answers.headers = {"Content-Type": MULTIPART}
    answers.body = part(an_image(medium).read_bytes()) + b"--xyz--\r\n"
    times = iter([0.0, 1e6])

    with pytest.raises(ArchiveFailed):
        ArchiveWeb(answers.settings, lambda: next(times)).fetch(PLACE, CLAIMS, io.BytesIO(), MOST)


def test_only_the_configured_root_vouches_for_the_archive(tmp_path: Path) -> None:
    """With ``ca`` a certificate of any other root ends the question before it is asked."""
    ours, other = Pki(tmp_path, "ours"), Pki(tmp_path, "other")
    server = ours.server()
    with answering(public_server_context(server.certificate, server.key)) as answers:
        answers.body = b"[]"
        right = answers.settings.model_copy(update={"ca": ours.ca_file})
        wrong = answers.settings.model_copy(update={"ca": other.ca_file})

        assert ArchiveWeb(right).places("1.2.3") == frozenset()
        with pytest.raises(ArchiveFailed):
            ArchiveWeb(wrong).places("1.2.3")
        with pytest.raises(ArchiveFailed):
            ArchiveWeb(answers.settings).places("1.2.3")

    assert len(answers.asked) == 1
