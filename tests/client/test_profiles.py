"""The hospital's address card as a file: what is accepted, and the reason for each refusal."""

from pathlib import Path

import pytest

from passbox_client.errors import ExitCode, ProfileUnusable, UsageRefused
from passbox_client.profiles import check_addressee, destination_of, load_profile, texts_of
from tests.builders.clocks import FakeClock
from tests.builders.wire import (
    NOW,
    a_destination,
    a_destination_id,
    a_profile,
    a_profile_file,
    a_signed_profile,
    a_signing_key,
)

GOOD = a_profile_file()


def test_a_good_profile_is_loaded(tmp_path: Path) -> None:
    """A signed, unexpired card with two pins is taken."""
    path = tmp_path / "hospital.passbox"
    path.write_bytes(GOOD)
    assert load_profile(path, FakeClock()) == a_signed_profile()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "profile_missing"),
        (b"", "profile_unsigned"),
        (b"just a text", "profile_unsigned"),
        (GOOD.replace(b"Example Hospital", b"Evil Hospital !!"), "profile_altered"),
        (GOOD[:-10], "profile_altered"),
        (bytes(2 * 1024 * 1024), "profile_damaged"),
        (a_profile_file(a_profile(expires=NOW)), "profile_expired"),
    ],
    ids=["missing", "empty", "text", "altered", "cut", "huge", "expired"],
)
def test_each_bad_profile_has_its_reason(tmp_path: Path, content: bytes | None, code: str) -> None:
    """Missing, unsigned, altered, cut, huge, expired: each is refused by its name, exit code 6."""
    path = tmp_path / "hospital.passbox"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ProfileUnusable) as refused:
        load_profile(path, FakeClock())
    assert (refused.value.code, refused.value.exit_code) == (code, ExitCode.PROFILE)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (a_profile_file(key=a_signing_key("stranger")), "profile_other_signer"),
        (a_profile_file(a_profile(serial=1)), "profile_older_serial"),
    ],
)
def test_a_card_follows_the_one_known_before(tmp_path: Path, new: bytes, code: str) -> None:
    """Another signer or an older serial than the card in use is refused."""
    path = tmp_path / "hospital.passbox"
    path.write_bytes(new)
    known = a_signed_profile(a_profile(serial=2))
    with pytest.raises(ProfileUnusable) as refused:
        load_profile(path, FakeClock(), known)
    assert refused.value.code == code


def test_a_destination_is_found_by_name_or_id() -> None:
    """Without a name it is the first; an unknown one is told with those there are."""
    signed = a_signed_profile()
    radiology = signed.profile.destinations[0]
    assert destination_of(signed, None) is radiology
    assert destination_of(signed, "Radiology") is radiology
    assert destination_of(signed, a_destination_id()) is radiology
    with pytest.raises(UsageRefused) as refused:
        destination_of(signed, "Cardiology")
    assert refused.value.facts["known"] == "Radiology"


def test_texts_come_in_the_reader_s_language_or_english() -> None:
    """German for a German reader, English for everybody else."""
    signed = a_signed_profile()
    assert [t.language for t in (texts_of(signed, "de"), texts_of(signed, "fr")) if t] == [
        "de",
        "en",
    ]


@pytest.mark.parametrize("recipient", ["", "a.b@hospital.example", "a@HOSPITAL.example"])
def test_addresses_of_the_hospital_are_taken(recipient: str) -> None:
    """None at all, or one in an allowed domain, whatever its case."""
    check_addressee(a_destination(), recipient, "Radiology")


@pytest.mark.parametrize(
    "recipient",
    ["@hospital.example", "a@", "a b@hospital.example", "a@hospital.example.evil", "a@evil\n@x"],
)
def test_other_addresses_are_refused(recipient: str) -> None:
    """What is no address, or is of another domain, is told at once."""
    with pytest.raises(UsageRefused):
        check_addressee(a_destination(), recipient, "")
