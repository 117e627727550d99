"""Words of senders that want to become a link, a header or another recipient."""

import itertools
from collections.abc import Iterator

_PLACES = (
    "https://evil.example/login",
    "http://evil.example",
    "www.evil.example",
    "evil.example/a",
    "//evil.example",
    "mailto:eve@evil.example",
    "eve@evil.example",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file://evil.example/share",
    "\\\\evil.example\\share",
    "tel:+49900123456",
    "xn--evl-cla.example",
)
_DRESSES = (
    "{}",
    "<a href='{}'>Klinik</a>",
    '"><img src={}>',
    "[Bilder]({})",
    "Dr. Eve <{}>",
    "\u202e{}\u202c",
    "\u2066{}\u2069 Müller",
    "Müller\u200b {}",
    "\x1b]8;;{}\x1b\\click\x1b]8;;\x1b\\",
    "Bitte anmelden: {} danke",
    "{{link}} {{0.__class__}} %s {}",
    "Doe^John^^{}",
    "\t{}",
)
_TAILS = ("", " ", "/", "?x=1", "#a")
_LINE_ENDS = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\r\n\r\n", "\0\n")
_HEADERS = (
    "Bcc: eve@evil.example",
    "Cc: eve@evil.example",
    "To: eve@evil.example",
    "Reply-To: eve@evil.example",
    "From: boss@hospital.example",
    "Subject: other",
    "Content-Type: text/html",
    "X-Evil: 1",
    "RCPT TO:<eve@evil.example>",
    ".\r\nMAIL FROM:<eve@evil.example>",
)
_STARTS = ("", "a", "Müller", "mri@hospital.example", "=?utf-8?q?a?=", "\u202e", "a" * 75, "ß" * 40)
_ENDS = ("", "\r\n", " ", "\r\n\r\nbody")


def hostile_names(count: int = 500) -> list[str]:
    """Return as many different names."""
    combined = itertools.product(_TAILS, _PLACES, _DRESSES)
    return list(itertools.islice((dress.format(p + t) for t, p, dress in combined), count))


def injections(count: int = 1000) -> Iterator[str]:
    """Yield as many different texts that try to end a header and begin another."""
    combined = itertools.product(_ENDS, _STARTS, _LINE_ENDS, _HEADERS)
    return itertools.islice((s + end + header + e for e, s, end, header in combined), count)
