"""Every word of the poller about a file can be said by the pages and by the sender's program."""

import pytest

from passbox_client import words_de, words_en
from passbox_poller.errors import Refusal, Remark
from passbox_viewer.reasons import REASONS
from passbox_wire.manifest import MAX_REASON


@pytest.mark.parametrize("word", [*Refusal, *Remark])
def test_a_reason_has_words(word: Refusal | Remark) -> None:
    """Each has German and English words on both sides, and fits into a finding."""
    assert len(word) <= MAX_REASON
    assert all(REASONS[word])
    assert words_de.REASONS[word]
    assert words_en.REASONS[word]
