"""What a worker process gives up before it reads its first foreign byte.

Memory, files and cores are limited by resource limits where the OS has them; on Linux a seccomp
filter also takes away the network, new programs and the kernel's wider doors, and Landlock the
writing to any file system. What could not be taken away is returned, so that it can be said
plainly (dicom/README.md lists it per OS). A worker that is handed its files open (handed.py) may
open none but the libraries it runs on: no key, no settings, no other patient's file. The others
must open those they are asked about, and so may read what their user may read.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_SET_MODE_FILTER: Final = 1
_SECCOMP_FILTER_FLAG_TSYNC: Final = 1
_CLONE_NEWNET: Final = 0x40000000
_CLONE_THREAD: Final = 0x00010000
_CLONE3: Final = 435

_BPF_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_BPF_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_BPF_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_BPF_HAS_BIT: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_BPF_RETURN: Final = 0x06
_KILL: Final = 0x80000000
_REFUSE: Final = 0x00050000 | errno.EPERM
_NOT_THERE: Final = 0x00050000 | errno.ENOSYS
_ALLOW: Final = 0x7FFF0000
_OFFSET_OF_NUMBER: Final = 0
_OFFSET_OF_ARCHITECTURE: Final = 4
_OFFSET_OF_ARGUMENT: Final = 16  # the first one: clone's flags, prlimit's process
_X32_BIT: Final = 0x40000000
_STEP: Final = struct.Struct("HBBI")

_ARCHITECTURES: Final[Mapping[str, int]] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP_CALL: Final[Mapping[str, int]] = {"x86_64": 317, "aarch64": 277}
_CLONE_CALL: Final[Mapping[str, int]] = {"x86_64": 56, "aarch64": 220}
_PRLIMIT_CALL: Final[Mapping[str, int]] = {"x86_64": 302, "aarch64": 261}

# Landlock, include/uapi/linux/landlock.h: the rights to change anything in a file system, by the
# version of the interface that knows them.
_LANDLOCK_CREATE: Final = 444
_LANDLOCK_ADD_RULE: Final = 445
_LANDLOCK_RESTRICT: Final = 446
_LANDLOCK_ASK_VERSION: Final = 1
_LANDLOCK_BENEATH_PATH: Final = 1
_READ: Final = 1 << 2 | 1 << 3  # read file, read folder
_BENEATH: Final = struct.Struct("=Qi")  # struct landlock_path_beneath_attr, packed
_LIBRARIES: Final = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache", "/dev/null")
_CHANGE_FROM_1: Final = 0b1_1111_1111_0010  # write file; remove and make of every kind
_CHANGE_FROM_2: Final = 1 << 13  # move or link elsewhere
_CHANGE_FROM_3: Final = 1 << 14  # truncate

# Numbers from the kernel's syscall tables (arch/x86/entry/syscalls, include/uapi/asm-generic).
_REFUSED: Final[Mapping[str, Sequence[int]]] = {
    "x86_64": (
        41, 42, 43, 49, 50, 53, 288,  # socket, connect, accept, bind, listen, socketpair, accept4
        44, 46, 307,  # sendto, sendmsg, sendmmsg
        425, 426, 427,  # io_uring_setup, _enter, _register: the same by another door
        57, 58, 59, 322,  # fork, vfork, execve, execveat; clone is looked at by its flags
        62, 200, 234, 424,  # kill, tkill, tgkill, pidfd_send_signal
        129, 297,  # rt_sigqueueinfo, rt_tgsigqueueinfo: signals by another door
        101, 310, 311,  # ptrace, process_vm_readv, process_vm_writev
        248, 249, 250,  # add_key, request_key, keyctl
        298, 321, 323,  # perf_event_open, bpf, userfaultfd
        155, 161, 165, 166, 272, 308,  # pivot_root, chroot, mount, umount2, unshare, setns
        175, 313, 246, 320,  # init_module, finit_module, kexec_load, kexec_file_load
    ),
    "aarch64": (
        198, 203, 202, 200, 201, 199, 242,
        206, 211, 269,
        425, 426, 427,
        221, 281,
        129, 130, 131, 424,
        138, 240,
        117, 270, 271,
        217, 218, 219,
        241, 280, 282,
        41, 51, 40, 39, 97, 268,
        105, 273, 104, 294,
    ),
}  # fmt: skip


def confine(memory_bytes: int, open_files: int, *, may_open: bool = True) -> tuple[str, ...]:
    """Give up what a worker does not need; return the names of what could not be given up.

    ``memory_bytes`` is how large the process may become in memory; what its libraries merely map
    does not count. Unless it ``may_open`` files, those of its libraries are all it can open.
    """
    missing = []
    if not _limit_resources(memory_bytes, open_files):
        missing.append("resource_limits")
    if platform.system() != "Linux":
        reading = () if may_open else ("no_reading",)
        return (*missing, "no_network", "no_new_programs", "no_writing", *reading)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if not _close_file_systems(libc, may_open=may_open):
        missing += ["no_writing"] if may_open else ["no_writing", "no_reading"]
    if not _forbid_calls(libc):
        missing += ["no_network", "no_new_programs"]
    return tuple(missing)


def _limit_resources(memory_bytes: int, open_files: int) -> bool:
    try:
        import resource
    except ImportError:  # Windows
        return False
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
    if platform.system() != "Linux":  # macOS takes the number and does not keep to it
        return False
    mapped, resident = _memory_now()
    address_space = max(mapped - resident, 0) + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    return True


def _memory_now() -> tuple[int, int]:
    """Return the bytes this process has mapped and has resident."""
    page = os.sysconf("SC_PAGE_SIZE")
    mapped, resident = Path("/proc/self/statm").read_text().split()[:2]
    return int(mapped) * page, int(resident) * page


def _close_file_systems(libc: ctypes.CDLL, *, may_open: bool) -> bool:
    """Let no file be changed, nor opened unless it may be (Landlock); return whether it holds."""
    create, restrict = ctypes.c_long(_LANDLOCK_CREATE), ctypes.c_long(_LANDLOCK_RESTRICT)
    version = libc.syscall(create, None, ctypes.c_size_t(0), ctypes.c_uint(_LANDLOCK_ASK_VERSION))
    if version < 1:
        return False
    rights = _CHANGE_FROM_1
    rights |= _CHANGE_FROM_2 if version >= 2 else 0  # noqa: PLR2004 - see the names
    rights |= _CHANGE_FROM_3 if version >= 3 else 0  # noqa: PLR2004 - see the names
    rights |= 0 if may_open else _READ
    handled = ctypes.c_uint64(rights)
    rules = libc.syscall(create, ctypes.byref(handled), ctypes.c_size_t(8), ctypes.c_uint(0))
    if rules < 0:
        return False
    if not may_open:
        _allow_libraries(libc, rules)
    done: int = libc.syscall(restrict, ctypes.c_int(rules), ctypes.c_uint(0))
    os.close(rules)
    return done == 0


def _allow_libraries(libc: ctypes.CDLL, rules: int) -> None:
    """Let what Python runs on be read: modules are imported late, codecs for one."""
    for path in {*sys.path, sys.prefix, sys.base_prefix, *_LIBRARIES} - {"", "/"}:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # not on this machine
        rights = _READ if Path(path).is_dir() else _READ & ~(1 << 3)
        rule = ctypes.create_string_buffer(_BENEATH.pack(rights, descriptor), _BENEATH.size)
        number, kind = ctypes.c_long(_LANDLOCK_ADD_RULE), ctypes.c_int(_LANDLOCK_BENEATH_PATH)
        libc.syscall(number, ctypes.c_int(rules), kind, rule, ctypes.c_uint(0))
        os.close(descriptor)


class _Filter(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))


def _forbid_calls(libc: ctypes.CDLL) -> bool:
    """Install the seccomp filter for all threads; return whether it holds."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        return False
    libc.unshare(_CLONE_NEWNET)  # a second lock where we may; the filter is the first
    program = _program(machine)
    text = ctypes.create_string_buffer(program, len(program))
    filter_ = _Filter(len(program) // _STEP.size, ctypes.cast(text, ctypes.c_void_p))
    # TSYNC: threads a library has started before are bound as well.
    done: int = libc.syscall(
        ctypes.c_long(_SECCOMP_CALL[machine]),
        ctypes.c_long(_SECCOMP_SET_MODE_FILTER),
        ctypes.c_long(_SECCOMP_FILTER_FLAG_TSYNC),
        ctypes.byref(filter_),
    )
    return done == 0


def _program(machine: str) -> bytes:
    """Return the BPF program: new processes and the listed calls are refused, the rest allowed.

    Each step is (operation, steps to skip if true, if false, operand).
    """
    refused = _REFUSED[machine]
    steps = [
        (_BPF_LOAD, 0, 0, _OFFSET_OF_ARCHITECTURE),
        (_BPF_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_BPF_RETURN, 0, 0, _KILL),
        (_BPF_LOAD, 0, 0, _OFFSET_OF_NUMBER),
        # A filter cannot look behind clone3's pointer; without it libraries use clone.
        (_BPF_EQUAL, 0, 1, _CLONE3),
        (_BPF_RETURN, 0, 0, _NOT_THERE),
        (_BPF_EQUAL, 0, 4, _CLONE_CALL[machine]),
        (_BPF_LOAD, 0, 0, _OFFSET_OF_ARGUMENT),
        (_BPF_HAS_BIT, 0, 1, _CLONE_THREAD),
        (_BPF_RETURN, 0, 0, _ALLOW),
        (_BPF_RETURN, 0, 0, _REFUSE),
        # The C library reads its own limits so; those of the parent are not ours to set.
        (_BPF_EQUAL, 0, 4, _PRLIMIT_CALL[machine]),
        (_BPF_LOAD, 0, 0, _OFFSET_OF_ARGUMENT),
        (_BPF_EQUAL, 0, 1, 0),
        (_BPF_RETURN, 0, 0, _ALLOW),
        (_BPF_RETURN, 0, 0, _REFUSE),
        (_BPF_AT_LEAST, len(refused) + 1, 0, _X32_BIT),
    ]
    steps += [(_BPF_EQUAL, len(refused) - i, 0, number) for i, number in enumerate(refused)]
    steps += [(_BPF_RETURN, 0, 0, _ALLOW), (_BPF_RETURN, 0, 0, _REFUSE)]
    return b"".join(_STEP.pack(*step) for step in steps)
