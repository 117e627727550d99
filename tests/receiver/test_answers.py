"""What everybody gets who asks for something else."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from passbox_base.errors import SettingsError
from passbox_receiver.public_app import create_public_app
from passbox_receiver.tables import metadata
from passbox_wire import routes
from passbox_wire.problems import CONTENT_TYPE, parse_problem
from tests.builders.answers import problem_in
from tests.builders.receiver import House, an_open_receiver

pytestmark = pytest.mark.anyio


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """Open a ledger as the migrations made it."""
    with an_open_receiver(tmp_path):
        pass
    made = sa.create_engine(f"sqlite:///{tmp_path / 'store' / 'ledger.sqlite3'}")
    yield made
    made.dispose()


async def test_the_migrations_make_the_tables(engine: sa.Engine) -> None:
    """tables.py and the revisions say the same."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    assert differences == []


@pytest.mark.parametrize(
    "path", ["/v1", "/docs", "/redoc", "/openapi.json", "/admin", "/healthz", "/inner/v1/work"]
)
async def test_there_is_nothing_else(house: House, path: str) -> None:
    """The public side has no document, no admin page and none of the inner routes."""
    answer = await house.public().get(path)
    assert problem_in(answer) == "not_found"
    assert answer.headers["Content-Type"] == CONTENT_TYPE


@pytest.mark.parametrize("path", [routes.STATUS, "/", routes.RECEIPT])
async def test_other_methods_are_refused(house: House, path: str) -> None:
    """A method a route does not have gets `wrong_method`."""
    assert problem_in(await house.public().delete(path)) == "wrong_method"


async def test_the_page_says_what_this_is(house: House) -> None:
    """The one page is in the reader's language, without script, and repeats nothing."""
    client = house.public()
    german = await client.get("/", headers={"Accept-Language": "de-DE,de;q=0.9"})
    english = await client.get("/?lang=en&x=<b>", headers={"Accept-Language": "de"})
    assert 'lang="de"' in german.text
    assert 'lang="en"' in english.text
    assert "<script" not in german.text
    assert "<b>" not in english.text
    assert german.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_the_page_leads_to_the_hospitals_own_site(tmp_path: Path) -> None:
    """Where a download site is set the page names it, in both languages; it asks for nothing."""
    site = "https://hospital.example/passbox?a=1&b='2'"
    toml = f'clients.download = "{site}"'
    with an_open_receiver(tmp_path, toml=toml) as house:
        for language in ("de", "en"):
            text = (await house.public().get(f"/?lang={language}")).text
            assert f'href="{escape(site)}"' in text
            assert not re.search("<(form|input|script)|code", text, re.IGNORECASE)


@pytest.mark.parametrize("site", ["javascript:alert(1)", "https://a b", "ftp://x", "https://"])
def test_a_download_site_is_an_address(tmp_path: Path, site: str) -> None:
    """What is no http address is a fault of the settings."""
    toml = f'clients.download = "{site}"'
    with pytest.raises(SettingsError), an_open_receiver(tmp_path, toml=toml):
        pass


async def test_a_fault_of_ours_says_nothing(house: House) -> None:
    """An error nobody foresaw is answered `internal`, without a word about what it was."""
    house.receiver.ledger.close()
    (house.receiver.settings.store.folder / "ledger.sqlite3").write_bytes(b"no database" * 1000)
    answer = await house.public().get(routes.STATUS)
    assert problem_in(answer) == "internal"
    assert parse_problem(answer.content).text is None


async def test_the_interface_can_be_described(house: House) -> None:
    """The document about the interface is there for tests, though it is served to nobody."""
    paths = create_public_app(house.receiver).openapi()["paths"]
    assert set(paths) == {
        "/", routes.STATUS, routes.TRANSFER, routes.PACKS, routes.PACK, routes.CLOSE,
        routes.CANCEL, routes.RECEIPT,
    }  # fmt: skip
