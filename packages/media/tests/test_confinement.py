"""The decoding process: it may crash, hang or be killed, and the caller goes on; it leaves nothing behind."""

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from affekt import OptionsError
from affekt_media import Limits, load, starting, windows
from affekt_media.child import Child
from affekt_media.errors import DecoderCrashed, DecodingTimedOut
from affekt_media.request import Request
from affekt_media.wire import Kind

pytestmark = pytest.mark.skipif(os.name != "posix", reason="counts processes through /proc")


@pytest.fixture
def long_sound(tmp_path, write_media):
    """A minute of sound, more than fits into the pipe."""
    return write_media(tmp_path / "a.wav", sounds=[{"codec": "pcm_s16le", "rate": 16_000, "seconds": 60}])


def decoders():
    """Processes below this one that decode, or wait to be asked to: zombies as well."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def read_on(child):
    """To the end, whatever it is."""
    while True:
        _, length = child.next_header()
        child.fill(bytearray(length))


def gone(pid, seconds=10.0):
    """Whether a process ends (or is a zombie nobody of ours has to reap) within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_decoder_that_dies_is_an_error_that_names_the_signal(long_sound, number):
    request = Request(path=long_sound, limits=Limits())
    with Child(request) as child:
        kind, length = child.next_header()
        assert kind is Kind.INFO
        child.json(length)
        os.kill(child.pid, number)
        with pytest.raises(DecoderCrashed, match=f"it was ended by {number.name}.*\nTry: re-encoding"):
            read_on(child)


def test_a_decoder_that_takes_too_long_is_stopped(long_sound):
    before = time.monotonic()
    with pytest.raises(DecodingTimedOut, match=r"longer than the 0.02 s .*\nTry: a smaller copy, or Limits") as caught:
        load(long_sound, limits=Limits(seconds_to_decode=0.02))
    assert time.monotonic() - before < 10
    assert isinstance(caught.value, TimeoutError)


def test_a_decoder_that_burns_processor_time_is_stopped_by_the_kernel():
    code = "from affekt_media.decoder import confinement\nconfinement.allow_processor_time(0.5)\nwhile True: pass\n"
    done = subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL, timeout=60)
    assert done.returncode == -signal.SIGXCPU


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the address space reliably")
def test_memory_is_bounded_and_its_want_is_told_from_damage():
    code = (
        "import numpy\n"
        "from affekt_media import Limits\n"
        "from affekt_media.decoder import confinement\n"
        "confinement.confine(Limits(memory_bytes=600 << 20))\n"
        "held = [numpy.ones(64 << 20, numpy.uint8)]\n"
        "print(confinement.memory_is_short())\n"
        "try:\n"
        "    while True: held.append(numpy.ones(16 << 20, numpy.uint8))\n"
        "except MemoryError: print(len(held) < 32, confinement.memory_is_short())\n"
    )
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True, env=env)
    assert done.stdout == "False\nTrue True\n"
    with pytest.raises(OptionsError, match=r"Limits\.memory_bytes should be more than"):
        Limits(memory_bytes=1 << 20)


@pytest.mark.parametrize("thread", ["main", "other"])
def test_the_decoder_ends_when_its_caller_is_killed(long_sound, thread):
    code = (
        "import sys, threading, time\n"
        "from affekt_media.child import Child\n"
        "from affekt_media.request import Request\n"
        "from affekt_media.limits import Limits\n"
        "from pathlib import Path\n"
        "def start():\n"
        "    child = Child(Request(path=Path(sys.argv[1]), limits=Limits())).__enter__()\n"
        "    child.next_header()\n"
        "    print(child.pid, flush=True)\n"
        "    time.sleep(60)\n"
        "start() if sys.argv[2] == 'main' else threading.Thread(target=start).start()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, long_sound, thread], stdout=subprocess.PIPE) as caller:
        pid = int(caller.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        caller.kill()
    assert gone(pid)


def test_the_decoder_of_a_thread_that_ended_goes_on(long_sound):
    # The kernel's death signal goes by thread: set for such a decoder, it would kill it here.
    found = []
    clips = windows(long_sound, 5.0)
    thread = threading.Thread(target=lambda: found.append(next(clips)))
    thread.start()
    thread.join()
    assert len(found) + len(list(clips)) == 12


def test_nothing_is_left_behind_by_success_failure_or_an_iterator_that_is_dropped(long_sound, tmp_path):
    load(long_sound)  # starts the process that starts decoders, which stays
    before = decoders(), sorted(os.listdir(tempfile.gettempdir())), len(os.listdir("/proc/self/fd"))
    load(long_sound)
    (tmp_path / "b.mp4").write_text("no film")
    with pytest.raises(ValueError, match="holds text"):
        load(tmp_path / "b.mp4")
    clips = windows(long_sound, 5.0)
    next(clips)
    assert len(decoders() - before[0]) == 1
    clips.close()
    assert decoders() == before[0]
    assert len(os.listdir("/proc/self/fd")) == before[2]
    assert threading.active_count() == 1 or not [t for t in threading.enumerate() if isinstance(t, threading.Timer)]


def test_a_decoder_is_started_although_the_process_that_starts_them_was_killed(long_sound):
    load(long_sound)
    with Child(Request(path=long_sound, limits=Limits())) as child:
        child.json(child.next_header()[1])
        starting._running().close()
        with pytest.raises(DecoderCrashed, match="it was ended by SIGKILL"):
            read_on(child)
    assert load(long_sound).audio.duration == 60


def test_a_forked_caller_starts_decoders_of_its_own(long_sound):
    load(long_sound)
    if (pid := os.fork()) == 0:
        os._exit(0 if load(long_sound).audio.duration == 60 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert load(long_sound).audio.duration == 60


def test_threads_decode_side_by_side(long_sound):
    with ThreadPoolExecutor(8) as threads:
        lengths = list(threads.map(lambda _: load(long_sound).audio.duration, range(40)))
    assert lengths == [60] * 40


def test_the_decoder_waits_while_its_caller_works(long_sound):
    clips = windows(long_sound, 5.0, limits=Limits(seconds_to_decode=6.0))
    next(clips)
    time.sleep(6.5)  # longer than the limit, which bounds the decoder and not the caller
    assert len(list(clips)) == 11


def test_the_decoder_imports_neither_affekt_nor_any_framework():
    code = (
        "import sys, affekt_media.decoder.sending, affekt_media.decoder.__main__\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'affekt', 'pydantic', 'torch', 'PIL', 'yaml'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_working_directory_cannot_inject_code(tmp_path, long_sound, monkeypatch):
    (tmp_path / "av.py").write_text("raise SystemExit('injected')")
    monkeypatch.chdir(tmp_path)
    assert load(long_sound).audio.duration == 60


def test_a_message_that_breaks_the_protocol_is_a_crash_and_is_not_believed(long_sound):
    request = Request(path=long_sound, limits=Limits())
    for nonsense, expected in [
        (b"x" * 16, "it sent what is no message"),
        (
            b"aFkT" + (1).to_bytes(4, "little") + (1 << 60).to_bytes(8, "little"),
            "it announced 1,152,921,504,606,846,976",
        ),
        (b"aFkT" + (1).to_bytes(4, "little") + (2).to_bytes(8, "little") + b"[]", "it sent JSON that is no object"),
        (b"aFkT" + (1).to_bytes(4, "little") + (2).to_bytes(8, "little") + b"{}", "cannot be understood .KeyError"),
        (b"aFkT" + (9).to_bytes(4, "little") + (0).to_bytes(8, "little"), "it sent what is no message"),
    ]:
        program = f"import sys; sys.stdin.readline(); sys.stdout.buffer.write({nonsense!r}); sys.stdout.flush()"
        command = [sys.executable, "-c", program]
        with (
            Child(request, command=command) as child,
            pytest.raises(DecoderCrashed, match=expected),
            child.understood(),
        ):
            child.json(child.next_header()[1])["tracks"]


def test_errors_cross_processes(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        load(tmp_path / "none.mp4")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (type(caught.value), str(caught.value))
