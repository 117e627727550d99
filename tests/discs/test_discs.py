"""Every disc gets the right answer, and the table in the docs says so."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.discs.__main__ import draw
from tests.discs.answering import answer
from tests.discs.answers import DISCS, KINDS, SHARES, Disc
from tests.discs.page import PAGE, page
from tests.discs.register import MAKERS


@pytest.mark.parametrize("disc", DISCS, ids=[disc.name for disc in DISCS])
def test_a_disc_gets_the_right_answer(disc: Disc, tmp_path: Path) -> None:
    """Counts, people and findings are those written down for this disc."""
    if os.name == "nt" and disc.name in {"devices", "links_that_lead_out", "names_to_deceive"}:
        pytest.skip("this system cannot hold such a medium")
    assert answer(MAKERS[disc.name](tmp_path / "disc")) == disc.answer


def test_there_are_answers_to_all_discs_and_at_least_forty() -> None:
    """No disc without an answer, no answer without a disc, at least forty."""
    assert sorted(MAKERS) == sorted(disc.name for disc in DISCS)
    assert len(DISCS) >= 40
    assert {disc.kind for disc in DISCS} == set(KINDS)


def test_discs_are_drawn_by_their_shares() -> None:
    """Of a thousand drawn discs each kind has about its share."""
    kind_of = {disc.name: disc.kind for disc in DISCS}
    drawn = Counter(kind_of[name] for name in draw(1000, random.Random(7)))
    assert set(drawn) == set(SHARES)
    assert all(abs(drawn[kind] / 10 - percent) < 4 for kind, percent in SHARES.items())


def test_the_table_in_the_docs_is_up_to_date() -> None:
    """docs/discs.md is what the data say; write it with `python -m tests.discs.page`."""
    assert PAGE.read_text("utf-8") == page()
