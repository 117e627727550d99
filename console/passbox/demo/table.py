"""What the demo prints at the end: ten lines that a newcomer understands, and the same as JSON."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from rich.table import Table

from passbox.demo.blindness import Sight
from passbox.demo.comparison import Comparison
from passbox.demo.journey import Observed
from passbox_client.found import ScanResult
from passbox_client.outcome import Outcome
from passbox_wire.states import ForwardState

_MEGA: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything the table and the JSON say."""

    scanned: ScanResult
    observed: Observed
    comparison: Comparison
    sight: Sight

    @property
    def receipt_is_right(self) -> bool:
        """The signed word says complete and, as of the last look, in the PACS."""
        receipt = self.observed.receipt
        return (
            self.observed.sent.outcome is Outcome.COMPLETE
            and receipt is not None
            and receipt.report.forward is ForwardState.IN_PACS
            and all(study.in_pacs == study.claimed for study in receipt.report.studies)
        )

    @property
    def all_is_well(self) -> bool:
        """Whether all arrived byte-exact, mail and receipt are right and the DMZ is blind."""
        return (
            bool(self.scanned.found)
            and not self.comparison.unequal
            and not self.comparison.refused
            and self.comparison.instances_in_pacs == len(self.scanned.found)
            and self.observed.mail_is_right
            and self.receipt_is_right
            and not self.sight.saw_plaintext
        )

    def to_json(self) -> dict[str, object]:
        """Return the object for --json."""
        scanned, observed, comparison = self.scanned, self.observed, self.comparison
        return {
            "files_on_media": scanned.files,
            "instances_found": len(scanned.found),
            "attached": [{"path": file.path, "kind": file.kind.value} for file in scanned.attached],
            "instances_delivered": comparison.instances_delivered,
            "instances_in_pacs": comparison.instances_in_pacs,
            "skipped": [{"path": f.path, "reason": f.reason.value} for f in scanned.skipped],
            "refused": [{"path": path, "reason": why} for path, why in comparison.refused],
            "bytes_on_media": scanned.found_bytes,
            "bytes_on_wire": observed.bytes_on_wire,
            "seconds": {
                name: None if value is None else round(value, 3)
                for name, value in observed.seconds.items()
            },
            "bytes_equal": comparison.instances_delivered > 0 and not comparison.unequal,
            "unequal": list(comparison.unequal),
            "dmz_saw_plaintext": self.sight.saw_plaintext,
            "dmz_memory_searched": self.sight.memory_searched,
            "mail": observed.mail_is_right,
            "receipt": self.receipt_is_right,
            "receipt_code": observed.sent.receipt_code,
            "phone_code": observed.sent.phone_code,
            "link": observed.link,
            "findings": [
                {"code": finding.code.value, "count": finding.count} for finding in scanned.findings
            ],
        }

    def table(self) -> Table:
        """Return the ten lines."""
        scanned, observed, comparison = self.scanned, self.observed, self.comparison
        found = len(scanned.found)
        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        rest = f"{len(scanned.attached)} attachments, {len(scanned.skipped)} skipped"
        for what, said, good in (
            (
                "On the disc",
                f"{found} images of {len(scanned.patients)} patients; {rest}",
                found > 0,
            ),
            (
                "Sent, sealed",
                _volume(observed, scanned),
                observed.seconds["sent"] is not None,
            ),
            (
                "What the DMZ saw",
                _seen(self.sight),
                not self.sight.saw_plaintext,
            ),
            (
                "Delivered inside",
                f"{comparison.instances_delivered} of {found}, {_after(observed, 'delivered')}",
                comparison.instances_delivered == found,
            ),
            ("Refused inside", _names(comparison.refused), not comparison.refused),
            (
                "Mail to the clinician",
                "one link, no patient" if observed.mail_is_right else "not as it should be",
                observed.mail_is_right,
            ),
            (
                "In the PACS, by asking",
                f"{comparison.instances_in_pacs} of {found}, {_after(observed, 'forwarded')}",
                comparison.instances_in_pacs == found,
            ),
            (
                "Byte for byte",
                "equal at every station"
                if not comparison.unequal
                else f"{len(comparison.unequal)} differ or are missing",
                found > 0 and not comparison.unequal,
            ),
            (
                "Sender's receipt",
                "signed by the hospital: complete, in PACS"
                if self.receipt_is_right
                else f"signed word: {observed.sent.outcome.value}",
                self.receipt_is_right,
            ),
            (
                "Codes",
                f"receipt {observed.sent.receipt_code}, by phone {observed.sent.phone_code}",
                True,
            ),
        ):
            table.add_row("[green]✓[/green]" if good else "[red]✗[/red]", what, said)
        return table


def _seen(sight: Sight) -> str:
    words = "nothing" if not sight.saw_plaintext else f"{sight.hits} planted words"
    where = "files, logs and memory" if sight.memory_searched else "files and logs (not memory)"
    return f"{words}, searching its {where} for planted words"


def _volume(observed: Observed, scanned: ScanResult) -> str:
    wire, images = observed.bytes_on_wire / _MEGA, scanned.found_bytes / _MEGA
    share = wire / images if images else 0
    return f"{wire:.1f} MB for {images:.1f} MB of images ({share:.0%}), {_after(observed, 'sent')}"


def _after(observed: Observed, name: str) -> str:
    value = observed.seconds[name]
    return "never all" if value is None else f"after {value:.1f} s"


def _names(refused: tuple[tuple[str, str], ...]) -> str:
    if not refused:
        return "nothing"
    first, reason = refused[0]
    return f"{len(refused)} files, first {PurePath(first).name!r}: {reason}"
