"""What the forward form of the study page sends; every field is bounded before it is looked at."""

from typing import Annotated

from pydantic import BaseModel, Field

from passbox_viewer.identity import LocalIdentity, parse_identity

Word = Annotated[str, Field(max_length=128)]
Text = Annotated[str, Field(max_length=2000)]


class ForwardForm(BaseModel):
    """``confirm_existing`` and ``confirm_identity`` are digests of what a person has seen."""

    csrf: Word = ""
    pacs: Word = ""
    confirm_existing: Word | None = None
    lang: Annotated[str | None, Field(max_length=2)] = None
    patient_id: Text = ""
    issuer: Text = ""
    accession: Text = ""
    local_name: Text = ""
    local_birth_date: Text = ""
    mismatch_reason: Text = ""
    confirm_identity: Word = ""

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
