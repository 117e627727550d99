"""The frozen vectors against the product and against the second reader, which share no code."""

import ast
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature

from passbox_wire import canonical, codes, keys, signing
from passbox_wire.digests import key_id, packs_digest, sha256
from passbox_wire.errors import CodeWrong, Malformed, SealError
from passbox_wire.ids import parse_transfer_id, transfer_id
from passbox_wire.inventory import parse_inventory
from passbox_wire.manifest import parse_manifest
from passbox_wire.pack import Codec, Kind, open_pack, parse_records
from passbox_wire.profile import fingerprint, parse_profile
from passbox_wire.receipts import open_report, parse_signed_receipt
from tests.builders.wire import (
    a_profile_file,
    a_receipt_code,
    a_record,
    a_sealed_pack,
    a_sealing_key,
    a_signed_receipt,
    a_signing_key,
    a_transfer_id,
    public,
)
from tests.second_reader import reader

VECTORS = Path(__file__).parents[1] / "vectors"


def load(name: str) -> dict[str, Any]:
    """Return a vector file."""
    content: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text())
    return content


PACKS = load("pack")
SEALING = load("keys")["sealing"]
SEEDS = bytes.fromhex(SEALING["seeds"])


def by_name(case: dict[str, Any]) -> str:
    """Return what a case is called."""
    return str(case["name"])


def test_no_vector_was_ever_edited() -> None:
    """Every file is as it was frozen, and every file is listed."""
    lines = (VECTORS / "SHA256SUMS").read_text().splitlines()
    frozen = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in VECTORS.glob("*.json")
    }
    assert found == frozen


def test_the_second_reader_is_independent() -> None:
    """It imports nothing of ours and not the library's HPKE."""
    tree = ast.parse(Path(reader.__file__).read_text())
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [f"{node.module}.{alias.name}" for alias in node.names]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert "cryptography.hazmat.primitives.ciphers.aead.AESGCM" in imported
    assert not [name for name in imported if "passbox" in name or "hpke" in name]


# canonical-json.json


@pytest.mark.parametrize(
    "case", load("canonical-json")["documents"], ids=lambda case: case["bytes"]
)
def test_a_document_has_its_frozen_form(case: dict[str, Any]) -> None:
    """Both readers agree on a document and its one form."""
    data = bytes.fromhex(case["bytes"])
    assert canonical.encode(case["document"]) == data
    assert canonical.decode(data, max_bytes=1000) == case["document"]
    assert reader.read_json(data) == case["document"]


@pytest.mark.parametrize("data", load("canonical-json")["refused"])
def test_another_spelling_stays_refused(data: str) -> None:
    """Both readers refuse what is not canonical."""
    with pytest.raises(Malformed):
        canonical.decode(bytes.fromhex(data), max_bytes=1000)
    with pytest.raises(reader.UnreadableError):
        reader.read_json(bytes.fromhex(data))


# keys.json, statements.json


def test_keys_have_their_frozen_forms() -> None:
    """Seeds, PEM, public keys, names and fingerprints are what they were."""
    private = keys.sealing_key_from_pem(SEALING["private_pem"].encode())
    assert private.seeds == SEEDS == reader.read_sealing_key(SEALING["private_pem"])
    assert private.public_key.raw.hex() == SEALING["public_key"]
    assert private.public_key.key_id.hex() == SEALING["key_id"]
    assert keys.sealing_key_to_pem(private).decode() == SEALING["private_pem"]
    assert keys.sealing_public_key_to_pem(private.public_key).decode() == SEALING["public_pem"]
    frozen = load("keys")["signing"]
    signer = keys.signing_key_from_pem(frozen["private_pem"].encode())
    raw = public(signer)
    assert keys.verifying_key_from_pem(frozen["public_pem"].encode()) == raw
    assert raw.hex() == frozen["public_key"]
    assert key_id(raw).hex() == frozen["key_id"]
    assert transfer_id(raw) == frozen["transfer_id"]
    assert fingerprint(raw) == frozen["fingerprint"]


def statement_of(purpose: str, fields: dict[str, Any]) -> bytes:
    """Return the statement that the product makes of a vector's fields."""
    make = getattr(signing, f"{purpose}_statement")
    hexadecimal = {"body", "sha256", "body_sha256"}
    return bytes(
        make(**{k: bytes.fromhex(v) if k in hexadecimal else v for k, v in fields.items()})
    )


@pytest.mark.parametrize("case", load("statements")["statements"], ids=lambda case: case["purpose"])
def test_a_statement_is_what_was_signed(case: dict[str, Any]) -> None:
    """Each purpose signs the same bytes as ever, and Ed25519 gives the same signature."""
    statement = statement_of(case["purpose"], case["fields"])
    assert statement.hex() == case["statement"]
    signer = keys.signing_key_from_pem(load("keys")["signing"]["private_pem"].encode())
    assert signing.sign(signer, statement).hex() == case["signature"]


def test_the_digest_of_packs_is_what_it_was() -> None:
    """A set of packs keeps its digest."""
    frozen = load("statements")["packs_digest"]
    packs = {int(number): bytes.fromhex(digest) for number, digest in frozen["packs"].items()}
    assert packs_digest(packs).hex() == frozen["digest"]


# pack.json


@pytest.mark.parametrize("case", PACKS["packs"], ids=by_name)
def test_a_frozen_pack_opens(case: dict[str, Any]) -> None:
    """The product opens packs sealed long ago."""
    header, plaintext = open_pack(
        bytes.fromhex(case["sealed"]), [keys.sealing_key_from_pem(SEALING["private_pem"].encode())]
    )
    assert plaintext.hex() == case["plaintext"]
    assert header.key_id.hex() == case["key_id"]
    assert header.destination == case["destination"]
    assert header.transfer == parse_transfer_id(case["transfer"])
    assert header.number == case["number"]
    assert [
        {
            "kind": record.kind.name.lower(),
            "codec": record.codec.name.lower(),
            "index": record.index,
            "offset": record.offset,
            "raw_length": record.raw_length,
            "data": record.data.hex(),
            "sha256": record.sha256.hex() if record.sha256 else None,
        }
        for record in parse_records(plaintext)
    ] == case["pieces"]


@pytest.mark.parametrize("case", PACKS["packs"], ids=by_name)
def test_the_second_reader_opens_a_frozen_pack(case: dict[str, Any]) -> None:
    """A reader written from the page opens it, by the same secrets at every step."""
    pack = reader.read_pack(bytes.fromhex(case["sealed"]), SEEDS)
    assert pack.opened.shared_secret.hex() == case["shared_secret"]
    assert pack.opened.key.hex() == case["key"]
    assert pack.opened.nonce.hex() == case["nonce"]
    assert pack.opened.plaintext.hex() == case["plaintext"]
    assert [piece.data.hex() for piece in pack.pieces] == [p["data"] for p in case["pieces"]]
    whole: dict[tuple[str, int], bytes] = {}
    for piece in pack.pieces:
        name = (piece.kind, piece.index)
        whole[name] = whole.get(name, b"") + piece.decode()
        if piece.sha256:
            assert hashlib.sha256(whole[name]).digest() == piece.sha256


@pytest.mark.parametrize("case", PACKS["refused"], ids=by_name)
def test_a_broken_pack_stays_refused(case: dict[str, Any]) -> None:
    """Both readers refuse it, the product for the reason on file."""
    key = keys.sealing_key_from_pem(SEALING["private_pem"].encode())
    expected = {"seal": SealError, "malformed": Malformed}[case["why"]]
    with pytest.raises(expected):
        open_pack(bytes.fromhex(case["sealed"]), [key])
    with pytest.raises(reader.UnreadableError):
        reader.read_pack(bytes.fromhex(case["sealed"]), SEEDS)


@pytest.mark.parametrize("case", PACKS["records_refused"], ids=by_name)
def test_broken_records_stay_refused(case: dict[str, Any]) -> None:
    """Both readers refuse plaintexts that say what the page forbids."""
    plaintext = bytes.fromhex(case["plaintext"])
    with pytest.raises(Malformed):
        list(parse_records(plaintext))
    with pytest.raises(reader.UnreadableError):
        reader.read_records(plaintext)


@pytest.mark.parametrize("size", [0, 1, 1000, 100_000])
def test_the_second_reader_opens_what_is_sealed_today(size: int) -> None:
    """Fresh packs, sealed by the product, open in a reader that was written from the page."""
    record = a_record(bytes(range(256)) * (size // 256) + bytes(size % 256), final=True)
    pack = reader.read_pack(a_sealed_pack([record]), a_sealing_key().seeds)
    assert pack.transfer == a_transfer_id()
    piece = pack.pieces[0]
    assert (piece.kind, piece.codec) == (Kind.FILE.name.lower(), Codec.STORED.name.lower())
    assert (piece.data, piece.sha256) == (record.data, record.sha256)


# inventory.json, manifest.json, receipt-code.json


def test_a_frozen_inventory_is_read() -> None:
    """Claims written long ago are read and written the same."""
    frozen = load("inventory")
    data = frozen["text"].encode()
    assert sha256(data).hex() == frozen["sha256"]
    assert parse_inventory(data).encode() == data
    assert reader.read_json(data)["part"] == 0


def test_a_frozen_manifest_is_read() -> None:
    """Root hash, digest and phone code are what they were, in both readers."""
    frozen = load("manifest")
    data = frozen["text"].encode()
    manifest = parse_manifest(data)
    assert manifest.encode() == data
    assert manifest.root.hex() == reader.root_of(reader.read_json(data)) == frozen["root"]
    assert sha256(data).hex() == frozen["digest"]
    assert codes.phone_code(sha256(data)) == reader.phone_code(data) == frozen["phone_code"]


@pytest.mark.parametrize("case", load("receipt-code")["codes"], ids=lambda case: case["printed"])
def test_a_receipt_code_gives_what_it_gave(case: dict[str, Any]) -> None:
    """Both readers print it, read it, and derive the same handle and report key."""
    code = codes.parse_receipt_code(case["printed"])
    assert code.secret.hex() == reader.read_receipt_code(case["printed"]).hex() == case["secret"]
    assert str(code) == case["printed"]
    assert case["printed"].replace("-", "")[:16] == reader.base32(code.secret)
    assert code.handle.hex() == case["handle"]
    assert reader.derive(code.secret, b"passbox/v1/receipt-handle", 16) == code.handle
    assert sha256(code.handle).hex() == case["handle_sha256"]
    seeds = code.report_key().seeds
    assert seeds.hex() == reader.report_seeds(code.secret).hex() == case["report_key_seeds"]
    assert code.report_key().public_key.key_id.hex() == case["report_key_id"]


@pytest.mark.parametrize("case", load("receipt-code")["typed"], ids=lambda case: case["typed"])
def test_what_was_forgiven_stays_forgiven(case: dict[str, Any]) -> None:
    """Ways of typing a code that were taken once are taken always."""
    assert codes.parse_receipt_code(case["typed"]).secret.hex() == case["secret"]


@pytest.mark.parametrize("typed", load("receipt-code")["refused"])
def test_what_is_no_code_stays_none(typed: str) -> None:
    """Codes with a mistake are refused."""
    with pytest.raises(CodeWrong):
        codes.parse_receipt_code(typed)


# receipt.json, profile.json


def test_a_frozen_receipt_verifies() -> None:
    """Signature, receipt and report are read by both readers to the same words."""
    frozen = load("receipt")
    receipt_key = bytes.fromhex(frozen["receipt_key"])
    code = codes.parse_receipt_code(frozen["receipt_code"])
    signed = parse_signed_receipt(frozen["signed"].encode())
    receipt = signed.verified((receipt_key,))
    assert receipt.encode().decode() == frozen["body"]
    report = open_report(receipt, signed.sealed_report, code.report_key())
    assert report.encode().decode() == frozen["report"]

    body, sealed = reader.read_receipt(frozen["signed"].encode(), receipt_key)
    assert body == json.loads(frozen["body"])
    seeds = reader.report_seeds(reader.read_receipt_code(frozen["receipt_code"]))
    assert reader.read_report(sealed, body["transfer"], seeds) == json.loads(frozen["report"])


def test_the_second_reader_reads_a_receipt_of_today() -> None:
    """A fresh receipt verifies and its report opens in the reader written from the page."""
    key = public(a_signing_key("receipt"))
    body, sealed = reader.read_receipt(a_signed_receipt().encode(), key)
    report = reader.read_report(sealed, body["transfer"], a_receipt_code().report_key().seeds)
    assert report["files"][2] == {"index": 2, "reason": "read error", "result": "not sent"}


def test_a_frozen_profile_is_read() -> None:
    """Both readers verify the file and find the same signer and body."""
    frozen = load("profile")
    data = bytes.fromhex(frozen["file"])
    signed = parse_profile(data)
    assert signed.signer.hex() == frozen["signer"]
    assert signed.fingerprint == frozen["fingerprint"]
    assert canonical.encode(signed.profile.to_json()).decode() == frozen["body"]
    assert reader.read_profile(data) == (json.loads(frozen["body"]), signed.signer)
    assert reader.read_profile(a_profile_file())[1] == public(a_signing_key("profile"))
    with pytest.raises(InvalidSignature):
        reader.read_profile(data.replace(b"Example Hospital", b"Example Hospitel"))
