import pytest
from affekt_eva.encoder import EvaEncoder
from affekt_testing import EncoderSuite


class TestRecipe(EncoderSuite):
    component = EvaEncoder

    @pytest.fixture
    def options(self, checkpoint):
        return {"model": str(checkpoint), "preset": "emotion-llama", "size": 112, "layer": 2}


class TestEva02(EncoderSuite):
    component = EvaEncoder

    @pytest.fixture
    def options(self, eva_02):
        return {"model": str(eva_02), "frames": "uniform", "count": 4, "tokens": "mean", "pool": "mean+std"}
