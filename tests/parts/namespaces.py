"""Network namespaces joined by cables: machines of one test, with the kernel's own firewall."""

import contextlib
import ctypes
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import pytest

ResultT = TypeVar("ResultT")

_NEW_NETWORK: Final = 0x40000000  # CLONE_NEWNET of setns(2)


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@dataclass(frozen=True)
class Machine:
    """One namespace; ``name`` is what `ip netns` calls it."""

    name: str

    def command(self, *words: str) -> list[str]:
        """Return the words that run a program on this machine."""
        return ["ip", "netns", "exec", self.name, *words]

    def load(self, rules: Path) -> None:
        """Load a firewall."""
        _run(*self.command("nft", "-f", str(rules)))

    def rules(self) -> str:
        """Return the whole rule table, without counts."""
        return _run(*self.command("nft", "-s", "list", "ruleset"))

    def counted(self, comment: str) -> int:
        """Return the packets a rule has counted."""
        listed = _run(*self.command("nft", "list", "ruleset"))
        found = re.search(rf'counter packets (\d+) bytes \d+ (?:drop )?comment "{comment}"', listed)
        assert found is not None
        return int(found[1])

    def do(self, work: Callable[[], ResultT]) -> ResultT:
        """Run ``work`` in a thread whose sockets are this machine's."""
        results: list[ResultT] = []

        def run() -> None:
            with Path("/run/netns", self.name).open() as place:
                if ctypes.CDLL(None, use_errno=True).setns(place.fileno(), _NEW_NETWORK):
                    raise OSError(ctypes.get_errno(), "setns")
            results.append(work())

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return results[0]


@contextlib.contextmanager
def machines(*names: str) -> Iterator[list[Machine]]:
    """Make machines without cables; skips where that cannot be."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "nft"))):
        pytest.skip("needs root, iproute2 and nftables")
    made = [Machine(f"passbox-{name}-{os.getpid()}") for name in names]
    with contextlib.ExitStack() as closing:
        for machine in made:
            _run("ip", "netns", "add", machine.name)
            closing.callback(_run, "ip", "netns", "del", machine.name)
            _run("ip", "-n", machine.name, "link", "set", "lo", "up")
        yield made


def cable(one: Machine, one_end: str, other: Machine, other_end: str, network: str) -> None:
    """Join two machines: ``one`` gets .1, ``other`` .2 of ``network`` ("10.9.0")."""
    ends = [("netns", one.name, one_end), ("netns", other.name, other_end)]
    first = ["ip", "link", "add", one_end, "netns", one.name, "type", "veth"]
    _run(*first, "peer", "name", other_end, "netns", other.name)
    for host, (_, name, end) in enumerate(ends, 1):
        _run("ip", "-n", name, "address", "add", f"{network}.{host}/24", "dev", end)
        _run("ip", "-n", name, "link", "set", end, "up")
