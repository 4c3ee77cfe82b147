import pytest
from affekt import SpeechRequest
from affekt_kokoro.speaker import KokoroSpeaker
from affekt_testing import SpeakerSuite


@pytest.mark.usefixtures("speaker")
class TestKokoro(SpeakerSuite):
    component = KokoroSpeaker
    options = {"voice": "jm_kumo", "threads": 1}

    @pytest.fixture
    def inputs(self):
        return [SpeechRequest(text="Hi.", emotion="happy"), SpeechRequest(text="Why?", voice="jf_nezumi")]
