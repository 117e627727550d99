"""The study page's way to OHIF: an address that holds a word instead of the link."""

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from passbox_viewer import dicomweb, index
from passbox_viewer.dicomweb_app import Images
from passbox_wire.ids import TransferId


class Door:
    """Knows where OHIF's origin is, and has headers read before they are asked for."""

    def __init__(self, images: Images, base_url: str) -> None:
        """``base_url`` is how browsers reach that origin."""
        self._images = images
        self._base_url = base_url.rstrip("/")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="headers")
        self._begun: set[TransferId] = set()
        self._ending = threading.Event()

    def address(self, link: str, study: str, series: str, language: str) -> str:
        """Return where OHIF shows a series of what this link opens."""
        word = self._images.capabilities.of(link)
        query = {"study": study, "series": series, "lang": language}
        return f"{self._base_url}/o/{word}?{urlencode(query)}"

    def read_ahead(self, transfer: TransferId) -> None:
        """Have headers read while a person looks at the study page; returns at once."""
        if transfer not in self._begun:
            self._begun.add(transfer)
            self._reader.submit(self._read, transfer)

    def close(self) -> None:
        """End after the instance at hand."""
        self._ending.set()
        self._reader.shutdown(cancel_futures=True)

    def _read(self, transfer: TransferId) -> None:
        for row, facts in dicomweb.shown(index.instances(self._images.engine, transfer)):
            if self._ending.is_set():
                return
            self._images.web_images.attributes(row, facts)
