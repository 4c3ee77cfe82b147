"""How voices without words are claimed by the default pipeline, from what folds left on disk."""

import numpy as np
import pytest
from affekt import DataError
from affekt_training import mini
from affekt_training.cross_validation import HeldOut, save

NINE = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored")


def test_what_is_claimed_of_bursts_is_counted_over_all_folds(tmp_path):
    sure, unsure, wrong = np.full((3, 9), -6.0)
    sure[NINE.index("happy")] = unsure[NINE.index("happy")] = wrong[NINE.index("sad")] = 0.0
    unsure[NINE.index("sad")] = -0.2
    bored = sure.copy()
    bored[NINE.index("bored")] = 1.0  # likelier than happy, which no burst is labelled as
    rows = np.array([sure, unsure, wrong, bored])
    for fold, chosen in enumerate(([0, 1], [2, 3])):
        held = HeldOut(
            ids=tuple(f"{fold}-{row}" for row in chosen), groups=("a", "b"), truth=np.full(2, NINE.index("happy")),
            named=np.ones((2, 9), dtype=bool), scores=rows[chosen],
        )  # fmt: skip
        save({"emogator": held}, tmp_path / f"fold-{fold}" / "held-out.npz")
    shares = {title: (share.hits, share.total) for title, share in mini.wordless(tmp_path).items()}
    assert shares["judged right"] == (3, 4)
    assert shares["right, of those that are claimed"] == (2, 3)
    assert shares["judged right where it is taken for speech"][0] <= 3


def test_a_run_without_folds_is_refused(tmp_path):
    with pytest.raises(DataError, match="no fold in which emogator was held out"):
        mini.wordless(tmp_path)
