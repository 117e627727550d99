import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from passbox_dicom.errors import (
    WorkerDied,
    WorkerGarbled,
    WorkerOutOfMemory,
    WorkerRaised,
    WorkerTimedOut,
)
from passbox_dicom.worker import Worker, WorkerLimits, WorkerPool
from tests.dicom import worker_targets as bad

Target = Callable[[bad.Message], bad.Message]
ROOT = str(Path(__file__).parents[2])
TIGHT = WorkerLimits(
    cpu_seconds=0.5, wall_seconds=30.0, memory_bytes=256 * 1024 * 1024, reply_bytes=64 * 1024
)


@contextmanager
def worker(target: Target, limits: WorkerLimits = TIGHT) -> Iterator[Worker]:
    """Run a worker on one of the badly behaved targets."""
    one = Worker(f"tests.dicom.worker_targets:{target.__name__}", limits, [ROOT])
    try:
        yield one
    finally:
        one.stop()


def test_an_answer_comes_back() -> None:
    """A request is answered, again and again, by one process."""
    with worker(bad.echo) as one:
        assert one.run({"n": 1}) == {"n": 1}
        assert one.run({"text": "ü\udcff"}) == {"text": "ü\udcff"}
        assert one.missing == ()


def test_a_loop_is_ended_and_costs_nobody_else() -> None:
    """A request that only computes ends after its processor time; the next one is answered."""
    with worker(bad.loop) as one:
        with pytest.raises(WorkerTimedOut):
            one.run({})
        assert one.run({"well": True}) == {"well": True}


def test_waiting_for_ever_is_ended() -> None:
    """A request that does nothing ends after its wall-clock time."""
    limits = WorkerLimits(cpu_seconds=10.0, wall_seconds=0.5)
    with worker(bad.sleep, limits) as one, pytest.raises(WorkerTimedOut):
        one.run({})


def test_a_balloon_is_ended() -> None:
    """A request that takes all memory gets no more than its limit, and the next is answered."""
    limits = WorkerLimits(cpu_seconds=30.0, memory_bytes=128 * 1024 * 1024)
    with worker(bad.balloon, limits) as one:
        with pytest.raises(WorkerOutOfMemory):
            one.run({})
        assert one.run({"well": True}) == {"well": True}


def test_a_crash_is_told_and_survived() -> None:
    """A memory fault ends the worker, not us."""
    with worker(bad.crash) as one:
        with pytest.raises(WorkerDied):
            one.run({})
        assert one.run({"well": True}) == {"well": True}


def test_leaving_without_an_answer_is_told() -> None:
    """A worker that just ends is a failure."""
    with worker(bad.leave) as one, pytest.raises(WorkerDied):
        one.run({})


def test_there_is_no_network() -> None:
    """No socket of any family can be opened."""
    with worker(bad.connect) as one:
        assert one.run({}) == {"inet": 1, "inet6": 1, "unix": 1}


def test_no_program_can_be_started() -> None:
    """Neither a new program nor a copy of the process."""
    with worker(bad.start_programs) as one:
        assert one.run({}) == {"run": 1, "fork": 1}


def test_other_processes_are_out_of_reach() -> None:
    """No call signals or limits the parent; what a process may ask of itself still answers."""
    with worker(bad.reach_parent) as one:
        tried = one.run({})
    assert tried.pop("own limits") == 0
    assert set(tried.values()) == {-1}, tried


def test_nothing_can_be_written(tmp_path: Path) -> None:
    """No file can be made, wherever."""
    with worker(bad.write) as one:
        assert one.run({"path": str(tmp_path / "x")}) != {"written": True}
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_is_handed_its_files_opens_no_others(tmp_path: Path) -> None:
    """It reads the file it is asked about, and finds no key, other file, folder or process."""
    asked, key, other = (tmp_path / name for name in ("asked", "key.pem", "other/patient"))
    other.parent.mkdir()
    for path in (asked, key, other):
        path.write_text(path.name)
    others = [str(key), str(other), "/etc/passwd", str(asked)]
    with worker(bad.look_around, replace(TIGHT, opens_files=False)) as one:
        for _ in range(2):  # also on the next request
            found = one.run({"path": str(asked), "others": "|".join(others)})
            assert found.pop("handed") == "asked"
            assert found.pop("late") == "1b2442467c4b5c1b2842"
            assert set(found.values()) == {errno.EACCES, -errno.EACCES}, found
        assert one.missing == ()


def test_a_worker_that_may_open_files_finds_the_key(tmp_path: Path) -> None:
    """The test above sees what it is about: without the confinement the same worker reads all."""
    key = tmp_path / "key.pem"
    key.write_text("key")
    with worker(bad.look_around) as one:
        assert one.run({"path": str(key), "others": str(key)})[str(key)] == 0


def test_a_file_that_cannot_be_handed_over_is_our_fault(tmp_path: Path) -> None:
    """It is told as the file's error, and the worker serves the next request."""
    asked = tmp_path / "asked"
    asked.write_text("asked")
    with worker(bad.look_around, replace(TIGHT, opens_files=False)) as one:
        with pytest.raises(FileNotFoundError):
            one.run({"path": str(tmp_path / "gone")})
        assert one.run({"path": str(asked), "others": "/x"})["handed"] == "asked"


def test_a_huge_answer_is_not_read() -> None:
    """An answer over the limit is refused by its length."""
    with worker(bad.shout) as one:
        with pytest.raises(WorkerGarbled):
            one.run({"length": 100_000})
        assert one.run({"length": 3}) == {"text": "xxx"}


@pytest.mark.parametrize("target", [bad.garble, bad.nest])
def test_garbage_is_not_believed(target: Target) -> None:
    """What is no JSON object, or nested without end, is refused."""
    limits = WorkerLimits(reply_bytes=1024 * 1024)
    with worker(target, limits) as one, pytest.raises(WorkerGarbled):
        one.run({})


def test_prints_of_libraries_are_no_answer() -> None:
    """What a library writes to the standard streams disturbs nothing."""
    with worker(bad.print_a_lot) as one:
        assert one.run({}) == {"well": True}


def test_an_exception_is_told_by_name_only() -> None:
    """Foreign text in an exception's message does not travel."""
    with worker(bad.fail) as one, pytest.raises(WorkerRaised) as caught:
        one.run({})
    assert caught.value.kind == "ValueError"
    assert "Patient" not in str(caught.value)


def test_secrets_of_the_environment_stay_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker sees only what it needs to start."""
    monkeypatch.setenv("PASSBOX_SECRET", "x")  # the environment is the seam here
    with worker(bad.environment) as one:
        names = one.run({})["names"]
    assert "PASSBOX_SECRET" not in names
    assert "PATH" in names


def test_a_target_that_does_not_exist_is_told() -> None:
    """A worker that does not come up is a failure, not a hang."""
    one = Worker("tests.dicom.worker_targets:nothing", TIGHT, [ROOT])
    with pytest.raises(WorkerDied):
        one.run({})


def test_byte_work_buys_time() -> None:
    """Hashing a large file may take longer than parsing a small one."""
    limits = WorkerLimits(cpu_seconds=10.0, wall_seconds=0.2, bytes_per_wall_second=1)
    with worker(bad.echo, limits) as one:
        assert one.run({"n": 1}, byte_work=60) == {"n": 1}


def test_a_worker_ends_when_its_parent_does() -> None:
    """A worker whose requests end leaves."""
    one = Worker("tests.dicom.worker_targets:echo", TIGHT, [ROOT])
    one.start()
    process = one._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    one.stop()


def test_a_pool_serves_many_threads_though_one_request_is_bad() -> None:
    """While one worker loops, the others answer; the bad request alone fails."""
    done: list[object] = []
    with WorkerPool("tests.dicom.worker_targets:loop", TIGHT, size=2, search_path=[ROOT]) as pool:

        def ask(request: dict[str, object]) -> None:
            try:
                done.append(pool.run(request))
            except WorkerTimedOut:
                done.append("timed out")

        requests: list[dict[str, object]] = [{"well": True}] * 10
        requests.insert(3, {})
        threads = [threading.Thread(target=ask, args=(request,)) for request in requests]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    assert done.count("timed out") == 1
    assert done.count({"well": True}) == 10


def test_a_closed_pool_leaves_no_process() -> None:
    """After close no worker is left behind."""
    pool = WorkerPool("tests.dicom.worker_targets:echo", TIGHT, search_path=[ROOT])
    pool.run({})
    process = pool._workers[0]._process
    assert process is not None
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_a_warm_pool_has_its_processes() -> None:
    """A warmed pool has started all its processes; one whose target fails waits for a request."""
    with WorkerPool("tests.dicom.worker_targets:echo", TIGHT, 2, [ROOT]) as pool:
        pool.warm()
        before = [one._process for one in pool._workers]
        assert None not in before
        assert pool.run({"n": 1}) == {"n": 1}
        assert [one._process for one in pool._workers] == before
    with WorkerPool("passbox_dicom.nowhere:nothing", TIGHT) as cold:
        cold.warm()
