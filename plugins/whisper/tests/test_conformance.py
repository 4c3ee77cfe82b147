from dataclasses import replace

import numpy as np
import pytest
from affekt_testing import EncoderSuite, PreparerSuite
from affekt_whisper.encoder import WhisperEncoder
from affekt_whisper.transcript import WhisperTranscript


class TestWhisperEncoder(EncoderSuite):
    component = WhisperEncoder

    @pytest.fixture
    def options(self, tiny):
        return {"model": str(tiny), "layers": (1, 2)}


@pytest.mark.usefixtures("real_weights")
class TestWhisperTranscript(PreparerSuite):
    component = WhisperTranscript
    options = {"threads": 1, "beam_size": 1}

    @pytest.fixture
    def inputs(self, clip_of):
        """Nobody speaks in them, which costs little; test_transcript.py has what is said."""
        noise = np.random.default_rng(0).normal(0, 0.01, (2, 16_000))
        return [replace(clip_of(samples), id=f"noise-{index}") for index, samples in enumerate(noise)]
