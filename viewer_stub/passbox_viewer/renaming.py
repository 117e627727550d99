"""New UIDs for images whose own are taken in the PACS: the same new one for the same old one. Pure.

A new UID is made from a UUID (PS3.5 annex B.2), and that from the old UID and a salt that belongs
to one request to forward (RFC 9562, version 5): a retry sends the same again, two transfers never
meet, and whoever references an image references it afterwards too.
"""

import uuid
from dataclasses import dataclass, replace
from typing import Final

from passbox_viewer.instances import Instance

REGISTERED: Final = "1.2.840.10008."
"""The standard's own UIDs: classes, syntaxes, well-known instances."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """Under which UIDs a transfer's images go out. ``salt`` is a UUID's text, empty: their own."""

    salt: str = ""

    def of(self, uid: str) -> str:
        """Return the UID to use in place of one; the standard's own and no UID at all stay."""
        if not self.salt or not uid or uid.startswith(REGISTERED):
            return uid
        return f"2.25.{uuid.uuid5(uuid.UUID(self.salt), uid).int}"

    def applied(self, row: Instance) -> Instance:
        """Return the instance as the PACS will know it."""
        if not self.salt:
            return row
        claims, facts = row.claims, row.facts
        return replace(
            row,
            claims=replace(claims, sop_instance_uid=self.of(claims.sop_instance_uid)),
            facts=facts and replace(
                facts,
                study_instance_uid=self.of(facts.study_instance_uid),
                series_instance_uid=self.of(facts.series_instance_uid),
            ),
        )  # fmt: skip


KEEPING: Final = Renaming()
"""Everything goes out under its own UIDs."""
