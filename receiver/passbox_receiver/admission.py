"""Whether something may come in: pure decisions over rules and what is known at that moment.

The rule: a transfer is judged whole when it opens, so that nobody sends for an hour in vain; what
was admitted may finish within the size it declared, as long as it keeps moving, even when a day's
limit or the monitor closes the door meanwhile. The disk's reserve and the emergency stop hold for
everybody. Returns the problem that is the answer, or None when there is no objection.

No clock, ledger or disk is touched here.
"""

from dataclasses import dataclass
from typing import Final

from passbox_receiver.rules import Rules
from passbox_receiver.uploads import Upload
from passbox_wire.problems import Code, Problem

DAY_SECONDS: Final = 24 * 3600
WASTE_FACTOR: Final = 2
"""How often a transfer may send what it declared before more of it needs room in the day's quotas:
packs that were cut, altered or held already came over the wire too."""
WIDE_FACTOR: Final = 8
"""How many times a source's share an IPv6 /48 may have."""
SOON_SECONDS: Final = 600
"""When to ask again where nobody knows how long it lasts."""
RESERVATION_SECONDS: Final = 15 * 60
"""How long a declared size is kept free for a transfer that does not move."""


@dataclass(frozen=True, slots=True)
class Share:
    """Bytes of one day: ``used`` came or are in flight, ``reserved`` were declared and may come.

    What is in flight of a declared size is in both: near a limit this errs towards no.
    """

    used: int = 0
    reserved: int = 0

    @property
    def total(self) -> int:
        """What counts against a quota."""
        return self.used + self.reserved


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known when somebody asks.

    ``source`` and ``wide`` (its IPv6 /48) are of the one who asks. ``free_bytes`` and
    ``free_files`` of the disk, what is in flight taken off; a pack is one file. ``opened_…`` counts
    the day's openings, however they ended. ``waited``: seconds the oldest closed transfer waits for
    the inside.
    """

    now: int
    source: Share
    wide: Share
    everybody: Share
    free_bytes: int
    free_files: int
    open_by_source: int
    open_by_wide: int
    open_by_everybody: int
    opened_by_source: int
    opened_by_wide: int
    waited: int


@dataclass(frozen=True, slots=True)
class PackStanding:
    """What the transfer itself has in flight when it sends a pack of ``length`` bytes."""

    length: int
    requests_in_flight: int
    bytes_in_flight: int


def objection_to_service(rules: Rules, standing: Standing) -> Problem | None:
    """Return why no new transfer is taken at all, if so."""
    if rules.stopped:
        return Problem(Code.NOT_ACCEPTING, SOON_SECONDS, rules.stop_text)
    if standing.waited > rules.monitor.waiting_stop_seconds:
        return Problem(Code.NOT_ACCEPTING, SOON_SECONDS)
    reopened = rules.reopened_day == standing.now // DAY_SECONDS
    if standing.everybody.used >= rules.monitor.hard_bytes_per_day and not reopened:
        return Problem(Code.NOT_ACCEPTING, retry_after=_tomorrow(standing))
    return None


def objection_to_open(rules: Rules, asked: int, standing: Standing) -> Problem | None:
    """Return why a transfer of ``asked`` bytes may not be opened, if so."""
    closed = objection_to_service(rules, standing)
    if closed is not None:
        return closed
    if asked > rules.limits.transfer_bytes:
        return Problem(Code.TRANSFER_TOO_LARGE)
    if _too_many_open(rules, standing):
        return Problem(Code.TOO_MANY_OPEN, SOON_SECONDS)
    if _opened_too_often(rules, standing):
        return Problem(Code.SOURCE_LIMIT, retry_after=_tomorrow(standing))
    promised = standing.everybody.reserved
    return _over_a_day(rules, asked, standing) or _over_the_disk(rules, promised + asked, standing)


def objection_to_pack(
    rules: Rules, upload: Upload, pack: PackStanding, standing: Standing
) -> Problem | None:
    """Return why a pack may not come in, if so."""
    if rules.stopped:
        return Problem(Code.NOT_ACCEPTING, SOON_SECONDS, rules.stop_text)
    if pack.length > rules.limits.pack_bytes:
        return Problem(Code.TOO_LARGE)
    if pack.requests_in_flight >= rules.limits.parallel_requests:
        return Problem(Code.TOO_MANY_REQUESTS, retry_after=1)
    after = upload.bytes_held + pack.bytes_in_flight + pack.length
    number = upload.packs + pack.requests_in_flight
    if after > rules.limits.transfer_bytes or number >= rules.limits.packs_per_transfer:
        return Problem(Code.TRANSFER_TOO_LARGE)
    over = None
    if after > upload.total_bytes or not _is_covered(upload, pack, standing.now):
        over = _over_a_day(rules, pack.length, standing)
    return over or _over_the_disk(rules, pack.length, standing)


def objection_to_close(rules: Rules, upload: Upload) -> Problem | None:
    """Return why what came may not be closed, if so: the size is judged once more, whole."""
    most = max(rules.limits.transfer_bytes, upload.total_bytes)
    if upload.bytes_held > most or upload.packs > rules.limits.packs_per_transfer:
        return Problem(Code.TRANSFER_TOO_LARGE)
    return None


def objection_to_held_pack(
    rules: Rules, upload: Upload, pack: PackStanding, standing: Standing
) -> Problem | None:
    """Return why a held pack may not be sent again, if so: it would be read all the same."""
    if pack.requests_in_flight >= rules.limits.parallel_requests:
        return Problem(Code.TOO_MANY_REQUESTS, retry_after=1)
    if _is_covered(upload, pack, standing.now):
        return None
    return _over_a_day(rules, pack.length, standing)


def is_reserved(upload: Upload, now: int) -> bool:
    """Return whether the size the upload declared is still kept free for it."""
    return now - upload.last_seen < RESERVATION_SECONDS


def _is_covered(upload: Upload, pack: PackStanding, now: int) -> bool:
    """Return whether what was declared covers this pack, all that came over the wire counted."""
    on_wire = upload.bytes_on_wire + pack.bytes_in_flight + pack.length
    return on_wire <= WASTE_FACTOR * upload.total_bytes and is_reserved(upload, now)


def _too_many_open(rules: Rules, standing: Standing) -> bool:
    per_source = rules.limits.open_transfers_per_source
    return (
        standing.open_by_source >= per_source
        or standing.open_by_wide >= WIDE_FACTOR * per_source
        or standing.open_by_everybody >= rules.limits.open_transfers
    )


def _opened_too_often(rules: Rules, standing: Standing) -> bool:
    """Opening and cancelling leaves rows and audit lines: who does only that has had enough."""
    most = rules.limits.opened_per_source_per_day
    return standing.opened_by_source >= most or standing.opened_by_wide >= WIDE_FACTOR * most


def _over_a_day(rules: Rules, more: int, standing: Standing) -> Problem | None:
    per_source = rules.limits.source_bytes_per_day
    too_much = standing.source.total + more > per_source
    if too_much or standing.wide.total + more > WIDE_FACTOR * per_source:
        return Problem(Code.SOURCE_LIMIT, retry_after=_tomorrow(standing))
    if standing.everybody.total + more > rules.limits.day_bytes:
        return Problem(Code.DAY_LIMIT, retry_after=_tomorrow(standing))
    return None


def _over_the_disk(rules: Rules, more: int, standing: Standing) -> Problem | None:
    no_room = standing.free_bytes - more < rules.reserve_bytes
    if no_room or standing.free_files <= rules.reserve_files:
        return Problem(Code.STORE_FULL, SOON_SECONDS)
    return None


def _tomorrow(standing: Standing) -> int:
    return DAY_SECONDS - standing.now % DAY_SECONDS
