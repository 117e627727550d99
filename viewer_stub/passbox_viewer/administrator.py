"""The one local administrator of the pages: password, sessions, and patience with guesses.

The rule: a session is 256 random bits in the browser and a hash in this process's memory; it ends
after half an hour without use, after eight hours, with a new password, and with this process. Five
wrong passwords of one address in a quarter of an hour end its guesses for the rest of it, and fifty
of all addresses those of everybody: the command line still sets a new password, which forgives.
Without a password that was set nobody gets in.
"""

import hmac
import secrets
import threading
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Final

import sqlalchemy as sa

from passbox_base.clocks import Clock
from passbox_base.ledger import reading
from passbox_viewer import links, passwords
from passbox_viewer.tables import ADMIN

NAME: Final = "admin"
IDLE_SECONDS: Final = 30 * 60
WHOLE_SECONDS: Final = 8 * 60 * 60
GUESS_SECONDS: Final = 15 * 60
MOST_GUESSES: Final = 5
MOST_GUESSES_OF_ALL: Final = 50
_TOKEN_BYTES: Final = 32
_ROW: Final = 1


class NoEntry(Enum):
    """Why nobody was let in."""

    WRONG = "wrong password"
    TOO_MANY = "too many guesses"


@dataclass(slots=True)
class Session:
    """One browser that is logged in; times by the monotonic clock, in seconds."""

    csrf: str
    started: float
    used: float


class Administrator:
    """May be shared by threads."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[bytes, Session] = {}
        self._guesses: deque[tuple[float, str]] = deque(maxlen=MOST_GUESSES_OF_ALL)

    def set_password(self, kept_hash: str) -> None:
        """Keep a new password's hash; every session ends."""
        now = int(self._clock.now().timestamp())
        with self._engine.begin() as connection:
            connection.execute(sa.delete(ADMIN))
            connection.execute(
                sa.insert(ADMIN).values(id=_ROW, password_hash=kept_hash, changed=now)
            )
        with self._lock:
            self._sessions.clear()
            self._guesses.clear()

    @property
    def has_password(self) -> bool:
        """Whether a password was ever set."""
        with reading(self._engine) as connection:
            return connection.scalar(sa.select(ADMIN.c.id)) is not None

    def log_in(self, untrusted_password: str, source: str) -> str | NoEntry:
        """Return a new session's token; ``source`` is the address that asks."""
        if not self._may_guess(source):
            return NoEntry.TOO_MANY
        with reading(self._engine) as connection:
            kept = connection.scalar(sa.select(ADMIN.c.password_hash))
        if kept is None or not passwords.matches(kept, untrusted_password):
            return NoEntry.WRONG
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._clock.monotonic()
        with self._lock:
            self._guesses = deque(
                (guess for guess in self._guesses if guess[1] != source),
                maxlen=MOST_GUESSES_OF_ALL,
            )
            self._sessions[links.hash_of(token)] = Session(secrets.token_hex(16), now, now)
        return token

    def session(self, untrusted_token: str | None) -> Session | None:
        """Return the session of a token and mark it used, None for any other token."""
        if untrusted_token is None:
            return None
        now, key = self._clock.monotonic(), links.hash_of(untrusted_token)
        with self._lock:
            found = self._sessions.get(key)
            if found is None:
                return None
            if now - found.used > IDLE_SECONDS or now - found.started > WHOLE_SECONDS:
                del self._sessions[key]
                return None
            found.used = now
            return found

    def log_out(self, untrusted_token: str | None) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(links.hash_of(untrusted_token or ""), None)

    def _may_guess(self, source: str) -> bool:
        """Count a guess before it is looked at: many at once are as many."""
        now = self._clock.monotonic()
        with self._lock:
            while self._guesses and now - self._guesses[0][0] > GUESS_SECONDS:
                self._guesses.popleft()
            own = sum(1 for _, who in self._guesses if who == source)
            if own >= MOST_GUESSES or len(self._guesses) >= MOST_GUESSES_OF_ALL:
                return False
            self._guesses.append((now, source))
            return True


def same(one: str, other: str) -> bool:
    """Compare two tokens of ours without telling by time where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
