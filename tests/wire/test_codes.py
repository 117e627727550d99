"""The two codes that people handle."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passbox_wire.codes import (
    ALPHABET,
    SECRET_BYTES,
    ReceiptCode,
    parse_receipt_code,
    phone_code,
)
from passbox_wire.digests import sha256
from passbox_wire.errors import CodeWrong
from tests.builders.wire import a_manifest, a_receipt_code

CODE = a_receipt_code()
TYPED = str(CODE)
SEEDED = settings(derandomize=True, max_examples=40, deadline=None, database=None)
CODES = [ReceiptCode(random.Random(seed).randbytes(SECRET_BYTES)) for seed in range(5)]


@SEEDED
@given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
def test_a_printed_code_reads_back(secret: bytes) -> None:
    """Any 80 bits survive printing and typing."""
    assert parse_receipt_code(str(ReceiptCode(secret))) == ReceiptCode(secret)


@pytest.mark.parametrize("code", CODES, ids=str)
def test_every_single_wrong_letter_is_noticed(code: ReceiptCode) -> None:
    """Any one letter or the check character typed as another one of the alphabet is CodeWrong."""
    typed = str(code).replace("-", "")
    for at in range(len(typed)):
        for letter in set(ALPHABET) - {typed[at]}:
            with pytest.raises(CodeWrong):
                parse_receipt_code(typed[:at] + letter + typed[at + 1 :])


@pytest.mark.parametrize("code", CODES, ids=str)
def test_every_swap_of_neighbours_is_noticed(code: ReceiptCode) -> None:
    """Two different neighbours typed in the other order are CodeWrong, the check character too."""
    typed = str(code).replace("-", "")
    for at in range(len(typed) - 1):
        if typed[at] != typed[at + 1]:
            swapped = typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :]
            with pytest.raises(CodeWrong):
                parse_receipt_code(swapped)


@pytest.mark.parametrize(
    "typed",
    [
        TYPED.lower(),
        TYPED.replace("-", ""),
        TYPED.replace("-", " "),
        TYPED.replace("-", "\u2013"),
        TYPED.replace("-", "\u00a0-\u00a0"),
        f"  {TYPED}\n",
        TYPED.replace("0", "O").replace("1", "l"),
        TYPED.replace("0", "o").replace("1", "I"),
    ],
)
def test_what_people_type_is_forgiven(typed: str) -> None:
    """Small letters, blanks, other dashes, O for 0, I and L for 1 are the same code."""
    assert parse_receipt_code(typed) == CODE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        TYPED[:-1],
        TYPED + "0",
        "U" + TYPED[1:],
        "\u0131" * 17,
        "\u017f" * 17,
        "0" * 100_000,
    ],
    ids=len,
)
def test_what_is_no_code_is_said_to_be_none(typed: str) -> None:
    """Wrong length, letters outside the alphabet and other scripts are CodeWrong."""
    with pytest.raises(CodeWrong):
        parse_receipt_code(typed)


def test_a_code_has_ten_bytes() -> None:
    """A secret of another length is no code."""
    with pytest.raises(CodeWrong):
        ReceiptCode(bytes(9))


def test_a_code_keeps_its_secret() -> None:
    """A receipt code in a traceback or log shows no digit of itself."""
    assert TYPED not in repr(CODE)
    assert CODE.secret.hex() not in repr(CODE)


def test_what_comes_from_a_code_tells_nothing_of_the_rest() -> None:
    """Handle and report key differ from each other and between codes, and are always the same."""
    other = a_receipt_code("another")
    assert CODE.handle != other.handle
    assert CODE.report_key().seeds != other.report_key().seeds
    assert CODE.report_key().seeds == a_receipt_code().report_key().seeds
    assert CODE.handle not in CODE.report_key().seeds


def test_the_phone_code_is_the_same_on_both_screens() -> None:
    """Two groups of four from the manifest's digest; another manifest has another code."""
    digest = sha256(a_manifest().encode())
    code = phone_code(digest)
    assert len(code) == 9
    assert set(code) <= set(ALPHABET + "-")
    assert code == phone_code(digest)
    assert code != phone_code(sha256(a_manifest(parts=2).encode()))
