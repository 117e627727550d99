"""The one page of the public side, for people whose browser came here: what this is, no more.

The rule: fixed text, no script, no form, nothing of the request in it but the choice of language.
It leads to the hospital's own download site, which is another machine: what is taken over here
cannot hand out programs. It asks for no receipt code, and nobody should type one into it.
"""

from html import escape
from string import Template
from typing import Final

from fastapi import Response

_TEXTS: Final = {
    "en": (
        "Passbox receiver",
        "This machine takes in sealed medical images for a hospital.",
        (
            "It cannot read them. To send a disc, use the Passbox program and the address file "
            "(.passbox) that the hospital gave you. There is nothing to log in to here."
        ),
        "Program and address file are on the hospital's own site:",
    ),
    "de": (
        "Passbox-Empfänger",
        "Dieser Rechner nimmt versiegelte medizinische Bilder für ein Krankenhaus an.",
        (
            "Er kann sie nicht lesen. Zum Senden brauchen Sie das Programm Passbox und die "
            "Adressdatei (.passbox) des Krankenhauses. Eine Anmeldung gibt es nicht."
        ),
        "Programm und Adressdatei gibt es auf der Seite des Krankenhauses:",
    ),
}

_PAGE: Final = Template(
    "<!doctype html>\n"
    '<html lang="$language"><head><meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width">\n'
    "<title>$title</title></head>\n"
    "<body><h1>$title</h1><p>$first</p><p>$second</p>$link\n"
    '<p><a href="/?lang=$other">$name</a></p>\n'
    "</body></html>\n"
)
_OTHER: Final = {"en": ("de", "Deutsch"), "de": ("en", "English")}

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def language_of(untrusted_query: str | None, untrusted_header: str) -> str:
    """Return "de" or "en": the query's choice, else the browser's first, else English."""
    if untrusted_query in _TEXTS:
        return untrusted_query
    return "de" if untrusted_header.strip().lower().startswith("de") else "en"


def page(language: str, download: str | None) -> Response:
    """Return the page in "de" or "en"; ``download``: where the hospital offers the program."""
    title, first, second, where = _TEXTS[language]
    other, name = _OTHER[language]
    address = escape(download or "", quote=True)
    link = f'<p>{where} <a rel="noreferrer" href="{address}">{address}</a></p>' if address else ""
    text = _PAGE.substitute(
        language=language,
        title=title,
        first=first,
        second=second,
        link=link,
        other=other,
        name=name,
    )
    return Response(text, headers=HEADERS, media_type="text/html")
