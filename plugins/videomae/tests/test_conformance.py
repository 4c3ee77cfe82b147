import pytest
from affekt_testing import EncoderSuite
from affekt_videomae.encoder import VideoMaeEncoder


class TestRecipe(EncoderSuite):
    component = VideoMaeEncoder

    @pytest.fixture
    def options(self, checkpoint):
        return {"model": str(checkpoint), "size": 32, "preset": "emotion-llama"}


class TestTokens(EncoderSuite):
    component = VideoMaeEncoder

    @pytest.fixture
    def options(self, folder):
        return {"model": str(folder), "patches": "all", "layer": (1, -1), "frames": "uniform"}
