"""Every word of the poller about a file is one that the pages can say."""

import pytest

from passbox_poller.errors import Refusal, Remark
from passbox_viewer.reasons import REASONS
from passbox_wire.manifest import MAX_REASON


@pytest.mark.parametrize("word", [*Refusal, *Remark])
def test_a_reason_has_words(word: Refusal | Remark) -> None:
    """Each has German and English words, and fits into a finding."""
    assert len(word) <= MAX_REASON
    assert all(REASONS[word])
