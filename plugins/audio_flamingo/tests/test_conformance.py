import pytest
from affekt_audio_flamingo.describer import AudioFlamingoDescriber
from affekt_audio_flamingo.encoder import AudioFlamingoEncoder
from affekt_testing import EncoderSuite, PreparerSuite


class TestEncoder(EncoderSuite):
    component = AudioFlamingoEncoder

    @pytest.fixture
    def options(self, tiny):
        return {"model": str(tiny), "layer": [1, -1]}


class TestDescriber(PreparerSuite):
    component = AudioFlamingoDescriber

    @pytest.fixture
    def options(self, tiny):
        return {"model": str(tiny), "dtype": "float32", "most_tokens": 6}
