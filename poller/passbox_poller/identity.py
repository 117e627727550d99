"""Whether the instances of one study agree on whose and when it is.

A study whose instances name two patients was put together by a mistake or by somebody who wants it
so; either way a person has to know before it gets near a PACS (security anchors D, near misses).

The rule: the ledger never holds a patient. What is compared are keyed hashes of what the header
says, 8 bytes each, made with a key that only this poller has: without it nobody can try out names.
Case, blanks and empty components at the end are no difference; what is empty disagrees with
nothing.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_dicom.header import Header
from passbox_poller.errors import Remark

TAG_BYTES: Final = 8
_REMARKS: Final = (
    Remark.NAME_DIFFERS,
    Remark.ID_DIFFERS,
    Remark.BIRTH_DATE_DIFFERS,
    Remark.STUDY_DATE_DIFFERS,
)
IDENTITY_BYTES: Final = TAG_BYTES * (1 + len(_REMARKS))
_EMPTY: Final = bytes(TAG_BYTES)


def comparing_key(destination: Ed25519PrivateKey) -> bytes:
    """Return the key of the hashes, 32 bytes, from one this poller keeps anyway."""
    raw = destination.private_bytes_raw()
    return hmac.new(raw, b"passbox/identity", hashlib.sha256).digest()


def identity(key: bytes, header: Header) -> bytes:
    """Return the study's hash and the hashes of what its instances share: IDENTITY_BYTES."""
    patient = header.patient
    shared = (patient.name, patient.patient_id, patient.birth_date, header.study_date)
    study = header.study_instance_uid or ""
    return b"".join(_tag(key, value) for value in (study, *shared))


def _tag(key: bytes, value: str) -> bytes:
    same = value.strip().rstrip("^= ").casefold()
    if not same:
        return _EMPTY
    return hmac.new(key, same.encode(), hashlib.sha256).digest()[:TAG_BYTES]


def disagreements(identities: Iterable[tuple[int, bytes]]) -> list[tuple[int, Remark]]:
    """Return (index, remark) of the first file that disagrees, for each study and attribute.

    ``identities``: (index of the file, its identity), in order of index.
    """
    first: dict[tuple[bytes, Remark], bytes] = {}
    found: dict[tuple[bytes, Remark], int] = {}
    for index, whole in identities:
        study, *tags = (whole[at : at + TAG_BYTES] for at in range(0, len(whole), TAG_BYTES))
        for remark, tag in zip(_REMARKS, tags, strict=True):
            if tag != _EMPTY and first.setdefault((study, remark), tag) != tag:
                found.setdefault((study, remark), index)
    return [(index, remark) for (_, remark), index in found.items()]
