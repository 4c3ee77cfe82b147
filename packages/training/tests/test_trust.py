"""How far the default pipeline may trust what it has: voices without words, from what folds left on disk; and words."""

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


def test_words_are_trusted_more_where_lines_say_clearly_what_they_are_labelled(tmp_path, monkeypatch):
    monkeypatch.setenv("AFFEKT_CACHE", str(tmp_path / "cache"))
    lines = {"I am so angry with you, you idiot!": "2", "I miss her so much, I cry every night.": "25"}
    other = {"I love that.": "18", "Both.": "2,25"}  # no word of ours, and two labels
    for name, codes in (("right", lines), ("wrong", dict(zip(lines, reversed(lines.values()), strict=True)))):
        (tmp_path / name).mkdir()
        rows = [f"{text}\t{code}\ta{at}" for at, (text, code) in enumerate({**codes, **other}.items())]
        (tmp_path / name / "dev.tsv").write_text("\n".join(rows))
    right, wrong = (mini.trust("emotion-llama-mini", root=tmp_path / name) for name in ("right", "wrong"))
    assert right[1.5]["cross_entropy"] < right[0.3]["cross_entropy"] < wrong[0.3]["cross_entropy"]
    assert wrong[0.3]["cross_entropy"] < wrong[1.5]["cross_entropy"]
    assert right[1.0]["accuracy"] == 1.0
    assert not (tmp_path / "features").exists()
