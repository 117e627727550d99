"""Decisions about quarantined files and about transfers that stand still."""

from dataclasses import replace

import pytest

from passbox_wire.errors import Malformed
from passbox_wire.inner.quarantine import Action, encode_decisions, parse_decisions
from tests.wire.documents import DECISIONS


@pytest.mark.parametrize("name", ["author", "reason"])
@pytest.mark.parametrize("words", ["", "  ", "a\nb", "a\x00b"])
def test_a_decision_has_an_author_and_a_reason(name: str, words: str) -> None:
    """Nothing, blanks and control characters are neither, whatever is decided."""
    for decision in DECISIONS:
        with pytest.raises(Malformed):
            parse_decisions(encode_decisions((replace(decision, **{name: words}),)))  # type: ignore[arg-type]  # a field of text


def test_a_release_of_a_transfer_names_no_file() -> None:
    """Its index is 0, so that one decision has one form."""
    (release,) = (one for one in DECISIONS if one.action is Action.RELEASE_TRANSFER)
    assert parse_decisions(encode_decisions((release,))) == (release,)
    with pytest.raises(Malformed):
        parse_decisions(encode_decisions((replace(release, index=1),)))
