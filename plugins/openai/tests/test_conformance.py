import json

import pytest
from affekt import EmotionPrediction, Reference
from affekt_openai.describer import OpenAIDescriber
from affekt_openai.judge import OpenAIJudge
from affekt_openai.reasoner import OpenAIReasoner
from affekt_testing import EvaluatorSuite, PreparerSuite, ReasonerSuite


class TestOpenAIReasoner(ReasonerSuite):
    component = OpenAIReasoner

    @pytest.fixture
    def options(self, chat_server):
        # What is asked decides the answer, as with a real model at temperature 0.
        chat_server.answer = lambda asked: json.dumps(
            {"scores": {"happy": 1 + len(json.dumps(asked)) % 7, "sad": 3}, "words": ["glad"], "reason": "a smile"}
        )
        return {"endpoint": chat_server.endpoint()}


class TestOpenAIDescriber(PreparerSuite):
    component = OpenAIDescriber
    fills = "video"

    @pytest.fixture
    def options(self, chat_server):
        chat_server.answer = lambda asked: f"A scene of {len(json.dumps(asked))} letters."
        return {"endpoint": chat_server.endpoint()}


class TestOpenAIJudge(EvaluatorSuite):
    component = OpenAIJudge

    @pytest.fixture
    def options(self, chat_server):
        chat_server.answer = lambda asked: "worried\nScore: 7"
        return {"endpoint": chat_server.endpoint(), "repeats": 1}

    @pytest.fixture
    def inputs(self):
        said = EmotionPrediction(scores={"worried": 1.0}, rationale="she frowns")
        return [(said, Reference(description="a frown, worried"))] * 3
