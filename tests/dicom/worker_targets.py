"""Targets that behave badly, each in one way; loaded by real workers."""

import ctypes
import os
import platform
import resource
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from passbox_dicom.check import check_file
from passbox_dicom.handed import opened
from passbox_wire.canonical import Json

Message = dict[str, Json]


def echo(request: Message) -> Message:
    """Answer with the request."""
    return request


def loop(request: Message) -> Message:
    """Use processor time for ever."""
    if request.get("well"):
        return {"well": True}
    while True:
        pass


def sleep(request: Message) -> Message:
    """Wait for ever without using anything."""
    time.sleep(3600)
    return {}


def balloon(request: Message) -> Message:
    """Take memory until there is none."""
    if request.get("well"):
        return {"well": True}
    pages = []
    while True:
        pages.append(bytearray(8 * 1024 * 1024))


def crash(request: Message) -> Message:
    """Read address 0."""
    if request.get("well"):
        return {"well": True}
    ctypes.string_at(0)
    return {}


def leave(request: Message) -> Message:
    """End without an answer."""
    os._exit(3)


def connect(request: Message) -> Message:
    """Try to open sockets of every family."""
    tried: Message = {}
    for name, family in (
        ("inet", socket.AF_INET),
        ("inet6", socket.AF_INET6),
        ("unix", socket.AF_UNIX),
    ):
        try:
            socket.socket(family, socket.SOCK_STREAM).close()
            tried[name] = "open"
        except OSError as error:
            tried[name] = error.errno
    return tried


def start_programs(request: Message) -> Message:
    """Try to run a program and to fork."""
    tried: Message = {}
    try:
        subprocess.run([sys.executable, "-c", ""], check=False)
        tried["run"] = "started"
    except OSError as error:
        tried["run"] = error.errno
    try:
        if (child := os.fork()) == 0:
            os._exit(0)
        tried["fork"] = child
    except OSError as error:
        tried["fork"] = error.errno
    return tried


def reach_parent(request: Message) -> Message:
    """Try to signal the parent by every call that can, and to change its limits."""
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = {"x86_64": (62, 129, 297, 424), "aarch64": (129, 138, 240, 424)}
    parent, about = os.getppid(), struct.pack("iii116x", 0, 0, -1)
    ours = [ctypes.c_long(number) for number in numbers[platform.machine()]]
    tried: Message = {
        "kill": libc.syscall(ours[0], parent, 0),
        "sigqueue": libc.syscall(ours[1], parent, 0, about),
        "tgsigqueue": libc.syscall(ours[2], parent, parent, 0, about),
    }
    try:
        resource.prlimit(parent, resource.RLIMIT_CORE)
        tried["prlimit"] = 0
    except PermissionError:
        tried["prlimit"] = -1
    return tried | {"own limits": resource.getrlimit(resource.RLIMIT_CORE)[0]}


def write(request: Message) -> Message:
    """Try to create a file."""
    tried: Message = {}
    path = Path(str(request["path"]))
    try:
        path.write_text("x")
        tried["written"] = True
    except OSError as error:
        tried["written"] = error.errno
    return tried


def shout(request: Message) -> Message:
    """Answer with as many characters as asked."""
    return {"text": "x" * int(str(request["length"]))}


def garble(request: Message) -> Message:
    """Write what is no message into every pipe that is open."""
    for number in range(3, 64):
        try:
            os.write(number, b"\x00\x00\x00\x05hello")
        except OSError:
            continue
    os._exit(0)


def nest(request: Message) -> Message:
    """Answer with JSON nested so deep that a parser gives up."""
    deep = b"[" * 200_000 + b"]" * 200_000
    for number in range(3, 64):
        try:
            os.write(number, len(deep).to_bytes(4, "big") + deep)
        except OSError:
            continue
    os._exit(0)


def print_a_lot(request: Message) -> Message:
    """Print where the answer would go."""
    sys.stdout.write("noise\n" * 1000)
    sys.stdout.flush()
    os.write(1, b"noise")
    os.write(2, b"noise")
    return {"well": True}


def fail(request: Message) -> Message:
    """Raise with foreign text in the message."""
    raise ValueError("Patient^Name must not be told")


def environment(request: Message) -> Message:
    """Tell the names in the environment."""
    return {"names": list(os.environ)}


def look_around(request: Message) -> Message:
    """Read the file that was handed over, and try others by name."""
    with opened(request) as file:
        found: Message = {"handed": file.read().decode()}
    tried = {**dict.fromkeys(str(request["others"]).split("|"), "r")}
    tried |= {f"/proc/{os.getppid()}/{name}": "r" for name in ("mem", "environ", "maps")}
    for path in tried:
        try:
            os.close(os.open(path, os.O_RDONLY))
        except OSError as error:
            found[path] = error.errno
        else:
            found[path] = 0
    for folder in (Path(path).parent for path in str(request["others"]).split("|")):
        try:
            found[str(folder)] = len(list(folder.iterdir()))
        except OSError as error:
            found[str(folder)] = -(error.errno or 1)
    import encodings.iso2022_jp  # a library that is imported late

    found["late"] = "日本".encode(encodings.iso2022_jp.getregentry().name).hex()
    return found


def measured_check(request: Message) -> Message:
    """Check a file as the poller has it checked, and tell what that cost."""
    checked = check_file(request)
    return {
        "structure": checked["structure"],
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "processor_ms": int(1000 * time.process_time()),
    }
