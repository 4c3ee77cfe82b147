import pytest
from affekt_testing import ReasonerSuite
from affekt_video_llama.reasoner import VideoLlamaReasoner


class TestVideoLlama(ReasonerSuite):
    component = VideoLlamaReasoner

    @pytest.fixture
    def options(self, video_llava):
        return {"model": str(video_llava), "dtype": "float32", "frames": 2, "most_tokens": 3}
