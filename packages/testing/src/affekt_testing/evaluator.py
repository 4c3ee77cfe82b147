"""The suite of evaluators: what `evaluate` promises beyond what every role does."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from affekt import AffektError, Component, EmotionPrediction
from affekt.roles import Role

from affekt_testing.inputs import make_pairs
from affekt_testing.suite import Suite, fail


class EvaluatorSuite(Suite):
    """Predictions and truth in, measures out. Runs on `make_pairs()` unless there is a fixture `inputs`.

    `inputs` is a list of pairs: a prediction and its reference.
    """

    role: ClassVar[Role] = "evaluator"
    method: ClassVar[str] = "evaluate"

    @pytest.fixture
    def inputs(self) -> list[tuple[EmotionPrediction, Any]]:
        """Predictions, each with its reference."""
        return make_pairs()

    def call(self, made: Component, batch: list[Any]) -> Any:
        """Splits the pairs."""
        predictions, truth = [pair[0] for pair in batch], [pair[1] for pair in batch]
        return made.evaluate(predictions, truth)  # type: ignore[attr-defined]

    def test_measures_are_named_numbers(self, made: Component, inputs: list[Any]) -> None:
        """Return a mapping of names to finite numbers; leave a measure out, or say why, where it is not defined."""
        measures = self.call(made, inputs)
        if not isinstance(measures, Mapping) or not measures:
            fail(f"evaluate returns {measures!r}, not names with numbers")
        for name, value in measures.items():
            if not isinstance(name, str) or not isinstance(value, int | float) or not math.isfinite(value):
                fail(f"the measure {name!r} is {value!r}, not a finite number")

    def test_nothing_to_measure_is_an_error(self, made: Component, inputs: list[Any]) -> None:
        """No predictions, or fewer than references, must raise a DataError: a number would be invented."""
        predictions, truth = [pair[0] for pair in inputs], [pair[1] for pair in inputs]
        for some in ([], predictions[:-1]):
            with pytest.raises(AffektError):
                made.evaluate(some, truth if some else [])  # type: ignore[attr-defined]
