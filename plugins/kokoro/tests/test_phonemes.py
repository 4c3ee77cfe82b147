import sys

import pytest
from affekt import DataError, MissingDependency
from affekt_kokoro.phonemes import sentences


def said(text: str, longest: int = 509) -> str:
    """All phonemes of a text."""
    return "".join(piece.phonemes for piece in sentences(text, "en", longest))


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
    assert said(written).strip(".") == said(spoken).strip(".")


def test_emoji_inside_a_text_are_passed_over():
    assert sentences("I love it 😍", "en", 509) == sentences("I love it", "en", 509)


@pytest.mark.parametrize("text", ["", "  \n ", "😀😀", "...", "?!"])
def test_a_text_without_words_is_refused(text: str):
    with pytest.raises(DataError, match=r"nothing to say(.|\n)*Try: "):
        sentences(text, "en", 509)


def test_an_unsupported_language_is_refused_and_the_supported_ones_are_named():
    with pytest.raises(DataError, match=r'does not speak "de": it knows no phonemes for it\nTry: language en, zh'):
        sentences("Guten Tag", "de", 509)
    with pytest.raises(DataError, match=r'"fr": it knows no phonemes for it, though it has voices of French\nTry: '):
        sentences("Bonjour", "fr", 509)


def test_british_voices_say_words_as_the_british_do():
    american, british = (sentences("Glass and water.", "en", 509, british=way)[0].phonemes for way in (False, True))
    assert (american, british) == ("ɡlˈæs ænd wˈɔTəɹ.", "ɡlˈɑːs and wˈɔːtə.")


def test_letters_of_another_script_are_refused_rather_than_dropped():
    with pytest.raises(DataError, match="cannot pronounce и м р"):
        sentences("Hello мир", "en", 509)


def test_accented_latin_letters_are_read():
    assert sentences("naïve café", "en", 509)


def test_an_endless_sentence_is_cut_into_pieces_and_loses_nothing():
    text = "and then we walked on " * 80
    pieces = [piece.phonemes for piece in sentences(text, "en", 200)]
    assert max(map(len, pieces)) <= 200
    assert " ".join(pieces) == said(text, 100_000)


def test_endless_words_and_numbers_are_cut_too_and_lose_nothing():
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
    assert len(said(word)) > 40
    pieces = [piece.phonemes for piece in sentences("strengthen" * 400, "en", 200)]
    assert max(map(len, pieces)) <= 200
    assert sum(map(len, pieces)) > 2000
    assert said("antidisestablishmentarianism").count("—") == 0  # a dictionary has it
    assert said("7" * 60).count("sˈɛvən") == said("$" + "7" * 60).count("sˈɛvən") == 60


def test_a_link_is_text_and_no_phonemes():
    assert "hˈaʊs" not in said("[see](/hˈaʊs/)")
    assert said("[see](/docs/)") == said("see")
    assert "hˈaʊs" not in said("[see [it]](/hˈaʊs /)")


def test_a_break_ends_a_sentence_and_adds_its_silence():
    first, second = sentences("Wait. <break time='700ms'/> I am here.", "en", 509)
    assert (first.pause, second.pause) == (0.7, 0.0)
    assert [piece.pause for piece in sentences('Yes<break time="1.5s"/><break/>', "en", 509)] == [2.0]


def test_emphasis_lengthens_the_stressed_vowel_and_nothing_else():
    plain, strong = said("I want this one."), said("I want <emphasis>this</emphasis> one.")
    marks = str.maketrans("", "", "ˈˌː")
    assert strong.translate(marks) == plain.translate(marks)
    assert strong.count("ː") == 1


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><speak>Hello.</speak>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><speak>&b;</speak>',
        "Hello. <audio src='http://localhost/a.wav'/>",
        "<emphasis>Hello.",
        "Hello.</emphasis>",
        "<emphasis><emphasis>Hello</emphasis></emphasis>",
        "<break time='99999s'/> Hello.",
        "<break onload='x'/> Hello.",
        "<emphasis level='<b>'>Hello</emphasis>",
        "<!-- Hello -->",
        "Hello <script",
    ],
)
def test_other_markup_is_refused_by_name_and_nothing_is_looked_up(text: str):
    with pytest.raises(DataError, match=r"(is not spoken|is not closed|is a break)(.|\n)*Try: "):
        sentences(text, "en", 509)


def test_a_less_than_sign_and_an_entity_are_signs_of_the_text():
    assert "lˈɛs ðən" in said("3 < 4")
    assert said("&lt;b&gt; Hello.").endswith("həlˈO.")


def test_fifty_thousand_characters_are_refused_and_ten_thousand_are_sentences():
    with pytest.raises(DataError, match="50,000 characters, and kokoro speaks 20,000 at once"):
        sentences("Hello. " * 7142 + "Hello.", "en", 509)
    assert len(sentences("We walked on. " * 700, "en", 509)) == 700


@pytest.mark.parametrize("text", ["שלום", "Hello مرحبا", "good 早上 morning", "\u202eolleH привет"])
def test_right_to_left_and_mixed_scripts_are_refused(text: str):
    with pytest.raises(DataError, match="cannot pronounce"):
        sentences(text, "en", 509)


def test_chinese_is_read_with_tones_sentence_by_sentence():
    pytest.importorskip("misaki.zh")
    first, second = sentences("你好，世界！<break time='1s'/>我有3本书。", "zh", 509)
    assert first.phonemes.startswith("ni↓xau↓, ")
    assert (first.pause, second.pause) == (1.0, 0.0)
    assert second.phonemes == sentences("我有三本书。", "zh-CN", 509)[0].phonemes
    assert {"↗", "↘"} & set(sentences("中国人说话。", "zh", 509)[0].phonemes)
    with pytest.raises(DataError, match=r"cannot pronounce a b c\nTry: Chinese characters"):
        sentences("你好 abc", "zh", 509)
    with pytest.raises(DataError, match="nothing to say"):
        sentences("。！", "zh", 509)


def test_chinese_without_misaki_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch):
    from affekt_kokoro import chinese

    chinese.reader.cache_clear()
    monkeypatch.setitem(sys.modules, "misaki.zh", None)
    with pytest.raises(MissingDependency, match=r'Try: pip install "affekt-kokoro\[chinese\]"'):
        sentences("你好。", "zh", 509)
    chinese.reader.cache_clear()
