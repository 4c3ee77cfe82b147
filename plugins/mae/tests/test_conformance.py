import pytest
from affekt_mae.encoder import MaeEncoder
from affekt_testing import EncoderSuite


class TestRecipe(EncoderSuite):
    component = MaeEncoder

    @pytest.fixture
    def options(self, checkpoint):
        return {"model": str(checkpoint), "preset": "emotion-llama"}


class TestPatches(EncoderSuite):
    component = MaeEncoder

    @pytest.fixture
    def options(self, folder):
        return {"model": str(folder), "tokens": "all", "layer": (0, -1), "frames": "uniform", "count": 3}
