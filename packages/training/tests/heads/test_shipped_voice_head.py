"""The voice head that affekt-heads ships, on an actor it was trained on."""

import os
from pathlib import Path

import numpy as np
import pytest
from affekt import AudioSignal, Clip, WeightsError, plugins
from affekt_heads.emotions import EMOTIONS
from affekt_heads.voice import LAYERS, VoiceHead
from affekt_weights import fetch

pytest.importorskip("soundfile")

from affekt_training.heads.corpora import recordings
from affekt_training.heads.voice_statistics import read

SHARED = Path(os.environ.get("AFFEKT_SHARED", Path(__file__).parents[4].parent / "shared"))
RAVDESS = SHARED / "data" / "ravdess" / "Actor_03"


@pytest.fixture(scope="module")
def encoder():
    try:
        fetch("whisper-base")
    except WeightsError as error:
        pytest.skip(f"the weights whisper-base cannot be had: {error.message}")
    return plugins().create("encoder", "whisper", layers=LAYERS)


@pytest.mark.skipif(not RAVDESS.is_dir(), reason="AFFEKT_SHARED/data/ravdess is absent")
@pytest.mark.parametrize("gain", [0.25, 1.0])
def test_an_actor_it_was_trained_on_is_understood_at_any_level(encoder, gain):
    head = VoiceHead.load()
    strong = [one for one in recordings("ravdess", RAVDESS) if one.path.stem.split("-")[3:5] == ["02", "01"]]
    clips = [
        Clip(id=one.path.stem, audio=AudioSignal(samples=gain * read(one.path), sample_rate=16_000)) for one in strong
    ]
    right = [
        EMOTIONS[head.posterior(features, np.array([[0.0, 10.0]]))[0].argmax()] == one.emotion
        for features, one in zip(encoder.encode(clips), strong, strict=True)
    ]
    assert len(right) >= 7
    assert np.mean(right) >= 0.7
