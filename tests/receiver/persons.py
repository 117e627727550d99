"""An administrator who says who he is, and senders beside the first."""

from typing import TypedDict

from tests.builders.receiver import House
from tests.builders.sender_outside import Sender


class Who(TypedDict):
    """Author and reason, as every change of a rule wants them."""

    author: str
    reason: str


WHO = Who(author="anna", reason="test")


def someone(house: House, name: str, address: str = "192.0.2.7") -> Sender:
    """Return another sender."""
    return Sender(house.public(address), house, name=name)
