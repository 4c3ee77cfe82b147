"""The suite of reasoners: what `reason` promises beyond what every role does."""

from typing import ClassVar

import pytest
from affekt import Component, EmotionPrediction, Evidence
from affekt.roles import Role

from affekt_testing.batch import BatchSuite
from affekt_testing.inputs import make_evidence, no_evidence
from affekt_testing.suite import fail

EDGE = 0.1


class ReasonerSuite(BatchSuite):
    """Evidence in, predictions with reasons out. Runs on `make_evidence()` unless there is a fixture `inputs`."""

    role: ClassVar[Role] = "reasoner"
    method: ClassVar[str] = "reason"
    results: ClassVar[tuple[type, ...]] = (EmotionPrediction,)

    @pytest.fixture
    def inputs(self) -> list[Evidence]:
        """Evidence with what the reasoner reads."""
        return make_evidence()

    def test_clues_lie_in_the_clip(self, made: Component, inputs: list[Evidence]) -> None:
        """A clue's `start` and `end` are seconds from the start of the clip, in order and inside it."""
        for evidence, prediction in zip(inputs, self.call(made, inputs), strict=True):
            for clue in prediction.clues:
                if not -EDGE <= clue.start <= clue.end <= evidence.clip.duration + EDGE:
                    fail(
                        f"a clue from {clue.start:.2f} to {clue.end:.2f} s in a clip of {evidence.clip.duration:.2f} s"
                    )

    def test_says_when_its_modality_is_missing(self, made: Component) -> None:
        """Where nothing at all is known the reasoner abstains: `EmotionPrediction(scores=…, abstained="why")`.

        A guess from nothing looks like knowledge. Scores stay needed: give equal ones.
        """
        (prediction,) = self.call(made, [no_evidence()])
        if not prediction.abstained:
            fail(f"with no evidence at all it claims {prediction.label} instead of abstaining with a reason")
