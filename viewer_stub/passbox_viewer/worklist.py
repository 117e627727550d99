"""Asking the house's modality worklist who a patient is: C-FIND after PS3.4 annex K.

The rule: what it answers is shown to a person, who chooses; nothing is taken over by itself. It is
asked about what a person typed or scanned, never about what the sender wrote. Answers come from
the house but are bounded and shown like anything from outside.
"""

from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import UID

from passbox_viewer.errors import PacsFailed
from passbox_viewer.pacs import PacsLink, answers
from passbox_viewer.settings import Forward, Worklist

MODALITY_WORKLIST: Final = UID("1.2.840.10008.5.1.4.31")
MOST_ORDERS: Final = 20
_MAX_ACCESSION: Final = 16
_MAX_TEXT: Final = 64
_LONGEST: Final = 200
_WILD: Final = str.maketrans("", "", "*?\\")


@dataclass(frozen=True, slots=True)
class Order:
    """One requested procedure as the worklist has it. Dates as YYYYMMDD, absent texts empty."""

    patient_id: str
    issuer: str
    accession: str
    name: str
    birth_date: str
    procedure: str
    date: str


class WorklistLink:
    """The configured worklist, or none. May be shared by threads."""

    def __init__(self, worklist: Worklist | None, forward: Forward) -> None:
        self._worklist = worklist
        self._issuer = worklist.issuer if worklist is not None else ""
        self._forward = forward

    @property
    def configured(self) -> bool:
        """Whether there is one to ask."""
        return self._worklist is not None

    def look_up(self, untrusted_query: str) -> tuple[Order, ...]:
        """Return orders with this accession number, else of this Patient ID, else of this name.

        A name is matched from its beginning. Raises PacsFailed.
        """
        text = " ".join(untrusted_query.translate(_WILD).split())[:_MAX_TEXT]
        if self._worklist is None or not text:
            return ()
        name = text.replace(", ", "^").replace(",", "^")
        keys = [("PatientID", text), ("PatientName", f"{name}*")]
        if len(text) <= _MAX_ACCESSION:
            keys.insert(0, ("AccessionNumber", text))
        link = PacsLink(self._worklist, self._forward)
        for keyword, value in keys:
            with link.association([(str(MODALITY_WORKLIST), None)]) as association:
                found = answers(association, _query(keyword, value), MODALITY_WORKLIST, MOST_ORDERS)
                orders = tuple(self._order(answer) for answer in found)
            if orders:
                return orders
        return ()

    def _order(self, untrusted: Dataset) -> Order:
        steps = untrusted.get("ScheduledProcedureStepSequence") or [Dataset()]
        return Order(
            _text(untrusted, "PatientID"),
            _text(untrusted, "IssuerOfPatientID") or self._issuer,
            _text(untrusted, "AccessionNumber"),
            _text(untrusted, "PatientName"),
            _text(untrusted, "PatientBirthDate"),
            _text(untrusted, "RequestedProcedureDescription")
            or _text(steps[0], "ScheduledProcedureStepDescription"),
            _text(steps[0], "ScheduledProcedureStepStartDate"),
        )


def _query(keyword: str, value: str) -> Dataset:
    """Return the question (PS3.4 table K.6-1): one key to match, the others to be returned."""
    query = Dataset()
    if not value.isascii():
        query.SpecificCharacterSet = "ISO_IR 192"
    for returned in (
        "AccessionNumber", "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate",
        "RequestedProcedureDescription",
    ):  # fmt: skip
        setattr(query, returned, "")
    step = Dataset()
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepDescription = "", ""
    query.ScheduledProcedureStepSequence = [step]
    setattr(query, keyword, value)
    return query


def _text(untrusted: Dataset, keyword: str) -> str:
    """Return a value as text of bounded length; raise PacsFailed when it cannot be read."""
    try:
        value = untrusted.get(keyword)
        return "" if value is None else " ".join(str(value).split())[:_LONGEST]
    except (LookupError, TypeError, ValueError) as error:
        raise PacsFailed("an answer that makes no sense") from error
