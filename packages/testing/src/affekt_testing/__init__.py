"""The conformance kit: one suite a role, to subclass in a plugin's tests.

    class TestLoudness(EncoderSuite):
        component = Loudness
        options = {"hop": 0.05}

`suite` has the tests of every role, `encoder` and its neighbours those of one, `inputs` what they run on, `plugin` what
pytest needs, `chat_server` an OpenAI-compatible endpoint. A failing test prints its docstring, which says what to fix.
"""

from affekt_testing.encoder import EncoderSuite
from affekt_testing.evaluator import EvaluatorSuite
from affekt_testing.fuser import FuserSuite
from affekt_testing.inputs import make_clip, make_clips, make_evidence
from affekt_testing.preparer import PreparerSuite
from affekt_testing.reasoner import ReasonerSuite
from affekt_testing.speaker import SpeakerSuite
from affekt_testing.suite import warns_before

__all__ = [
    "EncoderSuite",
    "EvaluatorSuite",
    "FuserSuite",
    "PreparerSuite",
    "ReasonerSuite",
    "SpeakerSuite",
    "make_clip",
    "make_clips",
    "make_evidence",
    "warns_before",
]
