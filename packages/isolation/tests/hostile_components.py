"""Components that misbehave as their option says; they run in workers only."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import numpy as np
from affekt import AudioSignal, Component, EmotionPrediction, Features, FusedSequence, SpeechResult


def features():
    return Features(values=np.full((2, 3), 0.5, np.float32), hop=0.5)


class Hostile(Component):
    modality: ClassVar[str] = "audio"
    deed: str = "nothing"
    note: str = ""

    def encode(self, clips):
        result = getattr(self, "do_" + self.deed.replace("-", "_"))(clips)
        return [features() for _ in clips] if result is None else result

    def do_nothing(self, clips):
        pass

    def do_raise(self, clips):
        raise ZeroDivisionError("on purpose")

    def do_exit(self, clips):
        raise SystemExit(0)

    def do_interrupt(self, clips):
        raise KeyboardInterrupt

    def do_hang(self, clips):
        time.sleep(1000)

    def do_hang_holding_the_lock(self, clips):
        ctypes.PyDLL(None).sleep(1000)

    def do_segfault(self, clips):
        ctypes.string_at(0)

    def do_end_at_once(self, clips):
        print("last words", flush=True)
        os._exit(7)

    def do_kill_itself(self, clips):
        os.kill(os.getpid(), signal.SIGKILL)

    def do_end_once(self, clips):
        if not Path(self.note).exists():
            Path(self.note).touch()
            os._exit(1)

    def do_hog(self, clips):
        hoard = []
        while True:
            hoard.append(b"x" * (16 << 20))

    def do_hog_in_a_child(self, clips):
        code = "import time\nheld = [b'x' * (16 << 20) for _ in range(14)]\ntime.sleep(100)"
        children = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
        for child in children:
            child.wait()

    def do_print(self, clips):
        block = b"noise " * (1 << 17)
        for _ in range((1 << 30) // len(block)):
            os.write(1, block)
        print("the end", file=sys.stderr)

    def do_write_to_every_descriptor(self, clips):
        for descriptor in range(3, 64):
            with suppress(OSError):
                os.write(descriptor, b"garbage" * 10)

    def do_close_every_descriptor(self, clips):
        os.closerange(0, 256)

    def do_fork(self, clips):
        os.fork()

    def do_leave_processes(self, clips):
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        child = subprocess.Popen(["sleep", "1000"])
        stranger = subprocess.Popen(["sleep", "1000"], start_new_session=True, **quiet)
        code = "import subprocess as s; print(s.Popen(['sleep', '1000'], start_new_session=True, stdout=s.DEVNULL).pid)"
        orphan = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
        pids = [os.getpid(), os.getppid(), child.pid, stranger.pid, int(orphan.stdout)]
        Path(self.note).write_text(" ".join(map(str, pids)))
        if clips[0].id == "and hang":
            time.sleep(1000)

    def do_leak_threads(self, clips):
        for _ in range(20):
            threading.Thread(target=time.sleep, args=(1000,)).start()

    def do_return_an_object(self, clips):
        return [object()]

    def do_return_none(self, clips):
        return [None]

    def do_write_into_the_clip(self, clips):
        clips[0].audio.samples[:] = 9


class MirrorEncoder(Component):
    modality: ClassVar[str] = "audio"

    def encode(self, clips):
        return [Features(values=clip.audio.samples[:, None], hop=1 / clip.audio.sample_rate) for clip in clips]


class MirrorPreparer(Component):
    def prepare(self, clips):
        return list(clips)


class MirrorFuser(Component):
    def fuse(self, evidence):
        return [FusedSequence(tokens=known.features["a"].values, mask=np.array([True, False])) for known in evidence]


class MirrorReasoner(Component):
    def reason(self, evidence):
        return [EmotionPrediction(scores={"happy": np.float32(1)}, rationale=known.clip.text) for known in evidence]


class MirrorEvaluator(Component):
    def evaluate(self, predictions, truth):
        return {"share": sum(felt.label == true for felt, true in zip(predictions, truth, strict=True)) / len(truth)}


class MirrorSpeaker(Component):
    def speak(self, requests):
        audio = AudioSignal(samples=np.zeros(5, np.float32), sample_rate=8000)
        return [SpeechResult(audio=audio, request=request, provenance={"synthetic": True}) for request in requests]
