import subprocess
import sys
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from affekt import Component, Features, Missing
from pydantic import ConfigDict, Field, field_validator

HOP = 0.05
kept = []


class Ear(Component):
    """Good: the level of 50 ms."""

    modality: ClassVar[str] = "audio"

    gain: float = Field(default=1.0, description="Factor")

    def encode(self, clips):
        return [self.one(clip) for clip in clips]

    def one(self, clip):
        if clip.audio is None or not len(clip.audio.samples):
            return Missing(reason=clip.why_missing("audio"))
        size = round(HOP * clip.audio.sample_rate)
        rows = clip.audio.samples[: len(clip.audio.samples) // size * size].reshape(-1, size)
        level = self.gain * np.sqrt(np.mean(rows**2, axis=1, keepdims=True))
        return Features(values=level.astype(np.float32), hop=HOP)


class Slow(Ear):
    def model_post_init(self, context):
        time.sleep(0.4)


class ReadsWhenMade(Ear):
    def model_post_init(self, context):
        Path("/etc/hosts").read_bytes()


class Doubles(Ear):
    @field_validator("gain")
    @classmethod
    def _double(cls, value):
        return 2 * value


class TakesAnything(Ear):
    model_config = ConfigDict(extra="ignore")


class Undescribed(Ear):
    depth: int = 3


class UndeclaredWeights(Ear):
    pass


class UndeclaredHub(Ear):
    model: str = Field(default="someone/large", description="A hub name")


class NewWeightsEachTime(Ear):
    @cached_property
    def _projection(self):
        return np.random.default_rng().standard_normal((1, 3)).astype(np.float32)

    def one(self, clip):
        found = super().one(clip)
        return Features(values=found.values @ self._projection, hop=HOP) if isinstance(found, Features) else found


class Mutates(Ear):
    def one(self, clip):
        if clip.audio is not None:
            clip.audio.samples[:] *= -1
        return super().one(clip)


class Handle(Features):
    def __reduce__(self):
        raise TypeError("cannot pickle a handle")


class ReturnsHandles(Ear):
    def one(self, clip):
        found = super().one(clip)
        return Handle(values=found.values, hop=HOP) if isinstance(found, Features) else found


class KeepsFilesOpen(Ear):
    def encode(self, clips):
        kept.append(open("/etc/hosts"))  # noqa: SIM115
        return super().encode(clips)


class KeepsThreads(Ear):
    def encode(self, clips):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        return super().encode(clips)


class KeepsProcesses(Ear):
    def encode(self, clips):
        kept.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(10)"]))
        return super().encode(clips)


class ReturnsATuple(Ear):
    def encode(self, clips):
        return tuple(super().encode(clips))


class FailsOnNothing(Ear):
    def encode(self, clips):
        max(clip.duration for clip in clips)
        return super().encode(clips)


class Leaks(Ear):
    def encode(self, clips):
        found = super().encode(clips)
        level = np.mean([features.values.mean() for features in found if isinstance(features, Features)] or [0])
        return [
            Features(values=(f.values - level).astype(np.float32), hop=HOP) if isinstance(f, Features) else f
            for f in found
        ]


class HearsOnlyLong(Ear):
    def one(self, clip):
        return Missing(reason="too short") if 0 < clip.duration < 0.9 else super().one(clip)


class WrongClock(Ear):
    def one(self, clip):
        found = super().one(clip)
        return Features(values=found.values, hop=HOP / 2) if isinstance(found, Features) else found


class ZerosForNothing(Ear):
    def one(self, clip):
        found = super().one(clip)
        return found if isinstance(found, Features) else Features(values=np.zeros((1, 1), np.float32), hop=HOP)


class OwnReason(Ear):
    def one(self, clip):
        return super().one(clip) if clip.audio else Missing(reason="no audio")
