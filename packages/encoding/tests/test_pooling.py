import numpy as np
import pytest
from affekt import Features, OptionsError
from affekt_encoding.pooling import pooled

VALUES = np.arange(20, dtype=np.float32).reshape(10, 2)
ROWS = Features(values=VALUES, hop=0.5, start=1.0, names=("a", "b"))


def test_none_keeps_every_row():
    assert pooled(ROWS, "none") is ROWS


def test_the_mean_spans_all_rows():
    mean = pooled(ROWS, "mean")
    np.testing.assert_array_equal(mean.values, VALUES.mean(axis=0, keepdims=True))
    np.testing.assert_array_equal(mean.clock(), [[1.0, 6.0]])
    assert mean.names == ("a", "b")


def test_mean_and_deviation_stand_side_by_side():
    both = pooled(ROWS, "mean+std")
    np.testing.assert_allclose(both.values[0], [*VALUES.mean(axis=0), *VALUES.std(axis=0)], rtol=1e-6)
    assert both.names == ("a", "b", "a std", "b std")


def test_segments_cover_the_clip_without_gaps():
    parts = pooled(ROWS, "segments", 3)
    np.testing.assert_array_equal(parts.clock(), [[1.0, 2.5], [2.5, 4.5], [4.5, 6.0]])
    np.testing.assert_array_equal(parts.values[0], VALUES[:3].mean(axis=0))
    np.testing.assert_array_equal(pooled(ROWS, "segments", 99).values, VALUES)


def test_irregular_rows_keep_their_times():
    spans = np.array([[0.0, 0.3], [2.0, 2.2]])
    uneven = Features(values=VALUES[:2], spans=spans)
    np.testing.assert_array_equal(pooled(uneven, "mean").clock(), [[0.0, 2.2]])
    np.testing.assert_array_equal(pooled(uneven, "segments", 2).clock(), spans)


def test_another_pooling_is_refused():
    with pytest.raises(OptionsError, match='no "max"'):
        pooled(ROWS, "max")
