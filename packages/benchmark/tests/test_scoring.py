"""The benchmark of label scoring, on a tiny random model: what it compares is equal. Its times are for real models."""

import pytest

pytest.importorskip("affekt_emotion_llama")

from affekt_benchmark.costs import scoring


def test_what_is_compared_is_equal(llama):
    found = scoring.of_model(str(llama), repeats=1)
    assert found.met["values"]
    assert 1 < found.arithmetic_limit < 5
    assert found.prompt_tokens > 260
