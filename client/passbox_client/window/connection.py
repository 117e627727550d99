"""The way to the hospital: as the system says, without a proxy, or through one. Pure.

Nothing of it changes whom the program believes: the pins hold behind every proxy.
"""

from dataclasses import dataclass
from enum import StrEnum

from passbox_client.errors import UsageRefused
from passbox_client.proxies import DIRECT, parse_proxy


class By(StrEnum):
    """Who says how."""

    SYSTEM = "system"
    DIRECT = "direct"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Connection:
    """What was chosen; ``address`` as typed, ``remember`` keeps both on this computer."""

    by: By = By.SYSTEM
    address: str = ""
    remember: bool = False

    @property
    def wanted(self) -> str | None:
        """What proxies.ProxyChoice takes."""
        return {By.SYSTEM: None, By.DIRECT: DIRECT, By.ADDRESS: self.address}[self.by]

    @property
    def trouble(self) -> UsageRefused | None:
        """Why it cannot be used, None when it can."""
        if self.by is By.ADDRESS:
            try:
                parse_proxy(self.address)
            except UsageRefused as error:
                return error
        return None
