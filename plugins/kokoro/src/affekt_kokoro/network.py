"""The spliced network: phonemes and prosody in, sound out. One call, one sentence."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from affekt.errors import DataError, WeightsError
from affekt.suggestions import did_you_mean
from affekt_weights import derive_from
from jaxtyping import Float32

from affekt_kokoro.controls import Controls
from affekt_kokoro.splice import VERSION, splice
from affekt_kokoro.weights import MODEL, VOCABULARY, VOICES

SAMPLE_RATE = 24_000
LONGEST = 509
"""Phonemes that the network takes at once: its 512 positions less the two ends and the empty style."""


@dataclass(frozen=True)
class Network:
    """Kokoro with prosody as inputs."""

    session: onnxruntime.InferenceSession
    vocabulary: Mapping[str, int]
    """Phoneme → token."""
    styles: Mapping[str, Float32[np.ndarray, "length 1 256"]]
    """Voice → its style for every length of a sentence."""

    @classmethod
    def load(cls, folder: Path, key: str, threads: int) -> "Network":
        """Loads from the weights' folder; the spliced model is made once and kept beside the weights.

        Args:
            folder: holds the files of `affekt_kokoro.weights`.
            key: identifies their contents.
            threads: of ONNX Runtime; 0 lets it choose.

        Raises:
            WeightsError: the folder does not hold this model.
        """
        if lost := [name for name in (MODEL, VOICES, VOCABULARY) if not (folder / name).is_file()]:
            raise WeightsError(f'"{folder}" lacks {", ".join(lost)}', hint="`affekt weights pull kokoro`")
        spliced = derive_from(folder, key, VERSION, lambda pulled, made: splice(pulled / MODEL, made / MODEL))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(spliced / MODEL, options, providers=["CPUExecutionProvider"])
        with np.load(folder / VOICES) as archive:
            styles = {name: archive[name].astype(np.float32) for name in archive.files}
        vocabulary = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))["vocab"]
        return cls(session, vocabulary, styles)

    def style(self, voice: str, length: int) -> Float32[np.ndarray, "1 256"]:
        """A voice's style for a sentence of `length` phonemes."""
        if voice not in self.styles:
            raise DataError(
                f'kokoro has no voice "{voice}"{did_you_mean(voice, self.styles)}',
                hint=f"one of {', '.join(self.styles)}",
            )
        return self.styles[voice][length - 1]

    def say(self, phonemes: str, voice: str, controls: Controls) -> Float32[np.ndarray, "time"]:
        """One sentence at 24 kHz, with silence before and after. `phonemes` are at most `LONGEST`."""
        tokens = [self.vocabulary[phoneme] for phoneme in phonemes if phoneme in self.vocabulary]
        (sound,) = self.session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": self.style(voice, len(tokens)),
                "speed": np.array([controls.rate], dtype=np.float32),
                "pitch_ratio": np.array(2 ** (controls.pitch / 12), dtype=np.float32),
                "span_ratio": np.array(controls.span, dtype=np.float32),
                # The network follows about a sixth of what is asked: `level` does the rest.
                "energy_shift": np.array(controls.energy / 3, dtype=np.float32),
            },
        )
        return np.asarray(sound, dtype=np.float32).reshape(-1)
