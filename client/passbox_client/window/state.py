"""Everything the window shows, as one value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from passbox_client import sentences
from passbox_client.errors import ClientError
from passbox_client.outcome import Outcome, SendResult
from passbox_client.profiles import destination_of, texts_of
from passbox_client.receipts import VerifiedReceipt
from passbox_client.report import SenderReport, report_of_receipt, report_of_sending
from passbox_client.sentences import Sentence
from passbox_client.unfinished import Unfinished
from passbox_client.window.connection import Connection
from passbox_client.window.disc import Disc
from passbox_client.window.form import Fault, Field, Form
from passbox_client.window.pulse import Pulse
from passbox_client.window.steps import Page
from passbox_client.window.volumes import Volume
from passbox_wire.codes import parse_receipt_code
from passbox_wire.inventory import Consent
from passbox_wire.profile import Destination, SignedProfile, Texts


class Activity(StrEnum):
    """What a sending is doing, as a person sees it."""

    RUNNING = "running"
    PAUSED = "paused"
    LINE_LOST = "line lost"
    MEDIUM_GONE = "medium gone"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class WindowState:
    """What the skin draws.

    ``trouble`` is what went wrong last on this page, ``trouble_at`` when; ``checked`` are fields
    whose faults are shown. ``waiting`` are transfers of earlier days, ``going_on`` whether one of
    them is to be gone on with. ``sworn``: the sender said that these images may be sent.

    ``earlier`` are media of the same transfer before ``disc``; ``expecting``: one more was promised
    behind them; ``under_way``: the sending runs, whatever page is shown; ``wanted``: it has read
    everything and waits for what was promised. ``continuing``: the person wants to go on with the
    newest transfer that waits, and ``tried`` are media that turned out not to be it. ``gone`` is
    the medium that is asked for while the activity is MEDIUM_GONE.

    ``code`` is the receipt code that was looked up. ``doubted`` is a card for a known hospital that
    somebody else has signed: used only after its fingerprint was compared.
    """

    page: Page
    language: str
    card: SignedProfile | None = None
    trouble: Exception | None = None
    trouble_at: datetime | None = None
    consent: Consent | None = None
    form: Form = field(default_factory=Form)
    connection: Connection = field(default_factory=Connection)
    faults: Mapping[Field, Fault] = field(default_factory=dict)
    checked: frozenset[Field] = frozenset()
    volumes: tuple[Volume, ...] = ()
    disc: Disc | None = None
    earlier: tuple[Disc, ...] = ()
    expecting: bool = False
    under_way: bool = False
    wanted: bool = False
    continuing: bool = False
    tried: frozenset[Path] = frozenset()
    gone: Path | None = None
    sworn: bool = False
    pulse: Pulse = field(default_factory=Pulse)
    activity: Activity = Activity.RUNNING
    result: SendResult | None = None
    saved: Path | None = None
    save_trouble: Exception | None = None
    waiting: tuple[Unfinished, ...] = ()
    going_on: bool = False
    looking_up: bool = False
    looked_up: VerifiedReceipt | None = None
    code: str = ""
    doubted: SignedProfile | None = None

    @property
    def texts(self) -> Texts | None:
        """The hospital's texts in the person's language."""
        return texts_of(self.card, self.language) if self.card else None

    @property
    def destination(self) -> Destination | None:
        """The inbox that was chosen, the first one by default."""
        return destination_of(self.card, self.form.destination or None) if self.card else None

    @property
    def sentence(self) -> Sentence | None:
        """The trouble in words."""
        return None if self.trouble is None else sentence_of(self.trouble, self.language)

    @property
    def is_busy(self) -> bool:
        """Whether closing the window now would interrupt something."""
        return self.under_way

    @property
    def media(self) -> tuple[Disc, ...]:
        """All media of this transfer that were looked at, in order."""
        last = (self.disc,) if self.disc is not None and self.disc.result is not None else ()
        return (*self.earlier, *last)

    def is_being_read(self, path: Path) -> bool:
        """Whether a medium belongs to the transfer already and is still needed in its place."""
        return not self.wanted and any(disc.path == path for disc in self.earlier)

    @property
    def is_complete(self) -> bool:
        """Whether the hospital has signed that everything is there."""
        return self.result is not None and self.result.outcome is Outcome.COMPLETE

    def report(self, made: datetime) -> SenderReport | None:
        """Return what may be saved or printed on this page; ``made`` is now."""
        if self.card is None:
            return None
        if self.page is Page.LOOKUP:
            if self.looked_up is None:
                return None
            code = parse_receipt_code(self.code)
            return report_of_receipt(self.looked_up, code, self.card.profile, made)
        return report_of_sending(self.result, self.card.profile, made) if self.result else None

    @property
    def can_go_on(self) -> bool:
        """Whether an interrupted transfer may be gone on with now."""
        return self.result is not None and self.result.outcome is Outcome.INTERRUPTED


_OPTION: Final = re.compile(r"\s*\(--[^)]*\)")


def without_options(text: str) -> str:
    """Return a sentence without the command line's options, which stand in brackets."""
    return _OPTION.sub("", text)


def sentence_of(error: Exception, language: str) -> Sentence:
    """Return what happened and what to do; a fault of ours gets its name as the code."""
    if isinstance(error, ClientError):
        what, do, code = sentences.of_error(error, language)
        return Sentence(what, without_options(do), code)
    what, do = sentences.words(language).unknown_error
    return Sentence(what, do, type(error).__name__.lower())
