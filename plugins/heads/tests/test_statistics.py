"""Which windows of a recording count as voice; the rows themselves are Whisper's, see `test_voice_head`."""

import numpy as np
from affekt import Clip, Features, Missing, Word
from affekt_heads.statistics import VoiceStatistics


def pooled(**fields):
    rows = np.random.default_rng(0).standard_normal((600, 2048)).astype(np.float32)
    return VoiceStatistics()._pooled(Features(values=rows, hop=0.02), Clip(id="a", **fields))


def test_without_a_transcript_every_window_counts():
    found = pooled()
    assert found.values.shape == (8, 4096)
    assert found.clock()[-1].tolist() == [9.0, 12.0]


def test_only_windows_in_which_somebody_speaks_count():
    words = (Word(start=0.2, end=1.0, text="we"), Word(start=1.0, end=1.8, text="won"))
    assert pooled(words=words, text="we won").clock().max() <= 4.5
    assert isinstance(pooled(words=(Word(start=1.0, end=1.2, text="oh"),), text="oh"), Missing)


def test_music_is_no_voice():
    assert pooled(missing={"text": "nobody speaks"}) == Missing(reason="nobody speaks")
