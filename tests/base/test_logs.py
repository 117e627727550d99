import errno
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from passbox_base.logs import bind_transfer, configure, get_logger
from passbox_wire.ids import TransferId

Lines = Callable[[], list[dict[str, Any]]]
SECRET = "Müller^Anna"


class SmallDisk(io.StringIO):
    """A stream to which writing can fail."""

    full = False

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)


@pytest.fixture
def stream() -> SmallDisk:
    """Where the lines go."""
    return SmallDisk()


@pytest.fixture
def lines(stream: SmallDisk) -> Iterator[Lines]:
    """Logging as a program sets it up, into memory; put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure("receiver", more_fields={"own"}, stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_is_one_json_object(lines: Lines) -> None:
    """Program, module, time, level and transfer are on the line with the event."""
    with bind_transfer(TransferId("ab" * 16)):
        get_logger("passbox_receiver.packs").info("pack stored", number=7, own="x")
    (line,) = lines()

    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "pack stored",
        "level": "info",
        "module": "passbox_receiver.packs",
        "number": 7,
        "own": "x",
        "program": "receiver",
        "transfer_id": "ab" * 16,
    }


def test_a_line_there_is_no_room_for_costs_nothing_else(lines: Lines, stream: SmallDisk) -> None:
    """A full disk behind the log loses lines and stops nobody; with room again it goes on."""
    stream.full = True
    get_logger("m").info("lost")
    logging.getLogger("library").warning("lost as well")
    stream.full = False
    get_logger("m").info("kept")

    assert [line["event"] for line in lines()] == ["kept"]


def test_an_unknown_field_is_left_out_and_named(lines: Lines) -> None:
    """A field nobody admitted does not reach the log, whatever it holds."""
    get_logger("m").info("event", patient_name=SECRET, number=1)
    (line,) = lines()

    assert line["left_out"] == ["patient_name"]
    assert SECRET not in json.dumps(line, ensure_ascii=False)


@pytest.mark.parametrize("value", [object(), {"a": SECRET}, SECRET.encode(), [[SECRET]]])
def test_a_value_that_is_not_plain_is_left_out(lines: Lines, value: object) -> None:
    """An object's text form could hold anything: only plain values pass."""
    get_logger("m").info("event", reason=value)
    (line,) = lines()

    assert line["left_out"] == ["reason"]


def test_an_exception_is_a_type_and_a_place(lines: Lines) -> None:
    """The message of an exception may quote a patient and is not written."""
    try:
        int(SECRET)  # its message quotes what it was given
    except ValueError:
        get_logger("m").exception("failed")
    (line,) = lines()

    assert (line["error"], line["level"]) == ("ValueError", "error")
    assert line["frames"][0].startswith("test_logs.py:")
    assert SECRET not in json.dumps(line, ensure_ascii=False)


def test_line_breaks_make_no_lines(lines: Lines) -> None:
    """One event is one line, whatever its values contain."""
    get_logger("m").info("event", reason='a\r\n{"event": "forged"}\u2028\x1b[0m')

    assert [line["event"] for line in lines()] == ["event"]


def test_long_values_are_cut(lines: Lines) -> None:
    """A value cannot fill the disk."""
    get_logger("m").info("event", reason="x" * 100_000)

    assert len(lines()[0]["reason"]) == 201


def test_libraries_say_where_but_not_what(lines: Lines) -> None:
    """Other packages' lines are kept from WARNING up, without their words."""
    logging.getLogger("pynetdicom.acse").info("nothing")
    logging.getLogger("sqlalchemy.engine").warning("insert %s", SECRET)
    try:
        dict[str, str]()[SECRET]
    except KeyError:
        logging.getLogger("uvicorn.error").exception(SECRET)
    first, second = lines()

    assert (first["event"], first["module"]) == ("library line", "sqlalchemy.engine")
    assert (second["module"], second["error"]) == ("uvicorn.error", "KeyError")
    assert SECRET not in json.dumps([first, second], ensure_ascii=False)


def test_strangers_cannot_write_our_log(lines: Lines) -> None:
    """Uvicorn's remark about a malformed request is something anybody could cause at will."""
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")

    assert lines() == []
