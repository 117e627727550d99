"""How the command line speaks: sentences to standard error, results to standard output.

Every error that a person can cause ends as a sentence or two; a fault of ours keeps its traceback.
"""

import contextlib
import json
import locale
import os
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Final

import typer
from rich.console import Console

from passbox.errors import ConsoleError
from passbox_base.errors import BaseError
from passbox_wire.errors import WireError

USAGE: Final = 2
PROFILE: Final = 6

errors: Final = Console(stderr=True, highlight=False)
results: Final = Console(highlight=False)


class Language(StrEnum):
    """The languages Passbox speaks."""

    GERMAN = "de"
    ENGLISH = "en"


def language_of_this_computer() -> Language:
    """Return German where the system speaks it, else English."""
    name = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return Language.GERMAN if name.lower().startswith("de") else Language.ENGLISH


LanguageOption = Annotated[
    Language | None,
    typer.Option("--lang", help="Language of what is said; the system's without it."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object instead of sentences.")
]


def say(text: str) -> None:
    """Print one sentence for the person, without reading markup into foreign words."""
    errors.print(text, markup=False, soft_wrap=True)


def say_json(document: Mapping[str, object]) -> None:
    """Print a result as one JSON object."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Tell the errors that have a sentence in themselves, and leave with their exit code."""
    try:
        yield
    except ConsoleError as error:
        say(str(error))
        sys.exit(USAGE)
    except WireError as error:
        say(f"This is not what it should be: {error}.")
        sys.exit(PROFILE)
    except BaseError as error:
        say(str(error))
        sys.exit(USAGE)
