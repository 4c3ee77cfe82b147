"""Which language is spoken when, of pieces that are made up."""

from itertools import pairwise

from affekt_whisper import languages
from affekt_whisper.clock import SAMPLE_RATE
from hypothesis import given
from hypothesis import strategies as st

MADE = st.lists(
    st.tuples(st.floats(0.2, 6), st.sampled_from(["en", "de", "pl"]), st.floats(0.34, 1.0)), min_size=1, max_size=8
)


def pieces(made):
    """Pieces a third of a second apart, and the probabilities of their languages."""
    place, cut, likely = 0.0, [], []
    for seconds, language, probability in made:
        start, end = (round(time * SAMPLE_RATE) for time in (place, place + seconds))
        cut.append(languages._Piece(start, end))
        rest = dict.fromkeys(("en", "de", "pl"), (1 - probability) / 2)
        likely.append({**rest, language: probability} if seconds >= languages.SHORTEST else {})
        place += seconds + 0.33
    return cut, likely


@given(MADE)
def test_another_language_is_believed_where_a_piece_is_long_and_sure_and_then_every_piece_has_one(made):
    cut, likely = pieces(made)
    sure = {
        language
        for seconds, language, probability in made
        if seconds >= languages.LEAST + 0.01 and probability >= languages.SURE
    }
    found = set(languages._sure(cut, likely))
    assert sure <= found
    turns = list(languages._joined(languages._each_in_one_of({"en", *found}, "en", cut, likely)))
    assert {turn.language for turn in turns} <= {"en", *found}
    assert all(one.language != two.language and one.end <= two.start for one, two in pairwise(turns))
    assert (turns[0].start, turns[-1].end) == (cut[0].start / SAMPLE_RATE, cut[-1].end / SAMPLE_RATE)


def test_who_reads_english_needs_a_translation_of_the_language_that_most_is_said_in():
    turns = [
        languages.Turn(language=language, start=float(start), end=float(end))
        for language, start, end in (("en", 0, 9), ("de", 10, 12), ("pl", 13, 18), ("de", 19, 21))
    ]
    assert languages.main_language(turns, "en") == "pl"
    assert (
        languages.note_of_languages(turns[:2])
        == "several languages are spoken: en from 0.0 to 9.0 s, de from 10.0 to 12.0 s"
    )
