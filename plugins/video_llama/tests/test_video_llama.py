import numpy as np
import pytest
from affekt import Clip, Evidence, VideoFrames, WeightsError, plugins


def film(level, count=10):
    frames = np.random.default_rng(level).integers(0, 255, (count, 40, 60, 3), dtype=np.uint8)
    return VideoFrames(frames=frames, fps=5)


def create(folder, **options):
    return plugins().create("reasoner", "video-llama", model=str(folder), dtype="float32", frames=4, **options)


@pytest.fixture(params=["video_llava", "qwen"])
def folder(request):
    return request.getfixturevalue(request.param)


def test_frames_and_words_change_the_answer(folder):
    reasoner = create(folder, most_tokens=0)
    one, other, spoken = reasoner.reason(
        [
            Evidence(clip=Clip(id="a", video=film(1))),
            Evidence(clip=Clip(id="b", video=film(2))),
            Evidence(clip=Clip(id="c", video=film(1), text="sad sad")),
        ]
    )
    assert sum(one.scores.values()) == pytest.approx(1)
    assert one.scores != other.scores
    assert one.scores != spoken.scores
    assert one.labels == (one.label,)


def test_labels_are_scored_as_the_model_scores_them(folder):
    """The score of a label is what generation would have to pay for it: the same log-probability, token by token."""
    model = create(folder)._model
    frames = film(3, 4).frames
    scores = model.answers(frames, "feel ?", ("happy", "sad"))
    asked = model._asked(frames, "feel ?")
    first = model.network(**asked, use_cache=False).logits[0, -1].float().log_softmax(-1)
    words = {
        word: model.processor.tokenizer(word, add_special_tokens=False)["input_ids"][0] for word in ("happy", "sad")
    }
    for score, token in zip(scores, words.values(), strict=True):
        assert score < float(first[token])


def test_an_explanation_is_written_and_fewer_frames_than_asked_for_will_do(folder):
    (felt,) = create(folder, most_tokens=5).reason([Evidence(clip=Clip(id="a", video=film(1, count=2)))])
    assert felt.abstained is None
    assert felt.rationale
    assert felt.generated == f"The person feels {felt.label}. {felt.rationale}"
    (silent,) = create(folder, most_tokens=0).reason([Evidence(clip=Clip(id="a", video=film(1, count=2)))])
    assert (silent.rationale, silent.generated) == ("", "")


def test_without_pictures_it_abstains():
    (felt,) = create("never loaded").reason([Evidence(clip=Clip(id="a", missing={"video": "sound only"}))])
    assert felt.abstained == "sound only"


def test_another_kind_of_model_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(WeightsError, match="is a bert"):
        create(tmp_path).reason([Evidence(clip=Clip(id="a", video=film(1)))])
