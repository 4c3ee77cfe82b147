"""Neutral speech of everyday announcements: prompts of the telephone system Asterisk, as the voice head's statistics.

Twelve prompts each of Allison Smith (English), June Wallack (French), Carlo Flora (Italian), Maxim Topal (Russian) and
the Spanish voice of Asterisk's core sounds 1.6.1, CC BY-SA 3.0 and CC BY 3.0. Their statistics ship with this package;
the sounds cannot be made from them again. This is how they came to be:

for language in en es fr it ru; do apt-get download asterisk-core-sounds-$language-g722; done
for package in asterisk-core-sounds-*.deb; do dpkg -x $package ${package%%-g722*}; done
python -c 'from affekt_training.heads.asterisk_prompts import make; make(FOLDER, "asterisk_prompts.safetensors")'
"""

from importlib.resources import as_file, files
from pathlib import Path

import av
import numpy as np
from affekt_heads.voice import LAYERS, LoudnessProbe
from jaxtyping import Float32
from safetensors.numpy import load_file, save_file

from affekt_training.heads.distortion import distort
from affekt_training.heads.voice_statistics import encoded

SHIPPED = "heads/data/asterisk_prompts.safetensors"
PROMPTS = 12
"""The number of prompts of each speaker, which stand in a row."""
LONGEST, SHORTEST = 72_000, 12_800
"""Bytes of G.722 at 8 kB a second: prompts of 1.6 to 9 s."""

Samples = Float32[np.ndarray, "time"]


def statistics() -> Float32[np.ndarray, "clip statistic"]:
    """Pooled statistics of all prompts: first as recorded, then the same ones distorted between two others."""
    with as_file(files("affekt_training").joinpath(SHIPPED)) as path:
        stored = load_file(path)
    return np.concatenate([stored["clean"], stored["within"]]).astype(np.float32)


def make(folder: Path, out: Path) -> None:
    """Pools prompts of every unpacked package in `folder`, as recorded and between two others of the same voice."""
    random = np.random.default_rng(5)
    clean, within = [], []
    for voice in sorted(path for path in Path(folder).iterdir() if path.is_dir()):
        files_of_voice = sorted(path for path in voice.rglob("*.g722") if SHORTEST < path.stat().st_size < LONGEST)
        prompts = [_decode(files_of_voice[index]) for index in random.permutation(len(files_of_voice))[:PROMPTS]]
        for prompt in prompts:
            clean.append(_pooled(prompt, 0, len(prompt)))
            before, middle, after = (
                distort(sound, random, speed=False)
                for sound in (prompts[random.integers(PROMPTS)], prompt, prompts[random.integers(PROMPTS)])
            )
            joined = np.concatenate([before, middle, after])
            within.append(_pooled(joined, len(before), len(before) + len(middle)))
    tensors = {"clean": np.stack(clean).astype(np.float16), "within": np.stack(within).astype(np.float16)}
    save_file(tensors, out)


def _pooled(samples: Samples, begin: int, end: int) -> Float32[np.ndarray, "statistic"]:
    return LoudnessProbe.shipped().pool(encoded(samples, LAYERS).values[begin // 320 : end // 320])


def _decode(path: Path) -> Samples:
    with av.open(str(path), format="g722") as file:
        frames = [frame.to_ndarray().ravel() for frame in file.decode(audio=0)]
    return np.concatenate(frames).astype(np.float32) / 32768
