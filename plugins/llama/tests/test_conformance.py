import pytest
from affekt import Evidence, Features
from affekt_llama.reasoner import LlamaReasoner
from affekt_testing import ReasonerSuite, make_clip


class TestLlama(ReasonerSuite):
    component = LlamaReasoner

    @pytest.fixture
    def options(self, tiny):
        return {"model": str(tiny), "labels": ("happy", "sad", "angry")}

    @pytest.fixture
    def inputs(self):
        clips = [make_clip(1.2, seed=seed) for seed in range(2)]
        loud = Features(values=clips[0].audio.samples[:12, None], hop=0.1, names=("loudness",), source="loudness")
        return [Evidence(clip=clips[0], features={"prosody": loud}), Evidence(clip=clips[1])]
