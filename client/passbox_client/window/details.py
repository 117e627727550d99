"""What a technician asks about a trouble, as lines to copy and paste. Pure.

The rule: nothing of patient or sender, no file name, no receipt code (it opens the report), no
password of a proxy. The words are the same in every language: a help desk searches for them.
"""

from collections.abc import Iterator

from passbox_client.proxies import shown_proxy
from passbox_client.window.connection import By, Connection
from passbox_client.window.state import WindowState, sentence_of

_MOST_CAUSES = 5
_FACTS = ("issuer", "proxy")
"""Of an error's facts those that name machines, never people."""


def details_of(state: WindowState, trouble: Exception, program: str) -> str:
    """Return the lines; ``program`` is what runs here, and on what."""
    return "\n".join(f"{name}: {value}" for name, value in _lines(state, trouble, program) if value)


def _lines(state: WindowState, trouble: Exception, program: str) -> Iterator[tuple[str, str]]:
    yield "program", program
    at = state.trouble_at
    yield "time", at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else ""
    yield "page", state.page.value
    yield "code", sentence_of(trouble, state.language).code
    yield "error", " < ".join(_causes(trouble))
    facts = getattr(trouble, "facts", {})
    for name in _FACTS:
        yield name, str(facts.get(name, ""))
    if state.card is not None:
        yield "server", state.card.profile.url
        yield "address file", f"serial {state.card.profile.serial}, {state.card.fingerprint}"
    yield "connection", _way(state.connection)
    if state.result is not None:
        yield "transfer", str(state.result.transfer)
        yield "phone code", state.result.phone_code or ""
    pulse = state.pulse
    if pulse.bytes_total:
        yield "held", f"{pulse.images}/{pulse.images_total}, {pulse.bytes}/{pulse.bytes_total} B"


def _causes(error: BaseException) -> Iterator[str]:
    """Yield the kinds of errors, the outermost first; their texts may hold names of files."""
    cause: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if cause is None:
            return
        number = getattr(cause, "errno", None)
        yield type(cause).__name__ + (f" {number}" if isinstance(number, int) else "")
        cause = cause.__cause__ or cause.__context__


def _way(connection: Connection) -> str:
    known = connection.by is By.ADDRESS and connection.trouble is None
    return f"proxy {shown_proxy(connection.address)}" if known else connection.by.value
