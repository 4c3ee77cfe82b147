import pytest
from affekt_testing import EncoderSuite
from affekt_text.encoder import MiniLMEncoder


class TestMiniLM(EncoderSuite):
    component = MiniLMEncoder

    @pytest.fixture
    def options(self, tiny):
        return {"model": str(tiny)}
