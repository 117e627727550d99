"""What the forward form of the study page sends; every field is bounded before it is looked at."""

from typing import Annotated

from pydantic import BaseModel, Field

from passbox_viewer.existing import Confirmed, parse_confirmed
from passbox_viewer.identity import LocalIdentity, parse_identity

Word = Annotated[str, Field(max_length=128)]
Text = Annotated[str, Field(max_length=2000)]


class ForwardForm(BaseModel):
    """``confirm_existing`` and ``confirm_identity`` are digests of what a person has seen.

    ``answer`` is what to do about what the PACS holds: an Answer, or COMPARE.
    """

    csrf: Word = ""
    pacs: Word = ""
    confirm_existing: Word | None = None
    answer: Word = ""
    lang: Annotated[str | None, Field(max_length=2)] = None
    patient_id: Text = ""
    issuer: Text = ""
    accession: Text = ""
    local_name: Text = ""
    local_birth_date: Text = ""
    mismatch_reason: Text = ""
    confirm_identity: Word = ""

    @property
    def confirmed(self) -> Confirmed | None:
        """What a person decided about what the PACS holds, None for no decision."""
        return parse_confirmed(self.confirm_existing, self.answer)

    @property
    def identity(self) -> LocalIdentity | str | None:
        """The house's patient, a word for what is wrong with it, None when it is not given."""
        return parse_identity(
            {
                "patient_id": self.patient_id,
                "issuer": self.issuer,
                "accession": self.accession,
                "name": self.local_name,
                "birth_date": self.local_birth_date,
                "reason": self.mismatch_reason,
            }
        )


class WorklistForm(BaseModel):
    """A question to the house's worklist: a number or the beginning of a name."""

    csrf: Word = ""
    query: Word = ""
    lang: Annotated[str | None, Field(max_length=2)] = None
