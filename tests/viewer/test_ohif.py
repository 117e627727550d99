"""OHIF's own origin: which files and pages it has, and what they may do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from passbox_base import audit
from passbox_viewer.capabilities import MOST_REMEMBERED, Capabilities
from passbox_viewer.errors import NoOhif
from passbox_viewer.ohif import installed
from passbox_wire.ids import TransferId
from tests.viewer.house import House, a_transfer
from tests.viewer.images import STUDY, an_image
from tests.viewer.web_house import Asker, an_empty_ohif, asking, running_web_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A viewer with an OHIF that nobody runs."""
    with running_web_house(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture(scope="module")
def asker(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Who has the link of one image."""
    files = [an_image(tmp_path_factory.mktemp("medium"), name="Doe^<b>Jane")]
    with asking(house, house.visible(a_transfer(), files)) as one:
        yield one


def _policy(header: str) -> dict[str, str]:
    return {part.split()[0]: " ".join(part.split()[1:]) for part in header.split(";")}


def test_our_page_stands_around_ohif(asker: Asker) -> None:
    """The button leads to a page of ours with the warning, the patient, and OHIF inside."""
    german = asker.client.get(asker.address).text
    english = asker.client.get(asker.address.replace("lang=de", "lang=en")).text

    assert "nicht zur Primärbefundung" in german
    assert "&lt;b&gt;Jane Doe" in german or "Doe, &lt;b&gt;Jane" in german
    assert f"/viewer?StudyInstanceUIDs={STUDY}&amp;lng=de" in german
    assert "not for primary diagnosis" in english
    assert "&amp;lng=en" in english


def test_ohif_opens_only_inside_our_page(asker: Asker) -> None:
    """Asked for as a page of its own OHIF leads back to the one with the warning."""
    address = asker.address.partition("?")[0] + f"/viewer?StudyInstanceUIDs={STUDY}&lng=de"
    alone = asker.client.get(address, headers={"Sec-Fetch-Dest": "document"})
    inside = asker.client.get(address, headers={"Sec-Fetch-Dest": "iframe"})

    assert alone.status_code == 303
    assert alone.headers["Location"].startswith("/o/")
    assert alone.next_request
    assert "Primär" in asker.client.get(alone.next_request.url).text
    assert '<script defer src="/app.bundle.00ff.js">' in inside.text
    assert "foreign hosts" not in inside.text


def test_nothing_but_files_of_the_origin_becomes_script(asker: Asker) -> None:
    """OHIF's policy: no inline script, no eval, no other host, framed by ourselves only."""
    address = asker.address.partition("?")[0] + "/viewer"
    policy = _policy(asker.client.get(address).headers["Content-Security-Policy"])

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["frame-ancestors"] == "'self'"
    for name, sources in policy.items():
        allowed = {"'self'", "'none'", "blob:", "data:", "'wasm-unsafe-eval'"}
        allowed |= {"'unsafe-inline'"} if name == "style-src" else set()
        assert set(sources.split()) <= allowed, name


def test_our_page_runs_no_script_at_all(asker: Asker) -> None:
    """The page around OHIF can frame our own origin and load its style, nothing else."""
    answer = asker.client.get(asker.address)
    policy = _policy(answer.headers["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    assert "script-src" not in policy
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_files_are_chosen_by_name_and_never_by_path(asker: Asker) -> None:
    """Only the installed files have an address; OHIF's own start page has none."""
    origin = asker.address.split("/o/")[0]
    good = asker.client.get(f"{origin}/app.bundle.00ff.js")
    assert good.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in good.headers["Cache-Control"]
    for path in ("/", "/index.html", "/sw.js", "/%2e%2e/house/store/ledger.sqlite3",
                 "/..%2fhouse", "/app.bundle.00ff.js.gz", "/o/x", "/s/" + "A" * 22):  # fmt: skip
        assert asker.client.get(origin + path).status_code == 404, path


def test_a_study_of_no_transfer_of_mine_has_no_page(asker: Asker) -> None:
    """A study that is not in the transfer opens no page, and its UID is not repeated."""
    address = asker.address.replace(STUDY, "1.2.3")
    answer = asker.client.get(address)
    assert answer.status_code == 404
    assert "1.2.3" not in answer.text


def test_opening_is_written_down(house: House, asker: Asker) -> None:
    """Each opening of OHIF is a line of the audit."""
    chain = house.settings.store.folder / "audit.jsonl"
    before = [e for e in audit.entries(chain) if e["event"] == "looked at in OHIF"]
    asker.client.get(asker.address)
    after = [e for e in audit.entries(chain) if e["event"] == "looked at in OHIF"]
    assert len(after) == len(before) + 1
    assert after[-1]["transfer_id"] == a_transfer()


def test_words_are_few_and_stable() -> None:
    """A link has one word as long as it is used; unused ones go first, and memory stays bounded."""
    capabilities = Capabilities(bytes, lambda _link: TransferId("0" * 32))
    first, second = capabilities.of("first"), capabilities.of("second")
    assert capabilities.of("first") == first
    for number in range(MOST_REMEMBERED - 1):
        capabilities.of(f"another {number}")
    assert capabilities.opened_by(first) == (TransferId("0" * 32), "first")
    assert capabilities.opened_by(second) is None


def test_words_of_two_processes_differ() -> None:
    """A word opens nothing after a restart: its key was that of the process."""
    one = Capabilities(bytes, lambda _link: TransferId("0" * 32))
    other = Capabilities(lambda size: b"\1" * size, lambda _link: TransferId("0" * 32))
    assert other.of("link") != one.of("link")
    assert other.opened_by(one.of("link")) is None


def test_half_an_ohif_is_none(tmp_path: Path) -> None:
    """A folder without style or with two scripts is not taken for an OHIF."""
    folder = an_empty_ohif(tmp_path)
    assert installed(folder).files.keys() == {"app.bundle.00ff.js", "app.bundle.css"}
    (folder / "dist" / "app.bundle.01ff.js").touch()
    with pytest.raises(NoOhif):
        installed(folder)
    with pytest.raises(NoOhif):
        installed(tmp_path / "nowhere")
