"""What Whisper writes for laughs and sobs is no transcript; what people repeat is."""

import pytest
from affekt_whisper.repetition import only_repeats
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    "text",
    [
        "S-S-S-S-S-S-S-S",
        "Ha ha ha ha!",
        "Hahahahahahaha",
        "Hahaha! Hahaha!",
        "Aaaaaaaah!",
        "Oh. Oh. Oh. Oh.",
        "Mm, mm, mm.",
        "Thank you. Thank you. Thank you. Thank you. Thank you. Thank you. Thank you. Thank you. Thank you.",
        "I'm sorry, I'm sorry, I'm sorry, I'm sorry, I'm sorry, I'm sorry, I'm sorry, I'm sorry, I'm sorry, I'm",
        "…",
        "哈哈哈哈哈哈",
        "Das ist ein sehr langer Satz von Whisper. " * 6,
    ],
)
def test_what_only_repeats_is_no_transcript(text):
    assert only_repeats(text)


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no, no, no!",
        "Nein, nein, nein!",
        "Stop it, stop it, stop it.",
        "Ha! I knew it.",
        "Oh, oh no.",
        "Yeah.",
        "I.",
        "A, B, C, D, E.",
        "Bye-bye.",
        "Mississippi.",
        "Today, after two years of negotiations, the United States, together with our international partners, has "
        "achieved something that decades of animosity has not: a comprehensive long-term deal with Iran.",
        "Ha ha ha ha, that is the funniest thing you have said all day.",
        "不不不不",
        "ありがとうございます",
    ],
)
def test_what_people_say_is_one(text):
    assert not only_repeats(text)


SOME_WORDS = ["we", "you", "they", "go", "see", "know", "never", "always", "here", "home", "now", "why", "because"]


@given(st.text("abcdefgilnorst", min_size=2, max_size=8), st.integers(9, 40), st.sampled_from([" ", ", ", "-"]))
def test_any_piece_over_and_over_is_a_loop(piece, times, between):
    assert only_repeats(between.join([piece] * times))


@given(st.lists(st.sampled_from(SOME_WORDS), min_size=4, unique=True))
def test_different_words_are_no_loop(words):
    assert not only_repeats(" ".join(words))
