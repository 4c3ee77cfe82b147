"""A stream that is judged while it runs: each second has its answer before the next one is taken.

python examples/live_stream.py [clip.mp4]

A recording stands for the microphone here. `affekt live` does this with voice, face and words.
"""

import sys
import time
from collections.abc import Iterator
from importlib.resources import files

import affekt
from affekt_media import windows

path = sys.argv[1] if len(sys.argv) > 1 else str(files("affekt_cli") / "sample/white_house_statement_2015.mp4")


def microphone() -> Iterator[affekt.Clip]:
    """One second at a time."""
    yield from windows(path, 1.0, fps=1)


spec = affekt.PipelineSpec.parse("encoders: {speech: loudness}\nreasoner: {use: loud-is-excited, threshold: -30}")
begin = time.perf_counter()
for second, felt in enumerate(spec.build().stream(microphone(), batch_size=1)):
    print(f"{second:3} s  {felt}  ({time.perf_counter() - begin:.2f} s after the start)")
