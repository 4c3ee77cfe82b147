from dataclasses import replace

import pytest
from affekt_testing import EncoderSuite, PreparerSuite, make_clips
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
    def inputs(self):
        """Nobody speaks in them, which costs little; test_transcript.py has what is said."""
        return [replace(clip, text=None, words=(), language=None) for clip in make_clips()]
