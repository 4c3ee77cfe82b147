"""Runs encoders of affekt_hostile in pipelines, one after the other in one process, and says what came of each.

After each, the same process still runs a pipeline of well-behaved components. Called with the names, and `isolated`
where they should run in an interpreter of their own.
"""

import json
import os
import sys
import threading
from contextlib import contextmanager

import numpy as np
from affekt import AffektError, AudioSignal, Clip, PipelineSpec
from affekt_isolation import worker

clip = Clip(id="a", audio=AudioSignal(samples=np.ones(1600, np.float32), sample_rate=16_000))


def run(encoders):
    spec = PipelineSpec(encoders=encoders, reasoner="loud-is-excited")
    return spec.build().run([clip])


@contextmanager
def patched_start(seconds):
    """Two minutes for a start are a user's patience, not a test's."""
    before, worker._START = worker._START, seconds
    try:
        yield
    finally:
        worker._START = before


def outcome(name, isolated):
    try:
        limits = {"path": sys.executable, "timeout": 6 if "hangs" in name else 120, "memory": "1GB"}
        slot = {"use": name, "python": limits} if isolated else name
        with patched_start(10 if name == "hangs-when-imported" else worker._START):
            run({"hostile": slot, "speech": "loudness"})
    except AffektError as error:
        return {"error": type(error).__name__, "text": str(error)}
    return {"error": None, "text": ""}


def main(isolated, names):
    told = {}
    for name in names:
        clip.audio.samples[:] = 1.0
        told[name] = outcome(name, isolated)
        told[name]["unchanged"] = bool((clip.audio.samples == 1.0).all())
        clip.audio.samples[:] = 1.0
        (felt,) = run({"speech": "loudness"})
        told[name]["others"] = felt.label
    threads = [thread.name for thread in threading.enumerate() if not thread.daemon]
    print(json.dumps({"pid": os.getpid(), "told": told, "threads": threads}))


if __name__ == "__main__":
    main(sys.argv[1] == "isolated", sys.argv[2:])
