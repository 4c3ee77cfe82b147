"""Where somebody speaks: music, noise and machines have a pitch and a loudness too.

The voice activity detector is Silero's (https://github.com/snakers4/silero-vad, version 6), run by ONNX Runtime alone:
the package `silero-vad` needs torch.
"""

from pathlib import Path

import numpy as np
from affekt import WeightsError
from jaxtyping import Bool, Float32, Float64
from onnxruntime import InferenceSession, SessionOptions  # type: ignore[import-untyped]

MODEL = "silero_vad_16k_sequence.onnx"
SAMPLE_RATE = 16_000
CHUNK, CONTEXT = 512, 64
"""Samples that are judged at once, and samples before them that are seen as well."""
BLOCK = 4096
"""Chunks of one run of the network, to keep memory flat."""
BEGINS, ENDS = 0.5, 0.35
"""Probabilities at which speech begins and ends, as Silero recommends: a faint syllable does not end a sentence."""
SHORTEST = 0.25
"""Seconds: shorter stretches are chance. Melodies of 35 instruments made stretches of less than 0.2 s."""
MARGIN = 0.1
"""Seconds before and after a stretch that belong to it: the detector finds a beginning late."""
PEAK = 0.5
"""Amplitude that the sound is brought to: a quiet recording of a voice is speech as well."""


class SpeechDetector:
    """Silero's network, out of a folder that holds it."""

    def __init__(self, folder: Path) -> None:
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._network = InferenceSession(str(folder / MODEL), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises nothing more specific
            raise WeightsError(
                f'"{folder / MODEL}" is no voice activity detector: {error}', hint="affekt weights verify silero-vad"
            ) from error

    def rows(self, samples: Float64[np.ndarray, "time"], count: int, hop: float) -> Bool[np.ndarray, "row"]:
        """Which of `count` rows of `hop` seconds hold speech.

        Args:
            samples: sound at 16 kHz that is not silent throughout.
        """
        spoken = np.zeros(count, dtype=bool)
        for begin, end in _stretches(self._chances(samples * (PEAK / np.abs(samples).max()))):
            first, last = begin * CHUNK / SAMPLE_RATE, end * CHUNK / SAMPLE_RATE
            if last - first >= SHORTEST:
                spoken[max(0, round((first - MARGIN) / hop)) : round((last + MARGIN) / hop)] = True
        return spoken

    def _chances(self, samples: Float64[np.ndarray, "time"]) -> Float32[np.ndarray, "chunk"]:
        """The chance of speech in every chunk."""
        chunks = np.pad(samples, (0, -len(samples) % CHUNK)).astype(np.float32).reshape(-1, CHUNK)
        before = np.concatenate([np.zeros((1, CONTEXT), np.float32), chunks[:-1, -CONTEXT:]])
        state = {"h": np.zeros((1, 1, 128), np.float32), "c": np.zeros((1, 1, 128), np.float32)}
        blocks = []
        for at in range(0, len(chunks), BLOCK):
            block = np.concatenate([before[at : at + BLOCK], chunks[at : at + BLOCK]], axis=1)
            chances, state["h"], state["c"] = self._network.run(None, {"input": block, **state})
            blocks.append(chances)
        return np.concatenate(blocks)


def _stretches(chances: Float32[np.ndarray, "chunk"]) -> list[tuple[int, int]]:
    """First chunk of every stretch of speech, and the one after its last."""
    stretches: list[tuple[int, int]] = []
    begin: int | None = None
    for index, chance in enumerate([*chances.tolist(), 0.0]):
        if begin is None and chance >= BEGINS:
            begin = index
        elif begin is not None and chance < ENDS:
            stretches.append((begin, index))
            begin = None
    return stretches
