from affekt_kokoro.wording import errors, words


def test_case_punctuation_hyphens_and_contractions_do_not_count():
    assert errors("I am re-reading it; it's fine.", "I'm re reading it, it is fine") == 0
    assert errors("We can't go.", "we cannot go") == 0


def test_each_inserted_missing_or_other_word_counts():
    assert errors("the cat sat", "the cat sat down") == 1
    assert errors("the cat sat", "the sat") == 1
    assert errors("the cat sat", "a dog stood") == 3
    assert errors("the cat sat", "") == 3


def test_words_are_lower_case():
    assert words("Don’t STOP!") == ["do", "not", "stop"]
