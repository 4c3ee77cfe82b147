"""Makes the two small files that training the voice head starts from. They ship; this is how they came to be.

for language in en es fr it ru; do apt-get download asterisk-core-sounds-$language-g722; done
for package in asterisk-core-sounds-*.deb; do dpkg -x $package ${package%%-g722*}; done
python -c 'from affekt_heads.voice_ingredients import make_announcers as make; make(FOLDER, "announcers.safetensors")'
"""

from pathlib import Path

import av
import numpy as np
from affekt import AudioSignal, Clip, Encoder, Features, plugins
from jaxtyping import Float32, Float64
from safetensors.numpy import save_file

from affekt_heads.distortion import SAMPLE_RATE, distort
from affekt_heads.train_voice import probe
from affekt_heads.voice import LAYERS
from affekt_heads.voice_material import ENCODER

PROMPTS = 12
"""Of each announcer."""
LONGEST, SHORTEST = 72_000, 12_800
"""Bytes of G.722 at 8 kB a second: prompts of 1.6 to 9 s."""
RIDGE = 30.0
"""Penalty of the probe's squared weights."""

Samples = Float32[np.ndarray, "time"]


def make_announcers(folder: Path, out: Path) -> None:
    """Pools prompts of every unpacked package in `folder`, clean and between two others of the same voice."""
    random = np.random.default_rng(5)
    clean, within = [], []
    for voice in sorted(path for path in Path(folder).iterdir() if path.is_dir()):
        files = sorted(path for path in voice.rglob("*.g722") if SHORTEST < path.stat().st_size < LONGEST)
        prompts = [_decode(files[index]) for index in random.permutation(len(files))[:PROMPTS]]
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


def make_probe(samples: Samples, out: Path) -> None:
    """Fits the loudness probe on one recording at 16 kHz, at five levels, clean and with added noise."""
    random = np.random.default_rng(0)
    rows, levels = [], []
    for gain in (-30, -20, -10, -4, 4):
        for ratio in (None, 30, 15):
            sound = _faded(samples * 10 ** (gain / 20), random)
            if ratio is not None:
                noise = random.standard_normal(len(sound))
                sound = sound + noise * np.sqrt(np.mean(sound**2)) * 10 ** (-ratio / 20)
            heard = _encoded(np.clip(sound, -1, 1).astype(np.float32), layers=(1,))
            rows.append(heard)
            levels.append(_level(sound, len(heard)))
    x, y = np.concatenate(rows).astype(np.float64), np.concatenate(levels)
    centred = x - x.mean(axis=0)
    weight = np.linalg.solve(centred.T @ centred + RIDGE * np.eye(x.shape[1]), centred.T @ (y - y.mean()))
    bias = np.array([y.mean() - x.mean(axis=0) @ weight], dtype=np.float32)
    save_file({"weight": weight.astype(np.float32), "bias": bias}, out)


def _faded(sound: Float64[np.ndarray, "time"], random: np.random.Generator) -> Float64[np.ndarray, "time"]:
    """With three stretches turned down by 20 to 60 dB, because one recording has few pauses."""
    sound = sound.copy()
    for begin in random.integers(0, max(1, len(sound) - 8000), 3):
        sound[begin : begin + random.integers(3000, 8000)] *= 10 ** (-random.uniform(1, 3))
    return sound


def _level(sound: Float64[np.ndarray, "time"], rows: int) -> Float64[np.ndarray, "row"]:
    size = SAMPLE_RATE // 50
    padded = np.pad(sound, (0, max(0, rows * size - len(sound))))[: rows * size].reshape(rows, size)
    return np.maximum(10 * np.log10(np.mean(padded**2, axis=1) + 1e-10), -80.0)


def _pooled(samples: Samples, begin: int, end: int) -> Float32[np.ndarray, "statistic"]:
    return probe().pool(_encoded(samples, LAYERS)[begin // 320 : end // 320])


def _encoded(samples: Samples, layers: tuple[int, ...]) -> Float32[np.ndarray, "row column"]:
    encoder: Encoder = plugins().create("encoder", ENCODER, layers=layers)
    (heard,) = encoder.encode([Clip(id="", audio=AudioSignal(samples=samples, sample_rate=SAMPLE_RATE))])
    if not isinstance(heard, Features):
        raise ValueError(heard.reason)
    return heard.values


def _decode(path: Path) -> Samples:
    with av.open(str(path), format="g722") as file:
        frames = [frame.to_ndarray().ravel() for frame in file.decode(audio=0)]
    return np.concatenate(frames).astype(np.float32) / 32768
