import numpy as np
from affekt import AudioSignal, Clip, Word
from affekt_text.sentences import LONGEST, sentences


def spoken(text, pace=0.5, pause_after=None):
    words, time = [], 0.0
    for piece in text.split():
        words.append(Word(start=time, end=time + pace, text=piece))
        time += pace + (2.0 if piece == pause_after else 0.0)
    return Clip(id="a", text=text, words=tuple(words))


def texts(clip):
    return [sentence.text for sentence in sentences(clip)]


def test_a_sentence_has_the_time_of_its_words():
    first, second = sentences(spoken('She said "stop!" Then nobody moved.'))
    assert (first.text, first.start, first.end) == ('She said "stop!"', 0.0, 1.5)
    assert (second.text, second.start, second.end) == ("Then nobody moved.", 1.5, 3.0)


def test_titles_and_initials_do_not_end_a_sentence():
    assert texts(spoken("Mr. Obama met J. Smith. So did I. It was in 2015. No. Ask someone, e.g. him.")) == [
        "Mr. Obama met J. Smith.",
        "So did I.",
        "It was in 2015.",
        "No.",
        "Ask someone, e.g. him.",
    ]


def test_a_second_of_silence_ends_a_sentence_without_a_full_stop():
    assert texts(spoken("well I thought so too", pause_after="well")) == ["well", "I thought so too"]


def test_an_endless_sentence_is_cut():
    assert [len(text.split()) for text in texts(spoken("and " * (LONGEST + 5)))] == [LONGEST, 5]


def test_text_without_times_spans_the_whole_clip():
    audio = AudioSignal(samples=np.zeros(16_000, np.float32), sample_rate=8_000)
    found = sentences(Clip(id="a", audio=audio, text="No. Yes!"))
    assert [(s.text, s.start, s.end) for s in found] == [("No.", 0.0, 2.0), ("Yes!", 0.0, 2.0)]


def test_a_cue_of_several_words_is_a_word_with_spaces():
    cues = (Word(start=1, end=3, text="We won!\nAt last."), Word(start=4, end=5, text="[music]"))
    assert [(s.start, s.end) for s in sentences(Clip(id="a", words=cues))] == [(1, 3), (4, 5)]


def test_punctuation_alone_is_no_sentence():
    assert texts(Clip(id="a", text=" ... — !")) == []
    assert texts(Clip(id="a")) == []
