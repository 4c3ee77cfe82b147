import pytest
from affekt_testing import EncoderSuite
from affekt_wavlm.encoder import WavLMEncoder


class TestWavLM(EncoderSuite):
    component = WavLMEncoder

    @pytest.fixture
    def options(self, tiny):
        return {"model": str(tiny("large")), "layer": [1, -1]}
