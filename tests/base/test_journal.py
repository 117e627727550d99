from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passbox_base.errors import DamagedLog, StoreFailed
from passbox_base.journal import MAX_LINE_BYTES, DurableLog, Entry, read_journal

THREE: list[Entry] = [{"n": 1}, {"n": 2, "text": "ü\n"}, {"n": 3}]


def _journal(path: Path) -> Path:
    with DurableLog(path) as log:
        for entry in THREE:
            log.append(entry)
    return path


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    """What was appended is read back, oldest first."""
    assert list(read_journal(_journal(tmp_path / "j"))) == THREE


def test_absent_journal_is_empty(tmp_path: Path) -> None:
    """A journal nobody wrote has no entries."""
    assert list(read_journal(tmp_path / "j")) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_cut_at_any_byte_loses_only_the_torn_entry(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever byte a cut falls on, all whole entries stay and appending goes on cleanly."""
    path = _journal(tmp_path / "j")
    whole = path.read_bytes()
    kept = whole[: data.draw(st.integers(0, len(whole)))]
    path.write_bytes(kept)

    with DurableLog(path) as log:
        log.append({"n": 4})

    assert list(read_journal(path)) == [*THREE[: kept.count(b"\n")], {"n": 4}]
    path.unlink()


def test_a_hole_in_the_last_line_is_a_torn_line(tmp_path: Path) -> None:
    """Size on disk before data (NUL bytes) at the end is what a power failure leaves: dropped."""
    path = _journal(tmp_path / "j")
    with path.open("ab") as file:
        file.write(b'{"n":4,"te\0\0\0\0\0\0\n')

    with DurableLog(path) as log:
        assert list(log.entries()) == THREE


@pytest.mark.parametrize("line", [0, 1, 2])
def test_damage_is_told_with_its_line(tmp_path: Path, line: int) -> None:
    """A whole line that cannot be read is damage, also the last one: it was acknowledged."""
    path = _journal(tmp_path / "j")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = b"x" + lines[line][1:]
    path.write_bytes(b"".join(lines))

    with pytest.raises(DamagedLog) as caught:
        DurableLog(path)

    assert caught.value.line == line + 1


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """A journal that is open for appending cannot be opened by a second writer."""
    with DurableLog(tmp_path / "j"), pytest.raises(StoreFailed, match="in use"):
        DurableLog(tmp_path / "j")


def test_closed_journal_refuses(tmp_path: Path) -> None:
    """Appending after close is an error, never a silent loss."""
    log = DurableLog(tmp_path / "j")
    log.close()

    with pytest.raises(StoreFailed):
        log.append({"n": 1})


def test_an_entry_has_a_size(tmp_path: Path) -> None:
    """An entry over the line limit is refused before anything is written."""
    with DurableLog(tmp_path / "j") as log, pytest.raises(ValueError, match="a line"):
        log.append({"text": "x" * MAX_LINE_BYTES})

    assert (tmp_path / "j").stat().st_size == 0


def test_a_failed_append_leaves_no_torn_middle(tmp_path: Path) -> None:
    """After an append that failed half way the next one starts on its own line."""
    log = DurableLog(_journal(tmp_path / "j"))
    limit = log.path.stat().st_size + 5  # the kernel takes five bytes, then says EFBIG
    with file_size_limit(limit), pytest.raises(StoreFailed):
        log.append({"n": "does not fit"})
    log.append({"n": 4})
    log.close()

    assert list(read_journal(log.path)) == [*THREE, {"n": 4}]


class file_size_limit:  # noqa: N801  # reads as what it does
    """A real refusal by the kernel: RLIMIT_FSIZE, with the signal that comes along ignored."""

    def __init__(self, most: int) -> None:
        self._most = most

    def __enter__(self) -> None:
        import resource
        import signal

        self._signal = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._most, self._limits[1]))

    def __exit__(self, *_: object) -> None:
        import resource
        import signal

        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)
        signal.signal(signal.SIGXFSZ, self._signal)
