"""docs/discs.md: the table of discs and answers, drawn from answers.json.

``python -m tests.discs.page`` writes it; a test holds that it is up to date.
"""

from pathlib import Path
from typing import Final

from passbox_client import finding_words_en
from passbox_client.found import SEVERITIES, FindingCode
from tests.discs.answers import DISCS, KINDS, SHARES, Disc
from tests.discs.register import MAKERS

PAGE: Final = Path(__file__).parents[2] / "docs" / "discs.md"
_INTRODUCTION: Final = """\
# Discs, and what Passbox answers to them

A medium's table of contents (DICOMDIR) is a claim, the walk over its files is the truth. Passbox
reads both and tells the difference. This page lists the synthetic media it is tested with, each
with the right answer. It is drawn from `tests/discs/answers.json` by `python -m tests.discs.page`.

`python -m tests.discs FOLDER` writes all of them, to try any program with; with `--draw 100` it
draws a hundred in the shares found in the field: {shares}.

- **found**: images that are there, each once
- **listed**: files that tables of contents name; **missing**: of these, not at the named place
- **unlisted**: images that no table names, where there is a table
- **unreadable**: files that are or may be images and cannot be read as such

The answers are those of `passbox scan --json`. A number behind a finding is how many files or
people it concerns.
"""


def page() -> str:
    """Return the whole page."""
    shares = ", ".join(f"{percent:g} % {KINDS[kind]}" for kind, percent in SHARES.items())
    parts = [_INTRODUCTION.format(shares=shares)]
    for kind, meaning in KINDS.items():
        discs = [disc for disc in DISCS if disc.kind == kind]
        parts += [f"\n## {meaning[0].upper()}{meaning[1:]}\n", *_HEAD, *map(_row, discs)]
    parts += [
        "\n## What the findings say\n",
        "| Finding | | In words | What to do |",
        "|---|---|---|---|",
    ]
    parts += [_words(code) for code in FindingCode]
    return "\n".join(parts) + "\n"


_HEAD: Final = (
    "| Disc | What is on it | found | listed | missing | unlisted | unreadable | Findings |",
    "|---|---|---|---|---|---|---|---|",
)


def _row(disc: Disc) -> str:
    story = " ".join((MAKERS[disc.name].__doc__ or "").split())
    answer = disc.answer
    counts = ("instances_found", "listed", "listed_missing", "unlisted", "unreadable")
    findings = ", ".join(
        f"`{code}`" + (f" {count}" if count > 1 else "")
        for code, count in answer["findings"].items()
    )
    cells = [disc.name.replace("_", " "), story, *(str(answer[name]) for name in counts)]
    return "| " + " | ".join([*cells, findings or "none"]) + " |"


def _words(code: FindingCode) -> str:
    told = finding_words_en.FINDINGS[code]
    sentence = told.many.format(count="*n*", detail="*…*")
    return f"| `{code.value}` | {SEVERITIES[code].value} | {sentence} | {told.do} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
