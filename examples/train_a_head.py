"""Trains the voice head of a pipeline on a folder of one's own, and uses the pipeline that comes of it.

python examples/train_a_head.py [FOLDER]

FOLDER holds recordings and a file labels.csv with the columns file, label and speaker. Without one, two made-up voices
are used: a soft hum that is called sad and a loud hiss that is called happy. They differ in level, so the encoder is
`loudness`; for people's voices take `{use: whisper, layers: [1, 2, 3, 4]}`, `hubert` or another one of speech.
"""

import sys
import wave
from pathlib import Path
from tempfile import mkdtemp

import affekt
import numpy as np
from affekt_training.heads.fit import fit

RATE = 16_000
work = Path(mkdtemp(prefix="affekt-example-"))


def voice(emotion: str, seed: int) -> np.ndarray:
    """Two seconds."""
    time = np.arange(2 * RATE) / RATE
    if emotion == "sad":
        return 0.02 * np.sin(2 * np.pi * (110 + 5 * seed) * time)
    return 0.2 * np.random.default_rng(seed).standard_normal(len(time)).clip(-2, 2)


def made_up(folder: Path) -> Path:
    """Four speakers, each happy and sad."""
    folder.mkdir()
    rows = ["file,label,speaker"]
    for seed in range(4):
        for emotion in ("happy", "sad"):
            with wave.open(str(folder / f"{emotion}-{seed}.wav"), "wb") as file:
                file.setparams((1, 2, RATE, 0, "NONE", "NONE"))
                file.writeframes((voice(emotion, seed).clip(-1, 1) * 32767).astype("<i2").tobytes())
            rows.append(f"{emotion}-{seed}.wav,{emotion},speaker {seed}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


data = Path(sys.argv[1]) if len(sys.argv) > 1 else made_up(work / "voices")
spec = affekt.PipelineSpec.parse("""
prepare: {transcript: {use: given-text, text: la la la la la la la la}}
encoders: {speech: loudness}
reasoner: {use: heads, abstain_below: 0}
""")
fitted = fit(spec, "folder", data, work / "mine.yaml")
print(f"{fitted.clips} clips, {fitted.left_out} left out")
print("on speakers it was not trained on:", fitted.held_out)

pipeline = affekt.load(fitted.pipeline)
print(pipeline.analyze(voice("happy", 9), sample_rate=RATE).prediction)
