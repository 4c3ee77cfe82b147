import pytest
from affekt_mmaction2.encoder import Mmaction2Encoder
from affekt_testing import EncoderSuite


class TestSlowFast(EncoderSuite):
    component = Mmaction2Encoder

    @pytest.fixture
    def options(self, recogniser):
        config, checkpoint, _ = recogniser("slowfast", "CenterCrop")
        return {"config": str(config), "checkpoint": str(checkpoint)}
