import ctypes
import os
import threading
import time
from typing import ClassVar

import numpy as np
from affekt import Component, Features


def good(rows=3):
    return Features(values=np.zeros((rows, 2), np.float32), hop=0.1)


class Encoder(Component):
    modality: ClassVar[str] = "audio"

    def encode(self, clips):
        return [good() for _ in clips]


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("not even printed")

    __repr__ = __str__


class RaisesWhenMade(Encoder):
    def model_post_init(self, context):
        raise RuntimeError("not made")


class ExitsWhenMade(Encoder):
    def model_post_init(self, context):
        raise SystemExit(3)


class Raises(Encoder):
    def encode(self, clips):
        raise ZeroDivisionError("on purpose")


class RaisesUnprintably(Encoder):
    def encode(self, clips):
        raise Unprintable


class Exits(Encoder):
    def encode(self, clips):
        raise SystemExit(0)


class RecursesForever(Encoder):
    def encode(self, clips):
        return self.encode(clips)


class ReturnsTooFew(Encoder):
    def encode(self, clips):
        return [good() for _ in clips][1:]


class ReturnsAGenerator(Encoder):
    def encode(self, clips):
        return (good() for _ in clips)


class ReturnsArrays(Encoder):
    def encode(self, clips):
        return [np.zeros((3, 2), np.float32) for _ in clips]


class WrongShape(Encoder):
    def encode(self, clips):
        return [Features(values=np.zeros(3, np.float32), hop=0.1) for _ in clips]


class WrongDtype(Encoder):
    def encode(self, clips):
        return [Features(values=np.zeros((3, 2)), hop=0.1) for _ in clips]


class WrongLength(Encoder):
    def encode(self, clips):
        return [Features(values=np.zeros((3, 2), np.float32), spans=np.zeros((5, 2))) for _ in clips]


class NotANumber(Encoder):
    def encode(self, clips):
        return [Features(values=np.full((3, 2), np.nan, np.float32), hop=0.1) for _ in clips]


class Mutates(Encoder):
    def encode(self, clips):
        for clip in clips:
            clip.audio.samples[:] *= 2
        return [good() for _ in clips]


class Segfaults(Encoder):
    def encode(self, clips):
        ctypes.string_at(0)


class Aborts(Encoder):
    def encode(self, clips):
        os.abort()


class EndsItsProcess(Encoder):
    def encode(self, clips):
        os._exit(0)


class Hangs(Encoder):
    def encode(self, clips):
        time.sleep(1000)


class PrintsAGigabyte(Encoder):
    def encode(self, clips):
        for _ in range(1024):
            print("x" * (1 << 20))
        return [good() for _ in clips]


class Forks(Encoder):
    def encode(self, clips):
        os.fork()
        return [good() for _ in clips]


class LeaksThreads(Encoder):
    def encode(self, clips):
        for _ in range(20):
            threading.Thread(target=time.sleep, args=(1000,)).start()
        return [good() for _ in clips]


class ClosesEveryFile(Encoder):
    def encode(self, clips):
        os.closerange(0, 256)
        return [good() for _ in clips]
