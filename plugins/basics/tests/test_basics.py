import numpy as np
import pytest
from affekt import (
    AudioSignal,
    Clip,
    DataError,
    EmotionPrediction,
    Evidence,
    Features,
    Missing,
    Reference,
    SpeechRequest,
    VideoFrames,
    plugins,
)


def create(role, name, **options):
    return plugins().create(role, name, **options)


def tone(level, seconds=1.0):
    time = np.arange(int(16_000 * seconds)) / 16_000
    return AudioSignal(samples=(level * np.sin(2 * np.pi * 220 * time)).astype(np.float32), sample_rate=16_000)


def test_loudness_is_in_decibels_re_full_scale():
    (found,) = create("encoder", "loudness").encode([Clip(id="a", audio=tone(1.0))])
    np.testing.assert_allclose(found.column("loudness"), 20 * np.log10(1 / np.sqrt(2)), atol=0.01)
    assert found.hop == pytest.approx(0.1)


def test_sound_shorter_than_a_row_is_missing_and_not_zero():
    short, none = create("encoder", "loudness").encode([Clip(id="a", audio=tone(1.0, 0.01)), Clip(id="b")])
    assert isinstance(short, Missing)
    assert "0.010 s" in short.reason
    assert none == Missing(reason="the clip has no audio")


def test_brightness_and_motion_follow_the_frames():
    frames = np.zeros((4, 2, 2, 3), np.uint8)
    frames[2:] = 255
    (found,) = create("encoder", "brightness").encode([Clip(id="a", video=VideoFrames(frames=frames, fps=2))])
    np.testing.assert_allclose(found.column("brightness"), [0, 0, 1, 1])
    np.testing.assert_allclose(found.column("motion"), [0, 0, 1, 0])
    np.testing.assert_allclose(found.clock()[-1], [1.5, 2.0])


def test_a_given_text_fills_the_clip_and_never_replaces_one():
    preparer = create("preparer", "given-text", text="hello there")
    fresh, spoken = preparer.prepare([Clip(id="a", audio=tone(1, 2.0)), Clip(id="b", text="already")])
    assert [(word.start, word.end) for word in fresh.words] == [(0, 1), (1, 2)]
    assert spoken.text == "already"


def test_missing_slots_are_masked_and_keep_their_place():
    known = Evidence(
        clip=Clip(id="a"),
        features={"b": Features(values=np.ones((2, 3), np.float32), hop=1)},
        missing={"a": "no face"},
    )
    (fused,) = create("fuser", "concatenate", width=4).fuse([known])
    np.testing.assert_array_equal(fused.mask, [False, True])
    np.testing.assert_array_equal(fused.tokens, [[0, 0, 0, 0], [1, 1, 1, 0]])
    with pytest.raises(DataError, match="3 columns"):
        create("fuser", "concatenate", width=2).fuse([known])


def test_a_voice_is_as_excited_as_it_is_loud():
    reasoner = create("reasoner", "loud-is-excited", threshold=-25.0, width=6.0)

    def excitement(level):
        features = Features(values=np.full((3, 1), level, np.float32), hop=0.1, names=("loudness",))
        (felt,) = reasoner.reason([Evidence(clip=Clip(id="a"), features={"speech": features})])
        assert felt.arousal == pytest.approx(2 * felt.scores["excited"] - 1)
        return felt.scores["excited"]

    assert excitement(-25.0) == pytest.approx(0.5)
    assert excitement(-19.0) == pytest.approx(0.7311, abs=1e-4), "one width above the threshold"
    assert excitement(-31.0) == pytest.approx(0.2689, abs=1e-4)


def test_hits_are_shares_and_need_a_label_each():
    said = [EmotionPrediction(scores={"happy": 1.0, "sad": 0.0})] * 4
    found = create("evaluator", "hits").evaluate(said, ["happy", Reference(label="happy"), "happy", "sad"])
    assert found == {"hits": 0.75, "n": 4}
    with pytest.raises(DataError, match="found 4 predictions and 1 labels"):
        create("evaluator", "hits").evaluate(said, ["happy"])
    with pytest.raises(DataError, match="4 predictions and 3 labels"):
        create("evaluator", "hits").evaluate(said, [*["happy"] * 3, Reference(valence=0.5)])


def test_beeps_rise_with_happiness_and_refuse_silence():
    beeps = create("speaker", "beeps")
    calm, happy = beeps.speak(
        [SpeechRequest(text="banana"), SpeechRequest(text="banana", emotion="happy", intensity=1)]
    )
    assert happy.provenance["pitch"] == pytest.approx(1.25 * calm.provenance["pitch"])
    assert happy.audio.duration < calm.audio.duration
    with pytest.raises(DataError, match="nothing to say"):
        beeps.speak([SpeechRequest(text="…")])
