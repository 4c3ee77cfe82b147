"""Is it the same speaker? Cosine of GE2E embeddings (Wan et al., 2018; the encoder is Resemblyzer's)."""

from collections.abc import Sequence

import numpy as np
from affekt import AudioSignal
from affekt_voices.speaker_identity import embedding, similarity

ENCODER = "GE2E (Resemblyzer 0.1.4)"


def speaker_similarity(audio: AudioSignal, reference: AudioSignal | Sequence[AudioSignal]) -> float:
    """About .5 to .6 between strangers, .75 and above within a person; 1 for the same recording.

    Args:
        reference: of the speaker, one recording or several.
    """
    references = [reference] if isinstance(reference, AudioSignal) else list(reference)
    mean = np.mean([embedding(signal) for signal in references], axis=0)
    return similarity(embedding(audio), (mean / np.linalg.norm(mean)).astype(np.float32))
