"""The words head: the shipped file, what it hears in plain sentences, and what it refuses."""

import numpy as np
import pytest
from affekt import Clip, ComponentError, DataError, Features, plugins
from affekt_heads.clues import words as word_clues
from affekt_heads.emotions import EMOTIONS
from affekt_heads.moments import moments
from affekt_heads.reasoner import HeadsReasoner
from affekt_heads.words import WordsHead
from handmade import clip, evidence, words


@pytest.fixture(scope="module")
def head():
    return WordsHead.load()


def sentence(vector, begin=0.0, end=3.0):
    return Features(values=vector[None].astype(np.float32), spans=np.array([[begin, end]]), source="minilm-emotions")


def towards(head, label):
    """A sentence vector of length 1 that speaks for one label and against the others."""
    others = [index for index in range(len(head.labels)) if head.labels[index] != label]
    direction = head.weight[:, head.labels.index(label)] - head.weight[:, others].mean(axis=1)
    return direction / np.linalg.norm(direction)


def test_the_shipped_head_knows_seven_labels_and_their_shares(head):
    assert set(head.labels) == {"angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised"}
    assert head.prior.sum() == pytest.approx(1, abs=1e-5)
    assert head.prior[head.labels.index("neutral")] > 0.4


def test_words_speak_only_while_they_are_said(head):
    opinion = head.opinion(sentence(towards(head, "angry"), 2.0, 4.0), moments(8.0, 1.0))
    assert opinion.observed.tolist() == [False, False, True, True, False, False, False, False]
    assert EMOTIONS[int(opinion.ratios[2].argmax())] == "angry"
    assert not opinion.ratios[0].any()


def test_text_without_a_clock_speaks_for_the_whole_clip(head):
    opinion = head.opinion(sentence(towards(head, "sad"), 0.0, 0.0), moments(0.0, 1.0))
    assert opinion.observed.tolist() == [True]


def test_text_alone_is_enough_for_an_answer(head):
    text = "How dare you!"
    known = evidence(Clip(id="text", text=text), words=sentence(towards(head, "angry"), 0.0, 0.0))
    (felt,) = HeadsReasoner.create().reason([known])
    assert felt.label == "angry"
    assert "“How dare you!”" in felt.rationale
    assert all(clue.checked for clue in felt.clues)


def test_sentences_are_quoted_with_their_time(head):
    text = "How dare you leave me here?"
    known = evidence(clip(text=text, words=words(text, 1.0, 3.0)), words=sentence(towards(head, "angry"), 1.0, 3.0))
    (found,) = word_clues.reasons(known, known.features["words"], head)
    assert found.supports == ("angry",)
    assert (found.clue.start, found.clue.end) == (1.0, 3.0)
    assert found.clue.text == "the words “How dare you leave me here?”"


def test_words_in_another_language_are_left_out_with_the_reason(head):
    known = evidence(clip(text="Wie bitte?", language="de"), words=sentence(towards(head, "angry")))
    (felt,) = HeadsReasoner.create().reason([known])
    assert felt.abstained is not None
    assert 'the words are in "de"' in felt.rationale


def test_vectors_of_another_width_are_refused(head):
    known = evidence(clip(text="Hello."), words=sentence(np.ones(768)))
    with pytest.raises(ComponentError, match=r"(?s)words head knows only.*384.*found 768.*Try: words: minilm-emotions"):
        HeadsReasoner.create().reason([known])


def test_a_file_that_is_no_head_is_refused(tmp_path):
    (tmp_path / "head.safetensors").write_bytes(b"not a head")
    with pytest.raises(DataError, match=r"is not a words head(?s:.*)Try: "):
        WordsHead.load(tmp_path / "head.safetensors")


def test_real_sentences_are_heard_as_they_are_meant(head):
    pytest.importorskip("affekt_text", reason="affekt-text is not installed")
    encoder = plugins().create("encoder", "minilm-emotions")
    meant = {
        "We won, this is amazing!": {"happy"},
        "I miss her so much.": {"sad"},
        "How dare you talk to me like that!": {"angry", "disgusted"},
        "The train leaves at ten.": {"neutral", "calm", "bored"},
    }
    found = encoder.encode([Clip(id=text, text=text, language="en") for text in meant])
    for features, emotions in zip(found, meant.values(), strict=True):
        assert EMOTIONS[int(head.sentence_ratios(features)[0].argmax())] in emotions
