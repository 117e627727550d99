"""Log lines that cannot carry a patient.

Why here: one choke point for what every program writes about itself (GDPR Art. 32, § 203 StGB).

The rule: one JSON object a line on stderr. A line is an event (our own fixed words) and fields
from a short list of names; a field that is not on the list is left out and only its name is told,
as is a value that is no number, truth value or short text. Of an exception only its type and
place are written: its message may quote what came from outside. Of other libraries' lines only
level, module and place are written, from WARNING up, for the same reason. A line that cannot be
written, because the disk behind stderr is full, is lost: the work goes on without it.

It does not rotate or send: stderr belongs to the service manager.
"""

import contextlib
import logging
import sys
import traceback
from collections.abc import Collection, Iterator, MutableMapping
from typing import Any, Final, TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from passbox_wire.ids import TransferId

MAX_VALUE: Final = 200

_FRAME: Final = frozenset({"event", "level", "time", "program", "module", "transfer_id"})

FIELDS: Final = _FRAME | {
    "attempt", "author", "bytes", "count", "destination_id", "error", "exit_code", "files",
    "frames", "free_bytes", "from_state", "instances", "line", "number", "packs", "port", "problem",
    "reason", "seconds", "sequence", "sha256", "state", "status", "step", "to_state", "worker",
}  # fmt: skip
"""Field names every program may use. Names of things, never of people."""

_QUIET: Final = {
    # A stranger can cause these at will, and they say nothing an operator could act on.
    "uvicorn.error": logging.ERROR,
    "uvicorn.access": logging.CRITICAL,
}


def configure(
    program: str, *, more_fields: Collection[str] = (), stream: TextIO = sys.stderr
) -> None:
    """Set up logging, once, in main. ``more_fields``: names only this program uses."""
    render: list[Processor] = [
        _add_program(program),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _describe_exception,
        AllowList(FIELDS | set(more_fields)),
        structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=True),
    ]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _Forgiving(stream))),
        cache_logger_on_first_use=False,
    )
    _route_libraries(render, stream)


def get_logger(name: str) -> FilteringBoundLogger:
    """Return the logger of a module.

    ``get_logger(__name__).info("pack stored", number=7)``
    """
    logger: FilteringBoundLogger = structlog.get_logger(module=name)
    return logger


@contextlib.contextmanager
def bind_transfer(transfer_id: TransferId) -> Iterator[None]:
    """Put the transfer's id on every line of the block, also of tasks and to_thread below it."""
    with structlog.contextvars.bound_contextvars(transfer_id=transfer_id):
        yield


class AllowList:
    """The choke point: a processor that lets only known names and plain short values through."""

    def __init__(self, fields: Collection[str]) -> None:
        self._fields = frozenset(fields)

    def __call__(self, _logger: Any, _method: str, event_dict: EventDict) -> EventDict:
        """Return the line without what is not on the list; "left_out" names what it was."""
        kept = {name: _plain(value) for name, value in event_dict.items() if name in self._fields}
        # Names are words of our own code; they cannot come from outside.
        left_out = sorted(set(event_dict) - set(kept) | {n for n, v in kept.items() if v is _BAD})
        kept = {name: value for name, value in kept.items() if value is not _BAD}
        if left_out:
            kept["left_out"] = left_out
        return kept


class _Forgiving:
    """A stream that a line can be too much for."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


_BAD: Final = object()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value if len(value) <= MAX_VALUE else f"{value[:MAX_VALUE]}…"
    if isinstance(value, (list, tuple)) and all(isinstance(item, (str, int)) for item in value):
        return [_plain(item) for item in value[:20]]
    return _BAD


def _add_program(program: str) -> Processor:
    def add(_logger: Any, _method: str, event_dict: EventDict) -> EventDict:
        event_dict["program"] = program
        return event_dict

    return add


def _describe_exception(_logger: Any, _method: str, event_dict: EventDict) -> EventDict:
    given = event_dict.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        event_dict["error"] = type(error).__name__
        event_dict["frames"] = [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__)[-8:]
        ]
    return event_dict


def _route_libraries(render: list[Processor], stream: TextIO) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_LibraryFormatter(render))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)


class _LibraryFormatter(logging.Formatter):
    def __init__(self, render: list[Processor]) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        line: MutableMapping[str, Any] = {
            "event": "library line",
            "level": record.levelname.lower(),
            "module": record.name,
            "frames": [f"{record.module}.py:{record.lineno}"],
        }
        if record.exc_info and record.exc_info[1]:
            line["exc_info"] = record.exc_info[1]
        for processor in self._render[:-1]:
            line = processor(None, record.levelname, line)  # type: ignore[assignment]  # ours return dicts
        return str(self._render[-1](None, record.levelname, line))
