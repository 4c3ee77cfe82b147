"""The spliced network: phonemes and prosody in, sound out. One call, one sentence."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from affekt.errors import WeightsError
from affekt_weights import catalogue, derive, derive_from, fetch
from jaxtyping import Float32

from affekt_kokoro.controls import Controls
from affekt_kokoro.level import resampled
from affekt_kokoro.splice import VERSION, splice
from affekt_kokoro.voices import Style, Styles, Voice
from affekt_kokoro.weights import MODEL, VOCABULARY, VOICES

SAMPLE_RATE = 24_000
LONGEST = 509
"""Phonemes that the network takes at once: its 512 positions less the two ends and the empty style."""


@dataclass(frozen=True)
class Network:
    """Kokoro with prosody as inputs."""

    session: onnxruntime.InferenceSession
    vocabulary: Mapping[str, int]
    """The token of each phoneme."""
    styles: Mapping[str, Style]
    """The style of each voice."""

    digest: str
    """sha256 of the model as it was published."""

    @classmethod
    def load(cls, weights: str, threads: int) -> Self:
        """Loads the network; the spliced model is made once and kept beside the weights.

        Args:
            weights: a name of `affekt weights list`, or a local folder with the same files.
            threads: of ONNX Runtime; 0 lets it choose.

        Raises:
            WeightsError: the weights cannot be had, or the folder does not hold this model.
        """
        folder = fetch(weights)
        if lost := [name for name in (MODEL, VOICES, VOCABULARY) if not (folder / name).is_file()]:
            raise WeightsError(f'"{folder}" lacks {", ".join(lost)}', hint="`affekt weights pull kokoro`")
        digest = sha256_of(folder / MODEL)
        session = _session(_spliced(weights, folder, digest), threads)
        vocabulary = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))["vocab"]
        return cls(session, vocabulary, Styles(folder), digest)

    def say(self, phonemes: str, voice: Voice, controls: Controls) -> Float32[np.ndarray, "time"]:
        """One sentence at 24 kHz, with silence before and after. `phonemes` are at most `LONGEST`.

        Args:
            controls: what the voice has of its own is among them, see `Controls.over`.
        """
        readable = phonemes if voice.flaps else phonemes.replace("T", "t")
        tokens = [self.vocabulary[phoneme] for phoneme in readable if phoneme in self.vocabulary]
        (sound,) = self.session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": voice.style[len(tokens) - 1],
                # Resampling below moves rate and pitch together with the formants.
                "speed": np.array([controls.rate / controls.formants], dtype=np.float32),
                "pitch_ratio": np.array(2 ** (controls.pitch / 12) / controls.formants, dtype=np.float32),
                "span_ratio": np.array(controls.span, dtype=np.float32),
                # The network follows about a sixth of what is asked: `level` does the rest.
                "energy_shift": np.array(controls.energy / 3, dtype=np.float32),
            },
        )
        return resampled(np.asarray(sound, dtype=np.float32).reshape(-1), controls.formants)


def _spliced(weights: str, folder: Path, digest: str) -> Path:
    def build(pulled: Path, output: Path) -> None:
        splice(pulled / MODEL, output / MODEL)

    entry = catalogue().get(weights)
    if entry is not None:
        return derive(entry, VERSION, build) / MODEL
    return derive_from(folder, f"{folder.name}-{digest[:12]}", VERSION, build) / MODEL


def _session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Threads that wait in a loop starve whatever else runs, and themselves on a busy machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own exceptions share no narrower base
        raise WeightsError(
            f'ONNX Runtime cannot load "{model}": {error}', hint="`affekt weights remove kokoro`, then again"
        ) from error


def sha256_of(path: Path) -> str:
    """The file's sha256 in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
