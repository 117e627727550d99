"""What opens a transfer to the web viewer: derived from a link, and no stronger or longer than it.

The viewer's origin runs foreign script. It gets a word that opens one transfer's DICOMweb and no
page, no button: an HMAC of the link under a key of this process. Each use asks again whether the
link still opens anything, so its end is the word's end. A restart forgets all words; the study
page gives the next one.
"""

import base64
import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from passbox_wire.ids import TransferId

MOST_REMEMBERED: Final = 4096
"""Words in use at once; the one unused for longest goes first."""
_KEY_BYTES: Final = 32
_WORD_BYTES: Final = 16


class Capabilities:
    """The words in use. May be shared by threads."""

    def __init__(
        self, entropy: Callable[[int], bytes], opened_by: Callable[[str], TransferId | None]
    ) -> None:
        """``opened_by`` says which transfer a link opens, None when none."""
        self._key = entropy(_KEY_BYTES)
        self._opened_by = opened_by
        self._lock = threading.Lock()
        self._links: OrderedDict[str, str] = OrderedDict()

    def of(self, link: str) -> str:
        """Return the word of a link that opens something; the same one each time."""
        digest = hmac.digest(self._key, link.encode(), "sha256")[:_WORD_BYTES]
        word = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        with self._lock:
            self._links[word] = link
            self._links.move_to_end(word)
            while len(self._links) > MOST_REMEMBERED:
                self._links.popitem(last=False)
        return word

    def opened_by(self, untrusted_word: str) -> tuple[TransferId, str] | None:
        """Return the transfer a word opens, and its link; None for an unknown or ended one."""
        with self._lock:
            link = self._links.get(untrusted_word)
            if link is None:
                return None
            self._links.move_to_end(untrusted_word)
        transfer = self._opened_by(link)
        return None if transfer is None else (transfer, link)
