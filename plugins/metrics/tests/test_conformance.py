"""The conformance kit over every evaluator that needs no weights."""

import pytest
from affekt import EmotionPrediction, Reference
from affekt_metrics.accuracy import Accuracy
from affekt_metrics.agreement import Agreement
from affekt_metrics.calibration import Calibration
from affekt_metrics.confusion import Confusion
from affekt_metrics.dfew import Dfew
from affekt_metrics.emer_proxy import EmerProxy
from affekt_metrics.emotion_wheel import EmotionWheel
from affekt_metrics.f1 import F1
from affekt_metrics.hit_rate import HitRate
from affekt_metrics.mer2023 import Mer2023
from affekt_metrics.mer2024_ov import Mer2024Ov
from affekt_metrics.risk_coverage import RiskCoverage
from affekt_metrics.sentiment import Sentiment
from affekt_metrics.uar import UnweightedAverageRecall
from affekt_testing import EvaluatorSuite

LABELS = ("happy", "sad", "angry")


class Evaluates(EvaluatorSuite):
    """References that hold everything any evaluator needs."""

    options = {"intervals": {"draws": 20}}

    @pytest.fixture
    def inputs(self):
        pairs = []
        for index in range(9):
            label, answer = LABELS[index % 3], LABELS[(index // 2) % 3]
            scores = {one: 0.6 if one == answer else 0.2 for one in LABELS}
            text = f"the voice is raised, so {answer}"
            said = EmotionPrediction(scores=scores, labels=(answer,), valence=0.1 * index, rationale=text)
            true = Reference(
                id=str(index), label=label, labels=(label,), valence=0.2, description="a raised voice: " + label,
                group=str(index % 4), fold=str(index % 5),
            )  # fmt: skip
            pairs.append((said, true))
        return pairs


class TestAccuracy(Evaluates):
    component = Accuracy


class TestSentiment(Evaluates):
    component = Sentiment


class TestUnweightedAverageRecall(Evaluates):
    component = UnweightedAverageRecall


class TestF1(Evaluates):
    component = F1


class TestConfusion(Evaluates):
    component = Confusion
    options = {}


class TestMer2023(Evaluates):
    component = Mer2023


class TestDfew(Evaluates):
    component = Dfew


class TestMer2024Ov(Evaluates):
    component = Mer2024Ov


class TestEmotionWheel(Evaluates):
    component = EmotionWheel


class TestHitRate(Evaluates):
    component = HitRate


class TestEmerProxy(Evaluates):
    component = EmerProxy


class TestCalibration(Evaluates):
    component = Calibration


class TestRiskCoverage(Evaluates):
    component = RiskCoverage


class TestAgreement(Evaluates):
    component = Agreement
