"""Values of the contract with defaults: a test names only what it is about.

Keys come from their name, so the same test has the same keys on every run and in every process.
Throw-away all of them.
"""

import hashlib
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_wire.codes import SECRET_BYTES, ReceiptCode
from passbox_wire.digests import key_id, sha256
from passbox_wire.ids import ID_BYTES, DestinationId, TransferId, transfer_id
from passbox_wire.inventory import (
    ClaimedFile,
    ClaimedSeries,
    ClaimedStudy,
    Consent,
    Envelope,
    FileKind,
    Inventory,
    Sender,
)
from passbox_wire.manifest import FileOutcome, Manifest, Outcome
from passbox_wire.messages import Limits, OpenTransfer, ServiceStatus, TransferStatus, coarse_bytes
from passbox_wire.pack import (
    MAX_SEALED_BYTES,
    Codec,
    Kind,
    PackHeader,
    Record,
    encode_records,
    seal_pack,
)
from passbox_wire.profile import Destination, Profile, SignedProfile, Texts, parse_profile
from passbox_wire.profile import sign_profile as sign
from passbox_wire.receipts import (
    CoarseState,
    FileReport,
    FileResult,
    Report,
    SignedReceipt,
    StudyReport,
    sign_receipt,
)
from passbox_wire.sealing import SEED_BYTES, SealingPrivateKey
from passbox_wire.states import DeliveryState, ForwardState, UploadState

NOW = 1_893_553_445
"""The time all these values live in, in Unix seconds: the day tests.builders.clocks starts on."""
YEAR = 366 * 24 * 3600

CONSENT = Consent("2025-01", "de", NOW)
LIMITS = Limits(pack_bytes=MAX_SEALED_BYTES, transfer_bytes=2**33, parallel_requests=4)


def _seed(name: str, size: int) -> bytes:
    return hashlib.shake_256(f"passbox test {name}".encode()).digest(size)


def a_signing_key(name: str = "transfer") -> Ed25519PrivateKey:
    """Return the Ed25519 key of that name: transfer, destination, receipt, profile, ..."""
    return Ed25519PrivateKey.from_private_bytes(_seed(name, 32))


def public(key: Ed25519PrivateKey) -> bytes:
    """Return the raw 32 bytes of the public half."""
    return key.public_key().public_bytes_raw()


def a_sealing_key(name: str = "hospital") -> SealingPrivateKey:
    """Return the hybrid sealing key of that name."""
    return SealingPrivateKey(_seed(name, SEED_BYTES))


def a_receipt_code(name: str = "receipt code") -> ReceiptCode:
    """Return the receipt code of that name."""
    return ReceiptCode(_seed(name, SECRET_BYTES))


def a_transfer_id(key: Ed25519PrivateKey | None = None) -> TransferId:
    """Return the id of the transfer with this key."""
    return transfer_id(public(key or a_signing_key()))


def a_destination_id(name: str = "radiology") -> DestinationId:
    """Return the opaque id of that inbox."""
    return DestinationId(_seed(name, ID_BYTES).hex())


class PlainSealer:
    """A sealer that does not seal: for tests that must find plaintext."""

    key_id = bytes(8)

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """Return the plaintext."""
        return plaintext


def a_sender(
    name: str = "Dr. Ada Example",
    email: str = "ada@practice.example",
    phone: str = "+49 30 123456",
    message: str = "Please compare with 2019.\nThank you!",
) -> Sender:
    """Return who says to be sending."""
    return Sender(name, email, phone, message)


def an_envelope(
    *,
    sender: Sender | None = None,
    recipient: str = "mri@hospital.example",
    department: str = "Radiology",
    language: str = "de",
    consent: Consent | None = CONSENT,
    report_key: bytes | None = None,
) -> Envelope:
    """Return an envelope; its report key is that of a_receipt_code()."""
    return Envelope(
        sender or a_sender(),
        recipient,
        department,
        language,
        consent,
        report_key or a_receipt_code().report_key().public_key.raw,
        key_id(public(a_signing_key("profile"))),
        1,
    )


def a_study(uid: str = "1.2.826.0.1.3680043.8.498.1", patient: str = "Doe^Jane") -> ClaimedStudy:
    """Return a claimed study."""
    return ClaimedStudy(uid, patient, "PID-1", "19700101", "F", "20250601", "CT Thorax")


def a_series(
    study: int = 0, uid: str = "1.2.826.0.1.3680043.8.498.1.1", modality: str = "CT"
) -> ClaimedSeries:
    """Return a claimed series."""
    return ClaimedSeries(study, uid, modality, "1", "axial")


def a_file(
    index: int = 0, *, size: int = 1000, kind: FileKind = FileKind.INSTANCE, path: str = ""
) -> ClaimedFile:
    """Return a claimed file of series 0, or of none when it is no instance."""
    instance = kind is FileKind.INSTANCE
    return ClaimedFile(
        index,
        path or f"DICOM/IM{index:04}",
        size,
        kind,
        0 if instance else None,
        f"1.2.826.0.1.3680043.8.498.1.1.{index + 1}" if instance else "",
    )


def an_inventory(
    *,
    part: int = 0,
    medium: str = "CD 1",
    envelope: Envelope | None = None,
    studies: Iterable[ClaimedStudy] | None = None,
    series: Iterable[ClaimedSeries] | None = None,
    files: Iterable[ClaimedFile] | None = None,
) -> Inventory:
    """Return an inventory part: one study, one series, two instances and a PDF."""
    default = (a_file(0), a_file(1), a_file(2, kind=FileKind.PDF, path="report.pdf"))
    return Inventory(
        part,
        medium,
        (envelope or an_envelope()) if part == 0 else None,
        tuple(studies) if studies is not None else (a_study(),),
        tuple(series) if series is not None else (a_series(),),
        tuple(files) if files is not None else default,
    )


def an_outcome(index: int = 0, outcome: Outcome = Outcome.SENT, *, size: int = 1000) -> FileOutcome:
    """Return what became of a file; a sent one's bytes are taken to be ``file <index>``."""
    if outcome is Outcome.SENT:
        return FileOutcome(index, outcome, size, sha256(f"file {index}".encode()))
    return FileOutcome(index, outcome, size, None, "read error")


def a_manifest(
    *,
    transfer: TransferId | None = None,
    parts: int = 1,
    files: Iterable[FileOutcome] | None = None,
) -> Manifest:
    """Return the manifest that closes an_inventory(): two sent, one unreadable."""
    default = (an_outcome(0), an_outcome(1), an_outcome(2, Outcome.UNREADABLE))
    return Manifest(
        transfer or a_transfer_id(), parts, tuple(files) if files is not None else default
    )


def a_destination(
    *,
    destination: DestinationId | None = None,
    sealing_keys: Iterable[SealingPrivateKey] | None = None,
    receipt_keys: Iterable[Ed25519PrivateKey] | None = None,
) -> Destination:
    """Return one inbox of the hospital."""
    sealing = sealing_keys if sealing_keys is not None else [a_sealing_key()]
    receipt = receipt_keys if receipt_keys is not None else [a_signing_key("receipt")]
    return Destination(
        destination or a_destination_id(),
        "Radiology",
        ("Radiology", "Neurosurgery"),
        ("hospital.example",),
        tuple(key.public_key for key in sealing),
        tuple(public(key) for key in receipt),
    )


def a_profile(
    *,
    url: str = "https://images.hospital.example:8443",
    pins: Iterable[bytes] | None = None,
    roots: str | None = None,
    destinations: Iterable[Destination] | None = None,
    serial: int = 1,
    expires: int = NOW + YEAR,
    logo: bytes = b"",
) -> Profile:
    """Return a hospital's address card."""
    return Profile(
        hospital="Example Hospital",
        address="Example Street 1, 10115 Berlin",
        phone="+49 30 987654",
        email="images@hospital.example",
        url=url,
        pins=tuple(pins) if pins is not None else (sha256(b"pin one"), sha256(b"pin two")),
        roots=roots,
        texts=(
            Texts("de", "Willkommen!", "2025-01", "Datenschutz …"),
            Texts("en", "Welcome!", "2025-01", "Privacy …"),
        ),
        destinations=tuple(destinations) if destinations is not None else (a_destination(),),
        transfer_bytes=2**33,
        serial=serial,
        expires=expires,
        logo=logo,
    )


def a_profile_file(profile: Profile | None = None, key: Ed25519PrivateKey | None = None) -> bytes:
    """Return the bytes of a ``.passbox`` file."""
    return sign(profile or a_profile(), key or a_signing_key("profile"))


def a_signed_profile(
    profile: Profile | None = None, key: Ed25519PrivateKey | None = None
) -> SignedProfile:
    """Return a profile as a client holds it."""
    return parse_profile(a_profile_file(profile, key))


def an_open_transfer(
    *, key: Ed25519PrivateKey | None = None, total_bytes: int = 1, client: str = "passbox/0.1.0"
) -> OpenTransfer:
    """Return the first message of a transfer."""
    return OpenTransfer(
        public(key or a_signing_key()),
        a_destination_id(),
        coarse_bytes(total_bytes),
        sha256(a_receipt_code().handle),
        client,
    )


def a_service_status(*, accepting: bool = True, text: str | None = None) -> ServiceStatus:
    """Return what an open door answers."""
    return ServiceStatus(accepting, LIMITS, "0.1.0", "0.1.0", None, text)


def a_transfer_status(state: UploadState = UploadState.OPENED) -> TransferStatus:
    """Return what the receiver says of a transfer."""
    return TransferStatus(a_transfer_id(), state, 0, 0, LIMITS, NOW)


def a_record(
    data: bytes = b"bytes of a file",
    *,
    kind: Kind = Kind.FILE,
    codec: Codec = Codec.STORED,
    index: int = 0,
    offset: int = 0,
    raw_length: int | None = None,
    final: bool = False,
) -> Record:
    """Return a piece; ``final`` ends the file with the digest of its data."""
    length = len(data) if raw_length is None else raw_length
    return Record(kind, codec, index, offset, length, data, sha256(data) if final else None)


def a_header(
    *,
    key: SealingPrivateKey | None = None,
    transfer: TransferId | None = None,
    destination: DestinationId | None = None,
    number: int = 0,
) -> PackHeader:
    """Return the clear header of a pack."""
    return PackHeader(
        (key or a_sealing_key()).public_key.key_id,
        destination or a_destination_id(),
        transfer or a_transfer_id(),
        number,
    )


def a_sealed_pack(
    records: Iterable[Record] | None = None,
    *,
    key: SealingPrivateKey | None = None,
    transfer: TransferId | None = None,
    number: int = 0,
) -> bytes:
    """Return a sealed pack, other bytes each time: sealing is random."""
    sealing_key = key or a_sealing_key()
    plaintext = encode_records(records if records is not None else [a_record(final=True)])
    header = a_header(key=sealing_key, transfer=transfer, number=number)
    return seal_pack(header, plaintext, sealing_key.public_key)


def a_report(*, transfer: TransferId | None = None, sequence: int = 1) -> Report:
    """Return the report that belongs to an_inventory() and a_manifest()."""
    return Report(
        transfer or a_transfer_id(),
        sequence,
        NOW,
        DeliveryState.PARTIAL,
        ForwardState.VISIBLE,
        (StudyReport(part=0, study=0, claimed=2, delivered=2, in_pacs=0),),
        (
            FileReport(0, FileResult.DELIVERED),
            FileReport(1, FileResult.DELIVERED),
            FileReport(2, FileResult.NOT_SENT, "read error"),
        ),
    )


def a_signed_receipt(
    report: Report | None = None,
    *,
    state: CoarseState = CoarseState.PARTLY_DELIVERED,
    manifest: Manifest | None = None,
    code: ReceiptCode | None = None,
    key: Ed25519PrivateKey | None = None,
) -> SignedReceipt:
    """Return the inside's word over a_manifest(), the report sealed to a_receipt_code()."""
    return sign_receipt(
        report or a_report(),
        state,
        sha256((manifest or a_manifest()).encode()),
        a_destination_id(),
        key or a_signing_key("receipt"),
        (code or a_receipt_code()).report_key().public_key,
    )
