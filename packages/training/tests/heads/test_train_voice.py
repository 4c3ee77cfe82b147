import numpy as np
import pytest

pytest.importorskip("soundfile")

from affekt_heads.emotions import EMOTIONS
from affekt_heads.voice import VoiceHead
from affekt_training.heads import train_voice
from affekt_training.heads.distortion import distort
from affekt_training.heads.voice_statistics import VoiceStatistics


@pytest.fixture(scope="module")
def material():
    """Two corpora with their own labels; each emotion moves its columns, each speaker others a little."""
    random = np.random.default_rng(0)
    labels = {"ravdess": ("neutral", "happy", "sad"), "emodb": ("neutral", "bored", "sad")}
    rows, emotions, corpora, speakers = [], [], [], []
    for corpus, names in labels.items():
        for speaker in range(7):
            for name in names * 3:
                row = random.standard_normal(4096)
                row[EMOTIONS.index(name) :: 16] += 3
                row[9 + speaker :: 16] += 1
                rows.append(row)
                emotions.append(EMOTIONS.index(name))
                corpora.append(corpus)
                speakers.append(f"{corpus}-{speaker}")
    return VoiceStatistics(
        copies=(np.array(rows, dtype=np.float32),),
        emotions=np.array(emotions),
        corpora=tuple(corpora),
        speakers=tuple(speakers),
        ids=tuple(map(str, range(len(rows)))),
    )


def test_no_speaker_is_in_two_folds_and_every_corpus_is_in_each(material):
    fold = train_voice.folds(material)
    for speaker in set(material.speakers):
        assert len(set(fold[np.array(material.speakers) == speaker])) == 1
    assert set(fold[material.of("emodb")]) == set(range(7))


def test_a_head_learns_what_tells_emotions_apart_and_survives_its_file(material, tmp_path):
    head = train_voice.fit(material, train_voice.folds(material) != 0)
    held_out = train_voice.folds(material) == 0
    judged = head.judge(material.copies[0][held_out])
    judged_by_others, temperature = train_voice.judge_held_out(material, train_voice.fit)
    assert temperature in train_voice.TEMPERATURES
    scored = train_voice.scored_on(material, judged_by_others, "emodb")
    assert scored.labels == ("neutral", "sad", "bored")
    assert scored.measures()["uar"] > 0.9
    train_voice.write(head, tmp_path / "voice.safetensors", "EmoDB")
    again = VoiceHead.load(tmp_path / "voice.safetensors").judge(material.copies[0][held_out])
    np.testing.assert_allclose(again, judged, atol=0.02)
    assert [path.name for path in tmp_path.iterdir()] == ["voice.safetensors"]


def test_the_temperature_undoes_doubt_and_boldness(material):
    random = np.random.default_rng(1)
    truth = np.full((len(material.emotions), len(EMOTIONS)), 0.02)
    for row, emotion in enumerate(material.emotions):
        own = [EMOTIONS.index(label) for label in ("neutral", "happy", "sad") if material.corpora[row] == "ravdess"]
        own = own or [EMOTIONS.index(label) for label in ("neutral", "bored", "sad")]
        truth[row, emotion if random.random() < 0.8 else random.choice(own)] = 0.8
    honest = train_voice.calibrate(truth, material)
    for exponent in (0.5, 1.1):
        bent = truth**exponent
        found = train_voice.calibrate(bent / bent.sum(axis=1, keepdims=True), material)
        assert found == pytest.approx(honest * exponent, rel=0.05)


def test_distorted_copies_keep_their_length_and_stay_in_range():
    sound = (0.1 * np.random.default_rng(0).standard_normal(16_000)).astype(np.float32)
    for seed in range(12):
        copy = distort(sound, np.random.default_rng(seed), speed=False)
        assert copy.dtype == np.float32
        assert abs(len(copy) - len(sound)) <= 2400  # an MP3 coder pads
        assert np.abs(copy).max() <= 1.1
