import pytest
from affekt_heads.reasoner import HeadsReasoner
from affekt_testing import ReasonerSuite
from handmade import clip, evidence, expression, units


class TestHeads(ReasonerSuite):
    component = HeadsReasoner
    options = {"hop": 0.5, "abstain_below": 0.2}

    @pytest.fixture
    def inputs(self):
        smile = {"expression": expression((2, None), (4, "happy")), "action_units": units(AU12=(0.8, 2.5, 5.0))}
        return [
            evidence(clip(), {"speech": "nobody speaks"}, **smile),
            evidence(clip(3.0), {"words": "nobody speaks"}, expression=expression((3, "sad"))),
        ]
