"""Who asks, where the hospital's own proxy in front of the pages says so in a header.

The rule: the header counts only on connections that come from a configured proxy, once, and short;
from anywhere else it is not even looked at. The proxy must take it away from what browsers send.
It opens nothing: a link does. It says who acted, and where ``required`` nobody acts without.
"""

import ipaddress
import re
from typing import Final

from fastapi import Request

from passbox_viewer.settings import Login

MAX_NAME: Final = 64
_NAME: Final = re.compile(r"[A-Za-z0-9._@\\+-]{1,64}\Z")
"""What user names look like: UPN, sAMAccountName, DOMAIN\\name."""


def user_of(request: Request, login: Login) -> str | None:
    """Return the user the proxy vouches for, None for anybody else."""
    if not login.header or not _comes_from(request, login):
        return None
    said = request.headers.getlist(login.header)
    return said[0] if len(said) == 1 and _NAME.match(said[0]) else None


def _comes_from(request: Request, login: Login) -> bool:
    if request.client is None:
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in login.proxies)
