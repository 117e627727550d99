"""A real mail server: Debian's postfix, delivering everything to one maildir and nothing outside.

Its own queue, data and configuration folders; needs root, as postfix does.
"""

import contextlib
import email
import email.policy
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.parts.programs import LOOPBACK, free_port, require, running

DEADLINE = 60.0  # seconds
REFUSED = "gone@hospital.example"

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {log}
maillog_file_prefixes = /var, /tmp
myhostname = mail.hospital.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
virtual_mailbox_domains = hospital.example
virtual_mailbox_base = {folder}
virtual_mailbox_maps = static:mails/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ {refused} = 550 nobody here }} }}, reject_unauth_destination
default_transport = error:no outside delivery
relay_transport = error:no outside delivery
"""


class Postfix:
    """A running postfix; ``next_mail`` reads the maildir, oldest first."""

    def __init__(self, port: int, maildir: Path) -> None:
        self.host = LOOPBACK
        self.port = port
        self._maildir = maildir
        self._read: set[str] = set()

    def next_mail(self, deadline: float = DEADLINE) -> EmailMessage:
        """Return the next mail as delivered, with the headers postfix adds.

        Raises TimeoutError when none comes.
        """
        end = time.monotonic() + deadline
        looking = threading.Event()
        while time.monotonic() < end:
            for path in sorted(self._maildir.glob("new/*")):
                if path.name not in self._read:
                    self._read.add(path.name)
                    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                    assert isinstance(mail, EmailMessage)
                    return mail
            looking.wait(0.05)
        raise TimeoutError("no mail came")


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    """A postfix that takes mail for hospital.example, but for REFUSED."""
    program = require("postfix", "postfix")
    if os.geteuid() != 0:
        pytest.skip("postfix starts as root only")
    with tempfile.TemporaryDirectory(prefix="passbox-postfix-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        port = free_port()
        _configure(folder, port)
        with running([program, "-c", folder / "etc", "start-fg"], port, folder / "output"):
            try:
                yield Postfix(port, folder / "mails")
            finally:
                command = [str(program), "-c", str(folder / "etc"), "stop"]
                with contextlib.suppress(subprocess.TimeoutExpired):
                    subprocess.run(command, check=False, capture_output=True, timeout=30)


def _configure(folder: Path, port: int) -> None:
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    mails = folder / "mails"
    mails.mkdir()
    shutil.chown(mails, "postfix", "postfix")
    owner = mails.stat()
    (folder / "etc/main.cf").write_text(
        _MAIN.format(
            folder=folder,
            log=folder / "log",
            uid=owner.st_uid,
            gid=owner.st_gid,
            refused=REFUSED,
        )
    )
    master = Path("/usr/share/postfix/master.cf.dist").read_text()
    lines = []
    for line in master.splitlines():
        words = line.split()
        if line[:1].isalpha() and len(words) >= 8:
            words[4] = "n"  # no chroot
            if words[:2] == ["smtp", "inet"]:
                words[0] = f"{LOOPBACK}:{port}"
        lines.append(" ".join(words) if line[:1].isalpha() else line)
    (folder / "etc/master.cf").write_text("\n".join(lines) + "\n")
