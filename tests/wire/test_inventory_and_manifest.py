"""Claims and outcomes."""

from dataclasses import replace

import pytest

from passbox_wire import canonical
from passbox_wire.digests import sha256
from passbox_wire.errors import Malformed
from passbox_wire.inventory import (
    MAX_FILE_BYTES,
    MAX_FILES,
    Consent,
    Inventory,
    parse_inventory,
)
from passbox_wire.manifest import FileOutcome, Manifest, Outcome, parse_manifest
from tests.builders.wire import (
    a_file,
    a_manifest,
    a_sender,
    a_series,
    an_envelope,
    an_inventory,
    an_outcome,
)


@pytest.mark.parametrize(
    "inventory",
    [
        an_inventory(),
        an_inventory(files=()),
        an_inventory(part=3),
        an_inventory(envelope=an_envelope(consent=None)),
        an_inventory(
            files=[a_file(0, size=MAX_FILE_BYTES, path="x" * 2000), a_file(MAX_FILES - 1)]
        ),
        an_inventory(medium="Müller 📀", files=[a_file(0, path="a\nb\x1b[31m/../c")]),
    ],
    ids=["one", "empty", "later part", "no consent", "limits", "foreign names"],
)
def test_an_inventory_says_what_was_claimed(inventory: Inventory) -> None:
    """All claims come out as they went in, paths with whatever they have in them."""
    assert parse_inventory(inventory.encode()) == inventory


@pytest.mark.parametrize(
    "inventory",
    [
        replace(an_inventory(), envelope=None),
        replace(an_inventory(part=1), envelope=an_envelope()),
        an_inventory(files=[a_file(1), a_file(0)]),
        an_inventory(files=[a_file(1), a_file(1)]),
        an_inventory(series=[a_series(study=1)]),
        an_inventory(series=[]),
        an_inventory(studies=[]),
        an_inventory(files=[a_file(MAX_FILES)]),
        an_inventory(files=[a_file(0, size=MAX_FILE_BYTES + 1)]),
        an_inventory(files=[a_file(0, path="x" * 2001)]),
        an_inventory(part=1000),
        an_inventory(medium="two\nlines"),
    ],
    ids=[
        "no envelope", "envelope later", "order", "twice", "no such study", "no such series",
        "no study", "index", "size", "path", "part", "label",
    ],
)  # fmt: skip
def test_an_inventory_that_contradicts_itself_is_refused(inventory: Inventory) -> None:
    """Envelope in the wrong part, indexes out of order or pointing outside, limits: Malformed."""
    with pytest.raises(Malformed):
        parse_inventory(inventory.encode())


@pytest.mark.parametrize(
    "envelope",
    [
        an_envelope(sender=a_sender(name="A\r\nBcc: all@hospital.example")),
        an_envelope(sender=a_sender(email="a@b.example\n")),
        an_envelope(sender=a_sender(phone="1\x002")),
        an_envelope(recipient="x\ny"),
        an_envelope(department="x\u2028y"),
        an_envelope(consent=Consent("1\n", "de", 0)),
        an_envelope(report_key=bytes(1216)),
        an_envelope(report_key=b"\xff" * 1216),
    ],
    ids=["name", "email", "phone", "recipient", "department", "consent", "zero key", "no key"],
)
def test_an_envelope_cannot_write_headers_or_bring_a_useless_key(envelope: object) -> None:
    """Line breaks where one line belongs, and report keys nobody can seal to, are Malformed."""
    with pytest.raises(Malformed):
        parse_inventory(replace(an_inventory(), envelope=envelope).encode())  # type: ignore[arg-type]  # an Envelope


def test_a_message_may_have_lines() -> None:
    """The sender's message keeps its line breaks."""
    inventory = an_inventory(envelope=an_envelope(sender=a_sender(message="one\ntwo\n")))
    assert parse_inventory(inventory.encode()) == inventory


@pytest.mark.parametrize(
    "manifest",
    [
        a_manifest(),
        a_manifest(files=()),
        a_manifest(files=[an_outcome(5), an_outcome(7, Outcome.SKIPPED)], parts=1000),
    ],
    ids=["one", "empty", "sparse"],
)
def test_a_manifest_says_what_became_of_files(manifest: Manifest) -> None:
    """Outcomes and root hash come out as they went in."""
    assert parse_manifest(manifest.encode()) == manifest
    assert parse_manifest(manifest.encode()).root == manifest.root


@pytest.mark.parametrize(
    "outcomes",
    [
        [an_outcome(1), an_outcome(0)],
        [an_outcome(0), an_outcome(0)],
        [FileOutcome(0, Outcome.SENT, 5)],
        [FileOutcome(0, Outcome.SKIPPED, 5, sha256(b""))],
        [an_outcome(MAX_FILES)],
        [FileOutcome(0, Outcome.SKIPPED, 5, None, "x" * 65)],
        [FileOutcome(0, Outcome.SKIPPED, 5, None, "a\nb")],
    ],
    ids=["order", "twice", "sent without hash", "hash unsent", "index", "long reason", "lines"],
)
def test_outcomes_that_contradict_themselves_are_refused(outcomes: list[FileOutcome]) -> None:
    """Each file once, in order, with a hash when and only when it was sent: else Malformed."""
    with pytest.raises(Malformed):
        parse_manifest(a_manifest(files=outcomes).encode())


@pytest.mark.parametrize(
    "change",
    [{"count": 2}, {"root": "00" * 32}, {"parts": 0}, {"version": 2}, {"transfer": "0" * 31}],
    ids=["count", "root", "parts", "version", "transfer"],
)
def test_a_manifest_proves_itself(change: dict[str, object]) -> None:
    """Another count, root hash or version than its files have is Malformed."""
    whole = canonical.decode(a_manifest().encode(), max_bytes=10_000)
    with pytest.raises(Malformed):
        parse_manifest(canonical.encode(whole | change))


def test_equal_files_have_equal_roots() -> None:
    """Two passes that read the same files agree, whatever else became of others."""
    sent = [an_outcome(0), an_outcome(2)]
    other = [an_outcome(0), an_outcome(1, Outcome.UNREADABLE), an_outcome(2)]
    assert a_manifest(files=sent).root == a_manifest(files=other).root
