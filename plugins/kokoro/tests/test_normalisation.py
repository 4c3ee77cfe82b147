"""Texts as people write them, and the words that are spoken."""

import re
import time
import unicodedata

import pytest
from affekt_kokoro.cleaning import cleaned
from affekt_kokoro.digit_groups import grouped
from affekt_kokoro.language import other_language
from affekt_kokoro.normalisation import spoken
from affekt_kokoro.phonemes import sentences
from affekt_kokoro.table import Example, examples, words_heard
from hypothesis import given, settings
from hypothesis import strategies as st

EXAMPLES = list(examples())
COMMON = [
    "the", "be", "to", "of", "and", "a", "in", "that", "have", "it", "for", "not", "on", "with", "he", "as",
    "you", "do", "at", "this", "but", "his", "by", "from", "they", "we", "say", "her", "she", "or", "an",
    "will", "my", "one", "all", "would", "there", "their", "what", "so", "up", "out", "if", "about", "who",
    "get", "which", "go", "me", "when", "make", "can", "like", "time", "no", "just", "him", "know", "take",
    "people", "into", "year", "your", "good", "some", "could", "them", "see", "other", "than", "then", "now",
    "look", "only", "come", "its", "over", "think", "also", "back", "after", "use", "two", "how", "our", "work",
    "first", "well", "way", "even", "new", "want", "because", "any", "these", "give", "day", "most", "us",
    "are", "is", "am", "was", "were", "had", "did", "has", "leave", "alone", "stop", "never", "please", "help",
    "hate", "love", "shut", "right", "wrong", "mad", "sorry"
]  # fmt: skip


def sounds(text: str) -> list[str]:
    """Phonemes of each sentence, without marks of stress."""
    return [re.sub("[ˈˌ]", "", sentence.phonemes) for sentence in sentences(text, "en", 509)]


def test_the_table_has_a_hundred_texts():
    assert len(EXAMPLES) == len({example.written for example in EXAMPLES}) == 100


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: repr(example.written)[:40])
def test_a_text_is_the_words_that_should_be_heard(example: Example):
    assert words_heard(spoken(example.written)) == example.words


@pytest.mark.parametrize("word", COMMON)
def test_a_shouted_word_sounds_as_the_same_word(word: str):
    assert sounds(f"YOU {word.upper()} HERE.") == sounds(f"You {word} here.")


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("This line was wrapped\nby a mail program in the\nmiddle of a sentence.", 1),
        ("I went to\r\nLondon yesterday.", 1),
        ("One.\nTwo.", 2),
        ("A heading\n\nA paragraph.", 2),
        ("- milk\n- eggs\n- bread", 3),
        ("We met the U.S. Army and J.R.R. Tolkien.", 1),
        ("The year was 1984. 1985 came.", 2),
        ("It is 3 p.m. and raining.", 1),
    ],
)
def test_a_line_end_ends_a_sentence_only_where_a_paragraph_or_an_item_ends(written: str, count: int):
    assert len(sounds(written)) == count


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("soft\u00adhyphen", "softhyphen"), ("co\u200boperate", "cooperate"), ("a\u00a0b", "a b"), ("ﬁnd", "find"),
        ("Ｆｕｌｌ", "Full"), ("cafe\u0301", "café"), ("I`m", "I'm"), ("I´m", "I'm"), ("Tom &amp; Ann", "Tom and Ann"),
        ("I said no.", "I said no"), ("under the Sun.", "under the Sun"),
    ],
)  # fmt: skip
def test_what_only_the_eye_sees_changes_no_sound(written: str, same: str):
    assert [sound.strip(".") for sound in sounds(written)] == sounds(same)


@pytest.mark.parametrize(
    "text",
    [
        "[laughs]", "(sighs)", "*gasps*", "[music playing]", ":-)", "---", "😀", "[door slams]", "(crying softly)",
        "[he laughs]", "(laughs and sighs)", "*nods*", "[inaudible]", "(whispering)",
    ],
)  # fmt: skip
def test_a_text_of_nothing_but_signs_has_no_words(text: str):
    assert spoken(text).strip() == ""


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("See [the page](/hˈaʊs/).", "see the page"),
        ("[a b](/x y/)", "a b x y"),
        ("(as she said) yes", "as she said yes"),
        ("(crypto) (human) (musicians) (cheerful)", "crypto human musicians cheerful"),
        ("Do not *cry*. Call me (phone 5).", "do not cry call me phone five"),
        ("5 * 3", "five times three"),
        ("my_file_name", "my file name"),
    ],
)
def test_brackets_and_stars_that_hold_words_are_read(written: str, words: str):
    assert words_heard(spoken(written)) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("A 3.5km walk, 2.5mm.", "a three point five kilometers walk two point five millimeters"),
        ("2024.csv, song.mp3", "twenty twenty four dot c s v song dot m p three"),
        ("Write .NET.", "write dot net"),
        ("€1.000,50", "one thousand euros and fifty cents"),
        ("1.234,56", "one thousand two hundred thirty four point five six"),
        ("1.000.000 people, 12\u202f000 of them", "one million people twelve thousand of them"),
        ("1 200 000 or 12 000", "one million two hundred thousand or twelve thousand"),
        ("1,5 liters", "one point five liters"),
        ("ISBN 978-3-16-148410-0", "i s b n nine seven eight three one six one four eight four one zero zero"),
        ("1234 5678 9012 3456", "one two three four five six seven eight nine zero one two three four five six"),
        ("Call 0800 123 456.", "call zero eight zero zero one two three four five six"),
        ("The ratio is 3:1, at 3:15.", "the ratio is three to one at three fifteen"),
        ("See p. 12.", "see page twelve"),
        ("Mon-Fri, Tue 5 May", "monday to friday tuesday the fifth of may"),
        ("He is 30yo and 6' tall, 6 ft. tall.", "he is thirty years old and six feet tall six feet tall"),
        ("-$5, 20 EUR, USD 20", "minus five dollars twenty euros twenty dollars"),
        ("2024/05/06 or 12-25-2020", "may sixth twenty twenty four or december twenty fifth twenty twenty"),
        ("5/5 stars, 50/50", "five out of five stars fifty fifty"),
        ("10⁶, 2³, a word¹²", "ten to the power of six two cubed a word"),
        ("It took 1h30, ½-price.", "it took one hour thirty half price"),
        ("Hello,world.I am fine!Really?Yes", "hello world i am fine really yes"),
    ],
)  # fmt: skip
def test_what_a_second_look_found_is_read(written: str, words: str):
    assert words_heard(spoken(written)) == words


@pytest.mark.parametrize("text", ["Flight 12 at 10:30", "on 3/4/2021", "3.14 and 1.234", "192.168.0.1", "2024-02-29"])
def test_what_only_resembles_a_group_of_digits_is_left(text: str):
    assert grouped(text) == text


@settings(max_examples=60, deadline=None)
@given(st.integers(1000, 10**9 - 1), st.sampled_from([".", "\u00a0", "\u202f", "\u2009"]))
def test_thousands_sound_the_same_however_they_are_grouped(number: int, sign: str):
    if sign == "." and number < 10**6:
        return  # "1.234" is a little more than one; beyond a thousand million it may be an address
    assert spoken(f"{number:,} people".replace(",", sign)) == spoken(f"{number:,} people")


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("aBc dE.,!?-'\n12$€%#@*_[]()/:&<>|\u00ad\u200b😀é½°"), max_size=40))
def test_no_text_is_beyond_reading_and_no_number_or_invisible_sign_is_left(text: str):
    words = spoken(text)
    assert not re.search(r"[0-9\u00ad\u200b😀]", words)
    assert "](" not in words


@pytest.mark.parametrize("sign", ["a", "A", "aB", "[", "*a", "7", "1-", "a@", "#a", ".", "\n", "(a", "www.", " ", "a-"])
def test_the_longest_text_of_one_sign_is_read_in_a_moment(sign: str):
    began = time.process_time()
    spoken((sign * 20_000)[:20_000])
    assert time.process_time() - began < 10


@settings(max_examples=50, deadline=None)
@given(number=st.integers(min_value=0, max_value=10**12), sign=st.sampled_from(["", "$", "£", "€"]))
def test_a_number_is_said_the_same_with_and_without_commas(number: int, sign: str):
    if not 1000 < number < 2200:  # a year without its comma
        assert spoken(f"{sign}{number:,} here") == spoken(f"{sign}{number} here")


@given(st.text(max_size=30))
def test_cleaning_leaves_composed_text_without_control_of_direction(text: str):
    assert not any(unicodedata.bidirectional(sign) in ("LRE", "RLE", "LRO", "RLO", "PDF") for sign in cleaned(text))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich bin so froh, dich zu sehen.", "de"), ("Wie geht es dir heute?", "de"), ("Das ist schön.", "de"),
        ("ICH HABE KEINE ZEIT", "de"), ("Je ne sais pas ce que je veux.", "fr"), ("Estoy muy feliz de verte", "es"),
        ("Non ci posso credere", "it"), ("Nie wiem, co powiedzieć", "pl"), ("Estou muito feliz em te ver", "pt"),
        ("Ik ben zo blij je te zien", "nl"), ("Jag är så glad att se dig", "sv"),
    ],
)  # fmt: skip
def test_another_language_is_noticed(text: str, language: str):
    assert other_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        *(example.words for example in EXAMPLES),
        "Giuseppe Verdi, Antonio Vivaldi, Gioachino Rossini.", "Zlatan Ibrahimović scored again.", "naïve café",
        "Dr. Müller lives in Düsseldorf.", "Hmm.", "HAHAHA! hahahaha hehe", "brb, gtg lol", "Anna Karenina", "",
    ],
)  # fmt: skip
def test_english_with_names_is_english(text: str):
    assert other_language(text) is None
