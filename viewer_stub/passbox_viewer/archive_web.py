"""The house's own archive over DICOMweb: what it lists under a UID, and an image's bytes.

QIDO-RS (PS3.18 section 10.6) and WADO-RS (10.4). The rule: the archive may be wrong, slow or other
than it was. No redirect is followed, nothing is unpacked, answers are bounded in bytes and time,
and group 0002 of what comes is thrown away: what is written is a file meta of ours and the data set
bytes, hashed on the way. Whether they are the right ones the caller knows. It stores nothing there:
archiving.py does, by C-STORE.
"""

import contextlib
import hashlib
import json
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, BinaryIO, Final

import requests
import urllib3
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from requests.auth import HTTPBasicAuth

from passbox_base.keys import read_private_file
from passbox_dicom.uids import is_uid
from passbox_viewer.errors import ArchiveChanged, ArchiveFailed
from passbox_viewer.settings import Archive
from passbox_viewer.store import Archived, Claims, write_meta

_ACCEPT: Final = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_DICOM_JSON: Final = "application/dicom+json"
_MAX_LIST_BYTES: Final = 1024 * 1024
_MAX_MATCHES: Final = 100
_PIECE: Final = 256 * 1024
_SLOWEST: Final = 1024 * 1024
"""Bytes a second that an image may take beyond the time of an answer."""
_MAX_META_BYTES: Final = 64 * 1024
_META_HEAD: Final = 144
"""Preamble, DICM and the group length element of group 0002 (PS3.10 section 7.1)."""
_OK, _NO_CONTENT = 200, 204
_GONE: Final = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Place:
    """Where an image lies in an archive."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str


class ArchiveWeb:
    """Questions to one archive. May be shared by threads."""

    def __init__(self, archive: Archive, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Read the password; raise KeyFileTooOpen, KeyFileUnusable."""
        self._root = archive.dicomweb.rstrip("/")
        self._seconds = archive.answer_seconds
        self._elapsed = elapsed
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no .netrc
        self._session.verify = str(archive.ca) if archive.ca is not None else True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        if archive.password is not None:
            password = read_private_file(archive.password).rstrip(b"\r\n")
            self._session.auth = HTTPBasicAuth(archive.user.encode(), password)

    def close(self) -> None:
        """End the connections that are kept open."""
        self._session.close()

    def places(self, sop_instance_uid: str) -> frozenset[Place]:
        """Return all places where the archive lists this UID; raise ArchiveFailed.

        A relational query (PS3.18 table 10.6.1-5, All Instances).
        """
        query = {"SOPInstanceUID": sop_instance_uid, "limit": str(_MAX_MATCHES)}
        with self._asked("/instances", _DICOM_JSON, query) as answer:
            if answer.status_code == _NO_CONTENT:
                return frozenset()
            if answer.status_code != _OK:
                raise ArchiveFailed("no answer to QIDO-RS")
            body = b"".join(self._pieces(answer, _MAX_LIST_BYTES, self._seconds))
        return _parse_places(body, sop_instance_uid)

    def fetch(self, place: Place, claims: Claims, into: BinaryIO, most: int) -> Archived | None:
        """Write an image of at most ``most`` bytes as a file of ours; return what it is.

        None when it is not there. Raises ArchiveFailed, ArchiveChanged when it is larger or none.
        """
        path = (
            f"/studies/{place.study_instance_uid}/series/{place.series_instance_uid}"
            f"/instances/{place.sop_instance_uid}"
        )
        write_meta(into, claims)
        writer = _DataSet(into)
        with self._asked(path, _ACCEPT) as answer:
            if answer.status_code in _GONE:
                return None
            if answer.status_code != _OK:
                raise ArchiveFailed("no answer to WADO-RS")
            feed = _reader(answer.headers.get("Content-Type", ""), writer)
            for piece in self._pieces(answer, most, self._seconds + most / _SLOWEST):
                feed(piece)
        return writer.finished()

    @contextlib.contextmanager
    def _asked(
        self, path: str, accept: str, query: dict[str, str] | None = None
    ) -> Iterator[requests.Response]:
        try:
            with self._session.get(
                self._root + path,
                params=query,
                headers={"Accept": accept, "Accept-Encoding": "identity"},
                allow_redirects=False,
                stream=True,
                timeout=self._seconds,
            ) as answer:
                if answer.headers.get("Content-Encoding", "identity") != "identity":
                    raise ArchiveFailed("a packed answer nobody asked for")
                yield answer
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise ArchiveFailed("the archive's DICOMweb does not answer") from error

    def _pieces(self, answer: requests.Response, most: int, seconds: float) -> Iterator[bytes]:
        ends, size = self._elapsed() + seconds, 0
        while piece := answer.raw.read1(_PIECE, decode_content=False):
            size += len(piece)
            if size > most:
                raise ArchiveChanged("larger than it was")
            if self._elapsed() > ends:
                raise ArchiveFailed("slower than can be waited for")
            yield piece


class _DataSet:
    """Takes a Part 10 file in pieces, drops its head and writes the rest."""

    def __init__(self, into: BinaryIO) -> None:
        self._into = into
        self._head = bytearray()
        self._left_of_head = _META_HEAD
        self._meta_known = False
        self._digest = hashlib.sha256()
        self._size = 0
        self.whole = False
        """Whether the answer said that this is all."""

    def write(self, piece: bytes) -> None:
        """Take the next bytes; raise ArchiveChanged for what is no Part 10 file."""
        while self._left_of_head and piece:
            taken = piece[: self._left_of_head]
            piece = piece[len(taken) :]
            self._head += taken
            self._left_of_head -= len(taken)
            if not self._left_of_head and not self._meta_known:
                self._left_of_head = _meta_bytes(self._head)
                self._meta_known = True
        self._digest.update(piece)
        self._size += len(piece)
        self._into.write(piece)

    def finished(self) -> Archived:
        """Return what was written; raise ArchiveFailed when it was cut."""
        if not self.whole or self._left_of_head or not self._meta_known:
            raise ArchiveFailed("an image that ends in the middle")
        return Archived(self._digest.digest(), self._size)


def _meta_bytes(head: bytearray) -> int:
    length = int(struct.unpack_from("<L", head, 140)[0])
    if head[128:140] != b"DICM\x02\0\0\0UL\x04\0" or length > _MAX_META_BYTES:
        raise ArchiveChanged("no DICOM file")
    return length


def _reader(untrusted_content_type: str, writer: _DataSet) -> Callable[[bytes], object]:
    """Return what takes the body's pieces (PS3.18 section 8.6.1.2: one part for one instance)."""
    kind, options = parse_options_header(untrusted_content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/related" or not boundary:
        raise ArchiveFailed("an answer of another kind")
    parts = 0

    def begin() -> None:
        nonlocal parts
        parts += 1
        if parts > 1:
            raise ArchiveChanged("more than one image")

    def end() -> None:
        writer.whole = True

    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": begin,
                "on_part_data": lambda data, start, stop: writer.write(data[start:stop]),
                "on_end": end,
            },
        )
    except FormParserError as error:
        raise ArchiveFailed("an answer of another kind") from error

    def feed(piece: bytes) -> None:
        try:
            parser.write(piece)
        except FormParserError as error:
            raise ArchiveFailed("an answer that cannot be read") from error

    return feed


def _parse_places(untrusted: bytes, sop_instance_uid: str) -> frozenset[Place]:
    """Return the places in a DICOM JSON answer (PS3.18 F.2) that are about this UID."""
    try:
        matches = json.loads(untrusted) if untrusted.strip() else []
        places = [_place(match) for match in matches]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ArchiveFailed("an answer that cannot be read") from error
    return frozenset(place for place in places if place.sop_instance_uid == sop_instance_uid)


def _place(match: Any) -> Place:
    place = Place(*(str(match[tag]["Value"][0]) for tag in ("0020000D", "0020000E", "00080018")))
    if not is_uid(place.study_instance_uid) or not is_uid(place.series_instance_uid):
        raise ValueError("no UIDs")
    return place
