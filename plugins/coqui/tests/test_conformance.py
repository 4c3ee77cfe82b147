"""The kit's suite, on the family that is the fastest."""

import pytest
from affekt_coqui.speaker import CoquiSpeaker
from affekt_testing import SpeakerSuite


class TestVits(SpeakerSuite):
    component = CoquiSpeaker

    @pytest.fixture
    def options(self, models):
        return {"model": str(models("vits-of-three")), "voice": "ada", "emotions": {"happy": "ben-happy"}}
