"""The inside's signed word, and the report per file sealed to the sender.

docs/formats/receipt.md is the same in words. A receipt is coarse and readable by the DMZ; the
report is not. A later receipt has a higher sequence; the client keeps the highest it has seen and
refuses a lower one, so an old word cannot be replayed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passbox_wire import canonical, signing
from passbox_wire.canonical import Json
from passbox_wire.digests import DIGEST_BYTES, KEY_ID_BYTES, key_id, sha256
from passbox_wire.errors import Malformed, SignatureWrong, TooLarge
from passbox_wire.ids import DestinationId, TransferId, parse_destination_id, parse_transfer_id
from passbox_wire.inventory import MAX_FILES, MAX_TEXT
from passbox_wire.manifest import MAX_REASON
from passbox_wire.parsing import Fields, require_rising
from passbox_wire.sealing import OVERHEAD_BYTES, REPORT_INFO, Sealer, SealingPrivateKey
from passbox_wire.states import DeliveryState, ForwardState

MAX_REPORT_BYTES: Final = 48 * 1024 * 1024
MAX_RECEIPT_BYTES: Final = 2 * (MAX_REPORT_BYTES + OVERHEAD_BYTES) + 4096
_MAX_BODY_BYTES: Final = 2048
_MAX_SEQUENCE: Final = 2**31


class CoarseState(StrEnum):
    """What the DMZ and anybody else may know of a transfer inside."""

    CHECKING = "checking"
    DELIVERED = "delivered"
    PARTLY_DELIVERED = "partly delivered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is signed; ``manifest_sha256`` is None until the manifest verified.

    ``sequence`` counts from 1 within a transfer; ``time`` in Unix seconds; ``report_sha256`` is of
    the sealed report.
    """

    transfer: TransferId
    destination: DestinationId
    state: CoarseState
    manifest_sha256: bytes | None
    sequence: int
    time: int
    report_sha256: bytes

    def encode(self) -> bytes:
        """Return the canonical body that is signed."""
        return canonical.encode(
            {
                "version": 1,
                "transfer": self.transfer,
                "destination": self.destination,
                "state": self.state,
                "manifest_sha256": self.manifest_sha256.hex() if self.manifest_sha256 else None,
                "sequence": self.sequence,
                "time": self.time,
                "report_sha256": self.report_sha256.hex(),
            }
        )


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt as it travels: canonical body, signature, signer's key id, sealed report."""

    body: bytes
    signature: bytes
    signer: bytes
    sealed_report: bytes

    def encode(self) -> bytes:
        """Return the canonical bytes."""
        return canonical.encode(
            {
                "receipt": self.body.hex(),
                "signature": self.signature.hex(),
                "signer": self.signer.hex(),
                "report": self.sealed_report.hex(),
            }
        )

    def verified(self, receipt_keys: tuple[bytes, ...]) -> Receipt:
        """Return the receipt inside; ``receipt_keys`` are raw Ed25519 public keys.

        Raises SignatureWrong unless one of them signed it and the sealed report is the one it
        names; Malformed when the signed body is no receipt. Whether it is of the transfer,
        destination and manifest in question, and newer than the last, is the caller's to compare.
        """
        for public_key in receipt_keys:
            if key_id(public_key) == self.signer:
                signing.verify(public_key, self.signature, signing.receipt_statement(self.body))
                receipt = _parse_body(self.body)
                if receipt.report_sha256 != sha256(self.sealed_report):
                    raise SignatureWrong("another report")
                return receipt
        raise SignatureWrong("signed by an unknown key")


def parse_signed_receipt(untrusted: bytes) -> SignedReceipt:
    """Raise Malformed unless this is a signed receipt; its signature is not yet checked."""
    fields = Fields(
        canonical.decode(untrusted, max_bytes=MAX_RECEIPT_BYTES, where="receipt"), "receipt"
    )
    signed = SignedReceipt(
        fields.binary("receipt", most=_MAX_BODY_BYTES),
        fields.binary("signature", size=signing.SIGNATURE_BYTES),
        fields.binary("signer", size=KEY_ID_BYTES),
        fields.binary("report", most=MAX_REPORT_BYTES + OVERHEAD_BYTES),
    )
    fields.finish()
    return signed


def _parse_body(untrusted: bytes) -> Receipt:
    fields = Fields(
        canonical.decode(untrusted, max_bytes=_MAX_BODY_BYTES, where="receipt"), "receipt"
    )
    fields.integer("version", least=1, most=1)
    receipt = Receipt(
        parse_transfer_id(fields.text("transfer", most=32)),
        parse_destination_id(fields.text("destination", most=32)),
        fields.choice("state", CoarseState),
        None
        if fields.is_null("manifest_sha256")
        else fields.binary("manifest_sha256", size=DIGEST_BYTES),
        fields.integer("sequence", least=1, most=_MAX_SEQUENCE),
        fields.integer("time"),
        fields.binary("report_sha256", size=DIGEST_BYTES),
    )
    fields.finish()
    return receipt


class FileResult(StrEnum):
    """What became of a file inside.

    DELIVERED: durable in the store. KEPT: an attachment that a PACS cannot hold. REFUSED: came and
    was not taken. MISSING: sent, by the manifest, and never came. NOT_SENT: the sender said so.
    """

    DELIVERED = "delivered"
    KEPT = "kept"
    REFUSED = "refused"
    MISSING = "missing"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file of the inventory; ``reason`` is a stable word, empty when delivered or kept."""

    index: int
    result: FileResult
    reason: str = ""

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {"index": self.index, "result": self.result, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class StudyReport:
    """Instances of one study of the inventory, named by part and index within the part.

    ``claimed`` by the inventory, ``delivered`` to the store, ``in_pacs`` as proved.
    """

    part: int
    study: int
    claimed: int
    delivered: int
    in_pacs: int

    def to_json(self) -> Json:
        """Return the JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Report:
    """For the sender's eyes: every file of the inventory, so that a missing one is named.

    ``files`` in rising order of index; ``note`` is what the inside has to say, in words.
    """

    transfer: TransferId
    sequence: int
    time: int
    delivery: DeliveryState
    forward: ForwardState
    studies: tuple[StudyReport, ...]
    files: tuple[FileReport, ...]
    note: str = ""

    def encode(self) -> bytes:
        """Return the canonical bytes."""
        return canonical.encode(
            {
                "version": 1,
                "transfer": self.transfer,
                "sequence": self.sequence,
                "time": self.time,
                "delivery": self.delivery,
                "forward": self.forward,
                "studies": [study.to_json() for study in self.studies],
                "files": [file.to_json() for file in self.files],
                "note": self.note,
            }
        )


def parse_report(untrusted: bytes) -> Report:
    """Raise Malformed unless this is a report that names each file once, in order."""
    fields = Fields(
        canonical.decode(untrusted, max_bytes=MAX_REPORT_BYTES, where="report"), "report"
    )
    fields.integer("version", least=1, most=1)
    report = Report(
        parse_transfer_id(fields.text("transfer", most=32)),
        fields.integer("sequence", least=1, most=_MAX_SEQUENCE),
        fields.integer("time"),
        fields.choice("delivery", DeliveryState),
        fields.choice("forward", ForwardState),
        fields.items("studies", _parse_study, most=MAX_FILES),
        fields.items("files", _parse_file, most=MAX_FILES),
        fields.text("note", most=MAX_TEXT),
    )
    fields.finish()
    require_rising((file.index for file in report.files), "report.files")
    return report


def _parse_study(untrusted: Json) -> StudyReport:
    fields = Fields(untrusted, "study")
    study = StudyReport(*(fields.integer(name, most=MAX_FILES) for name in StudyReport.__slots__))
    fields.finish()
    return study


def _parse_file(untrusted: Json) -> FileReport:
    fields = Fields(untrusted, "file")
    file = FileReport(
        fields.integer("index", most=MAX_FILES - 1),
        fields.choice("result", FileResult),
        fields.line("reason", most=MAX_REASON),
    )
    fields.finish()
    return file


def sign_receipt(
    report: Report,
    state: CoarseState,
    manifest_sha256: bytes | None,
    destination: DestinationId,
    receipt_key: Ed25519PrivateKey,
    sealer: Sealer,
) -> SignedReceipt:
    """Return the receipt over ``report``: the report sealed to the sender's key, the rest signed.

    Raises TooLarge when the report is.
    """
    encoded = report.encode()
    if len(encoded) > MAX_REPORT_BYTES:
        raise TooLarge("report", f"longer than {MAX_REPORT_BYTES} bytes")
    sealed = sealer.seal(encoded, REPORT_INFO + bytes.fromhex(report.transfer))
    body = Receipt(
        report.transfer,
        destination,
        state,
        manifest_sha256,
        report.sequence,
        report.time,
        sha256(sealed),
    ).encode()
    signature = signing.sign(receipt_key, signing.receipt_statement(body))
    return SignedReceipt(
        body, signature, key_id(receipt_key.public_key().public_bytes_raw()), sealed
    )


def open_report(receipt: Receipt, sealed_report: bytes, report_key: SealingPrivateKey) -> Report:
    """Return the report of a verified receipt.

    Raises SealBroken when it was not sealed to this receipt code, Malformed when it is not the
    report of this transfer and sequence.
    """
    report = parse_report(
        report_key.open(sealed_report, REPORT_INFO + bytes.fromhex(receipt.transfer))
    )
    if (report.transfer, report.sequence) != (receipt.transfer, receipt.sequence):
        raise Malformed("report", "of another receipt")
    return report
