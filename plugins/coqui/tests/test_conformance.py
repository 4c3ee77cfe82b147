"""The kit's suites, on a model that clones and on one that does not."""

import pytest
from affekt import SpeechRequest
from affekt_coqui.speaker import CoquiSpeaker
from affekt_testing import SpeakerSuite


class TestVits(SpeakerSuite):
    component = CoquiSpeaker

    @pytest.fixture
    def options(self, models):
        return {"model": str(models("vits-of-three")), "voice": "ada", "emotions": {"happy": "ben-happy"}}


class TestXtts(SpeakerSuite):
    component = CoquiSpeaker

    @pytest.fixture
    def options(self, models):
        return {"model": str(models("xtts")), "voice": "emma", "emotions": {"happy": "emma-happy"}}

    @pytest.fixture
    def inputs(self):
        return [SpeechRequest(text="Hi.", emotion="happy", intensity=0.8), SpeechRequest(text="Why?", emotion="sad")]
