"""What a component may do to its process, and what its caller then sees."""

import os
import re
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from affekt import ComponentError, DataError, PluginFailed
from affekt_isolation import WorkerCrashed, WorkerFailed, WorkerTimedOut

MEBIBYTE = 1 << 20


@pytest.mark.parametrize(
    ("deed", "error", "said"),
    [
        ("raise", WorkerFailed, r'encoder "hostile" in \S+: encode raised ZeroDivisionError: on purpose'),
        ("exit", WorkerFailed, "SystemExit: 0"),
        ("interrupt", WorkerFailed, "KeyboardInterrupt"),
        ("return-an-object", DataError, r"\[0\] is a object, which cannot cross"),
        ("segfault", WorkerCrashed, "SIGSEGV"),
        ("kill-itself", WorkerCrashed, "SIGKILL"),
        ("end-at-once", WorkerCrashed, "ended with code 7.*last words"),
        ("write-to-every-descriptor", WorkerCrashed, "broke the wire"),
        ("close-every-descriptor", WorkerCrashed, "lost its process"),
    ],
)
def test_every_end_is_a_typed_error_of_the_component(worker, clip, deed, error, said):
    component = worker(deed=deed)
    with pytest.raises(error) as caught:
        component.encode([clip])
    assert re.search(said, str(caught.value), re.DOTALL), str(caught.value)
    assert component.worker.is_running == (error is not WorkerCrashed)


def test_an_error_brings_the_workers_traceback_and_the_worker_stays_warm(worker, clip):
    component = worker(deed="raise")
    with pytest.raises(ComponentError) as caught:
        component.encode([clip])
    assert "hostile_components.py" in str(caught.value.__cause__)
    assert "in do_raise" in str(caught.value.__cause__)
    pid = component.worker.made()["pid"]
    with pytest.raises(ComponentError):
        component.encode([clip])
    assert component.worker.made()["pid"] == pid


def test_a_segmentation_fault_shows_the_line_it_came_from(worker, clip):
    with pytest.raises(WorkerCrashed, match=r"(?s)Segmentation fault.*in do_segfault"):
        worker(deed="segfault").encode([clip])


def test_a_crashed_worker_starts_anew(worker, clip, tmp_path):
    component = worker(deed="end-once", note=str(tmp_path / "ended"))
    with pytest.raises(WorkerCrashed):
        component.encode([clip])
    assert not component.worker.is_running
    assert component.encode([clip])[0].values.shape == (2, 3)


@pytest.mark.parametrize("deed", ["hang", "hang-holding-the-lock"])
def test_a_hang_ends_at_the_timeout(worker, clip, deed):
    component = worker(deed=deed, limits={"timeout": 3})
    with pytest.raises(WorkerTimedOut, match=r"encode took longer than 3 s(?s:.*)Try: timeout: 12"):
        component.encode([clip])
    assert not component.worker.is_running


def test_a_hog_gets_no_more_than_its_memory(worker, clip):
    with pytest.raises(WorkerFailed, match="MemoryError"):
        worker(deed="hog", limits={"memory": 512 * MEBIBYTE}).encode([clip])


def test_memory_of_its_children_counts(worker, clip):
    with pytest.raises(WorkerCrashed, match=r"held \S+ where 512.0MiB is allowed"):
        worker(deed="hog-in-a-child", limits={"memory": "512MiB"}).encode([clip])


def test_a_printed_gigabyte_neither_breaks_the_wire_nor_fills_memory(worker, clip):
    component = worker(deed="print")
    assert component.encode([clip])[0].hop == 0.5
    component.close()
    assert len(component.worker.log) <= 1 << 16
    assert component.worker.log.endswith("the end\n")


def test_a_fork_leaves_one_worker_that_answers(worker, clip):
    component = worker(deed="fork")
    for _ in range(3):
        assert len(component.encode([clip])) == 1


@pytest.mark.parametrize("clip_id", ["and return", "and hang"])
def test_nothing_survives_a_worker_not_even_orphans_in_sessions_of_their_own(worker, clip, tmp_path, clip_id):
    note = tmp_path / "pids"
    component = worker(deed="leave-processes", note=str(note), limits={"timeout": 3})
    if clip_id == "and hang":
        with pytest.raises(WorkerTimedOut):
            component.encode([replace(clip, id=clip_id)])
    else:
        component.encode([replace(clip, id=clip_id)])
        assert all(alive(int(pid)) for pid in note.read_text().split())
        component.close()
    assert not [pid for pid in note.read_text().split() if alive(int(pid))]


def test_nothing_piles_up_in_the_parent(worker, clip):
    component = worker(deed="leak-threads")
    component.encode([clip])
    component.close()
    threads, files = threading.active_count(), descriptors()
    for _ in range(2):
        component.encode([clip])
        component.close()
    assert (threading.active_count(), descriptors()) == (threads, files)


def test_inputs_are_out_of_reach(worker, clip):
    before = clip.audio.samples.copy()
    worker(deed="write-into-the-clip").encode([clip])
    assert np.array_equal(clip.audio.samples, before)


def test_a_plugin_that_exits_at_import_is_named(worker, clip):
    with pytest.raises(PluginFailed, match=r"raises-at-import.*no import"):
        worker(name="raises-at-import").encode([clip])


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descriptors() -> int:
    """How many files this process holds open."""
    return len(os.listdir("/proc/self/fd"))
