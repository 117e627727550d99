"""The inside's signed word and the report that only the sender reads."""

from dataclasses import replace

import pytest

from passbox_wire import signing
from passbox_wire.digests import key_id, sha256
from passbox_wire.errors import Malformed, SealBroken, SignatureWrong
from passbox_wire.receipts import (
    FileReport,
    FileResult,
    SignedReceipt,
    open_report,
    parse_report,
    parse_signed_receipt,
)
from tests.builders.wire import (
    a_manifest,
    a_receipt_code,
    a_report,
    a_signed_receipt,
    a_signing_key,
    a_transfer_id,
    public,
)

KEYS = (public(a_signing_key("older receipt")), public(a_signing_key("receipt")))
SIGNED = a_signed_receipt()


def test_a_receipt_reaches_the_sender_whole() -> None:
    """Signed inside, carried as bytes, verified and opened outside: receipt and report agree."""
    receipt = parse_signed_receipt(SIGNED.encode()).verified(KEYS)
    assert receipt.manifest_sha256 == sha256(a_manifest().encode())
    report = open_report(receipt, SIGNED.sealed_report, a_receipt_code().report_key())
    assert report == a_report()


@pytest.mark.parametrize(
    "forged",
    [
        replace(SIGNED, body=SIGNED.body.replace(b"partly delivered", b"delivered")),
        replace(SIGNED, signature=bytes(64)),
        replace(SIGNED, signer=key_id(public(a_signing_key("stranger")))),
        replace(SIGNED, signer=key_id(KEYS[0])),
        replace(SIGNED, sealed_report=SIGNED.sealed_report + b"\0"),
        replace(SIGNED, sealed_report=a_signed_receipt().sealed_report),
        a_signed_receipt(key=a_signing_key("stranger")),
    ],
    ids=["body", "signature", "unknown signer", "other signer", "longer", "report", "stranger"],
)
def test_a_forged_receipt_does_not_verify(forged: SignedReceipt) -> None:
    """Another body, signature, signer or report is SignatureWrong."""
    with pytest.raises(SignatureWrong):
        parse_signed_receipt(forged.encode()).verified(KEYS)


def test_a_signature_over_something_else_is_no_receipt() -> None:
    """A well-signed body that is no receipt is Malformed, not a crash."""
    body = b"{}"
    signature = signing.sign(a_signing_key("receipt"), signing.receipt_statement(body))
    with pytest.raises(Malformed):
        replace(SIGNED, body=body, signature=signature).verified(KEYS)


def test_only_the_receipt_code_opens_the_report() -> None:
    """Another code, or the report of another transfer, is SealBroken."""
    receipt = SIGNED.verified(KEYS)
    with pytest.raises(SealBroken):
        open_report(receipt, SIGNED.sealed_report, a_receipt_code("another").report_key())
    other = a_transfer_id(a_signing_key("another transfer"))
    with pytest.raises(SealBroken):
        open_report(
            replace(receipt, transfer=other),
            SIGNED.sealed_report,
            a_receipt_code().report_key(),
        )


def test_a_report_belongs_to_its_receipt() -> None:
    """The report of an earlier sequence under a later receipt is Malformed."""
    receipt = replace(SIGNED.verified(KEYS), sequence=2)
    with pytest.raises(Malformed):
        open_report(receipt, SIGNED.sealed_report, a_receipt_code().report_key())


def test_a_report_names_each_file_once() -> None:
    """Files twice or out of order are Malformed: no file has two results."""
    for indexes in ([0, 0], [1, 0]):
        files = tuple(FileReport(index, FileResult.DELIVERED) for index in indexes)
        with pytest.raises(Malformed):
            parse_report(replace(a_report(), files=files).encode())
