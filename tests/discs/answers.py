"""The right answers, read from answers.json."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("answers.json")


@dataclass(frozen=True, slots=True)
class Disc:
    """A disc's name, its kind (see "kinds" in the file) and the right answer."""

    name: str
    kind: str
    answer: dict[str, Any]


_DOCUMENT: Final[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))

SHARES: Final[dict[str, float]] = {
    kind: about["percent"] for kind, about in _DOCUMENT["kinds"].items() if about["percent"]
}
"""Percent of the discs in the field, for the kinds that were counted there."""

KINDS: Final[dict[str, str]] = {
    kind: about["meaning"] for kind, about in _DOCUMENT["kinds"].items()
}
DISCS: Final = [
    Disc(name, about["kind"], about["answer"]) for name, about in _DOCUMENT["discs"].items()
]
