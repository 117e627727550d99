"""Who asks for a page, and whether a form is one of ours.

The rule: a person is the user the house's proxy vouches for, else the holder of a link; where a
login is required nobody else gets further. A form carries a token made for its page by this process
and comes, by the browser's own word, from our origin.
"""

import hmac
import secrets
from typing import Final

from fastapi import Request, Response

from passbox_viewer.login import user_of
from passbox_viewer.page import render_message
from passbox_viewer.settings import Hospital, Login
from passbox_viewer.texts import Texts, chosen_language
from passbox_viewer.transfer import LINK_HOLDER

HTML: Final = "text/html; charset=utf-8"


class NoSuchPage(Exception):
    """Nothing is at this address for whoever asks."""


class NobodyLoggedIn(Exception):
    """The house wants to know who looks, and its proxy has not said it."""


class Visitors:
    """The visitors of one process's pages."""

    def __init__(self, login: Login, hospital: Hospital) -> None:
        self._login = login
        self._hospital = hospital
        self._csrf_key = secrets.token_bytes(32)

    def author(self, request: Request) -> str:
        """Return who acts, for the audit; raise NobodyLoggedIn."""
        user = self.user(request)
        if user is None and self._login.required:
            raise NobodyLoggedIn
        return LINK_HOLDER if user is None else user

    def user(self, request: Request) -> str | None:
        """Return whom the house's proxy vouches for, if it does."""
        return user_of(request, self._login)

    def csrf(self, page: str) -> str:
        """Return the token that forms of a page carry."""
        return hmac.digest(self._csrf_key, f"form {page}".encode(), "sha256").hex()

    def sent_by(self, request: Request, page: str, csrf: str) -> bool:
        """Return whether a form was sent from our own page."""
        return is_same_origin(request) and hmac.compare_digest(
            csrf.encode(), self.csrf(page).encode()
        )

    def message(self, t: Texts, title: str, body: str, status: int) -> Response:
        """Return a page with one message; ``title`` and ``body`` are keys of texts."""
        return html(render_message(t, self._hospital, t(title), t(body)), status)


def is_same_origin(request: Request) -> bool:
    """Return whether the browser says so; a foreign page cannot change what browsers say."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def texts_of(request: Request, lang: str | None) -> Texts:
    """Return the words of the language that is asked for, else of the browser's."""
    return Texts(chosen_language(lang, request.headers.get("Accept-Language", "")))


def html(body: str, status: int = 200) -> Response:
    """Return a page."""
    return Response(body, status_code=status, media_type=HTML)
