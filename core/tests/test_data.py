import json
import pickle

import numpy as np
import pytest
from affekt import (
    AffektError,
    AudioSignal,
    Clip,
    Clue,
    DataError,
    EmotionPrediction,
    FaceTrack,
    Features,
    Moment,
    SpeechRequest,
    VideoFrames,
    Word,
)


def silence(seconds: float = 1.0) -> AudioSignal:
    return AudioSignal(samples=np.zeros(int(16_000 * seconds), np.float32), sample_rate=16_000)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros((5, 2), np.float32), r"AudioSignal.samples should be Float32 of shape \[time\]; found float32"),
        (np.zeros(5), "found float64"),
        ([0.0], "found list"),
        (np.array([0, np.nan, np.inf], np.float32), "2 values that are not finite"),
    ],
)
def test_wrong_samples_are_refused_with_what_was_found(samples, said):
    with pytest.raises(DataError, match=said):
        AudioSignal(samples=samples, sample_rate=16_000)


def test_a_data_error_is_also_a_value_error():
    with pytest.raises(ValueError, match="positive"):
        AudioSignal(samples=np.zeros(1, np.float32), sample_rate=0)
    assert issubclass(DataError, AffektError)


def test_fields_that_share_a_dimension_must_agree():
    with pytest.raises(DataError, match=r'FaceTrack.boxes has 2 along "time", but another field has 3'):
        FaceTrack(times=np.zeros(3), boxes=np.zeros((2, 4), np.float32), crops=np.zeros((3, 8, 8, 3), np.uint8))


def test_mappings_cannot_be_changed_and_survive_a_pickle():
    clip = Clip(id="a", audio=silence(), missing={"video": "no video track"})
    with pytest.raises(TypeError):
        clip.missing["face"] = "changed"
    again = pickle.loads(pickle.dumps(clip))
    assert again.missing == clip.missing
    np.testing.assert_array_equal(again.audio.samples, clip.audio.samples)
    with pytest.raises(TypeError):
        again.missing["face"] = "changed"


def test_a_clip_lasts_as_long_as_its_longest_track():
    video = VideoFrames(frames=np.zeros((20, 4, 4, 3), np.uint8), fps=10)
    assert Clip(id="a", audio=silence(1.0), video=video).duration == pytest.approx(2.0)
    assert Clip(id="b", words=(Word(start=0, end=3, text="hi"),)).duration == 3


def test_features_carry_exactly_one_clock():
    values = np.zeros((3, 2), np.float32)
    np.testing.assert_allclose(Features(values=values, hop=0.5, start=1).clock()[:, 0], [1, 1.5, 2])
    with pytest.raises(DataError, match="clock"):
        Features(values=values)
    with pytest.raises(DataError, match="clock"):
        Features(values=values, hop=0.1, spans=np.zeros((3, 2)))


def test_features_refuse_nan_and_wrong_names():
    with pytest.raises(DataError, match="NaN"):
        Features(values=np.full((1, 1), np.nan, np.float32), hop=1)
    with pytest.raises(DataError, match="1 names for 2 columns"):
        Features(values=np.zeros((1, 2), np.float32), hop=1, names=("a",))
    with pytest.raises(DataError, match='no column "AU12"'):
        Features(values=np.zeros((1, 1), np.float32), hop=1, names=("AU04",)).column("AU12")


def test_scores_must_be_probabilities():
    with pytest.raises(DataError, match="sum to 1"):
        EmotionPrediction(scores={"happy": 0.7, "sad": 0.7})
    assert EmotionPrediction(scores={"happy": 0.7, "sad": 0.3}).label == "happy"


def test_intensity_is_from_0_to_1():
    with pytest.raises(DataError, match="from 0 to 1"):
        SpeechRequest(text="hello", intensity=2)


def test_numpys_numbers_become_pythons_wherever_they_are_put_in():
    clue = Clue(modality="audio", start=np.float32(0.5), end=np.float64(1), text="loud", checked=np.bool_(True))
    felt = EmotionPrediction(
        scores={np.str_("happy"): np.float32(1.0)}, labels=(np.str_("happy"),), valence=np.float64(0.5), clues=(clue,),
        timeline=(Moment(start=np.int64(0), end=np.float64(1.0), scores={"happy": np.float64(1.0)}),),
    )  # fmt: skip
    assert felt.clues[0].checked is True
    assert json.dumps([dict(felt.scores), dict(felt.timeline[0].scores)]) == '[{"happy": 1.0}, {"happy": 1.0}]'
    assert json.dumps([felt.labels, felt.valence, felt.timeline[0].start]) == '[["happy"], 0.5, 0]'
    assert repr(Features(values=np.ones((2, 2), np.float32), hop=np.float64(0.02)).hop) == "0.02"
    assert json.dumps([Word(text="so", start=np.float32(0.5), end=np.float64(1.0)).start]) == "[0.5]"
    assert type(SpeechRequest(text="so", intensity=np.float64(0.5)).intensity) is float
