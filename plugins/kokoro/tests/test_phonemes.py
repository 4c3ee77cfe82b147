import pytest
from affekt import DataError
from affekt_kokoro.phonemes import sentences


def test_text_is_split_into_sentences_but_not_after_a_title():
    assert len(sentences("Dr. Smith is here. Shall we start? Yes!", "en", 509)) == 3


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("42", "forty two"),
        ("It costs $3.50.", "It costs three dollars and fifty cents."),
        ("at 7:30 pm", "at seven thirty PM"),
        ("about 20°C", "about twenty degrees Celsius"),
        ("Jan. 5th", "January fifth"),
    ],
)
def test_numbers_money_times_units_and_dates_are_read_out(written: str, spoken: str):
    assert "".join(sentences(written, "en", 509)).strip(".") == "".join(sentences(spoken, "en", 509)).strip(".")


def test_emoji_inside_a_text_are_passed_over():
    assert sentences("I love it 😍", "en", 509) == sentences("I love it", "en", 509)


@pytest.mark.parametrize("text", ["", "  \n ", "😀😀", "...", "?!"])
def test_a_text_without_words_is_refused(text: str):
    with pytest.raises(DataError, match=r"nothing to say(.|\n)*Try: "):
        sentences(text, "en", 509)


def test_an_unsupported_language_is_refused_and_the_supported_ones_are_named():
    with pytest.raises(DataError, match=r'does not speak "de"\nTry: language en'):
        sentences("Guten Tag", "de", 509)


def test_letters_of_another_script_are_refused_rather_than_dropped():
    with pytest.raises(DataError, match="cannot pronounce и м р"):
        sentences("Hello мир", "en", 509)


def test_accented_latin_letters_are_read():
    assert sentences("naïve café", "en", 509)


def test_an_endless_sentence_is_cut_into_pieces_and_loses_nothing():
    text = "and then we walked on " * 80
    pieces = sentences(text, "en", 200)
    assert max(map(len, pieces)) <= 200
    assert " ".join(pieces) == sentences(text, "en", 100_000)[0]


def test_an_endless_word_is_cut_too():
    pieces = sentences("[x](/" + "a" * 1000 + "/)", "en", 200)
    assert [len(piece) for piece in pieces] == [200] * 5
