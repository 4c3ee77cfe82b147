import pytest
from affekt_hubert.encoder import HubertEncoder
from affekt_testing import EncoderSuite


class TestHubertBase(EncoderSuite):
    component = HubertEncoder

    @pytest.fixture
    def options(self, tiny):
        return {"model": str(tiny("base"))}


class TestHubertLarge(EncoderSuite):
    component = HubertEncoder

    @pytest.fixture
    def options(self, tiny):
        return {"model": str(tiny("large")), "layer": [1, -1]}
