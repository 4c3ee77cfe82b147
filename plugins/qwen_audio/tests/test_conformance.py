import pytest
from affekt_qwen_audio.describer import QwenAudioDescriber
from affekt_qwen_audio.encoder import QwenAudioEncoder
from affekt_testing import EncoderSuite, PreparerSuite


class TestEncoder(EncoderSuite):
    component = QwenAudioEncoder

    @pytest.fixture
    def options(self, tiny):
        return {"model": str(tiny), "layer": [1, -1]}


class TestDescriber(PreparerSuite):
    component = QwenAudioDescriber

    @pytest.fixture
    def options(self, tiny):
        return {"model": str(tiny), "dtype": "float32", "most_tokens": 6}
