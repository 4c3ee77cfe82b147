"""Sentences and clauses: what is struck goes, and every other word stays."""

import pytest
from affekt_clues.clauses import clauses, parts, sentences, without


def strike(sentence, *lies):
    return without(sentence, lambda piece: (any(lie in piece for lie in lies), ()))[0].strip()


def test_sentences_joined_are_the_text():
    text = (
        "The pitch is 2.5 semitones above from 1.0 to 2.0 s. She smiles (AU12), e.g. at Dr. Li. “We won!” she says. …"
    )
    assert "".join(sentences(text)) == text
    assert len(sentences(text)) == 3
    assert sentences("") == []


@pytest.mark.parametrize(
    "expected",
    [
        ["the person in the video frowns and lowers eyebrows ", "the tone is agitated indicating anger ",
         "the subtitle says i hate this ", "combined with these clues the person feels angry"],
        ["the lip corners rise ", "her eyes narrow and she laughs ", "the voice suggests that the person feels happy"],
        ["she frowns ", "clues of face and voice suggest that the person feels neutral"],
        ["The person feels angry ", "because her brows draw down ", "while her voice is loud."],
        ["she smiles and looks at the camera ", "and her voice is low"],
    ],
)  # fmt: skip
def test_clauses_are_found_without_full_stops(expected):
    assert clauses("".join(expected)) == expected


@pytest.mark.parametrize(
    "whole",
    [
        "The lip corners (AU12) and the inner brows (AU01) hardly rise from 0.0 to 8.0 s.",
        "The inner brows and the outer brows rise, which suggests that the person feels surprised.",
        "clues of face and voice suggest that the person feels neutral",
        "the person raises the upper lids and tightens the lips",
        "She says “the voice is low and she smiles”.",
    ],
)
def test_what_belongs_together_is_one_clause(whole):
    assert clauses(whole) == [whole]


def test_parts_of_a_clause_have_a_verb_each():
    assert parts("The person frowns, tightens his lips, and looks down, indicating anger.") == [
        "The person frowns, ", "tightens his lips, ", "and looks down, indicating anger.",
    ]  # fmt: skip
    assert parts("her voice is loud and clear") == ["her voice is loud and clear"]
    assert parts("he frowns and smiles", keep=[(3, 20)]) == ["he frowns and smiles"]


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ("She frowns and looks down.", "She looks down."),
        ("The man smiles and frowns.", "The man smiles."),
        ("The person frowns, tightens his lips, and looks down.", "The person tightens his lips, and looks down."),
        ("She smiles, her frown deepens, and she says “ok”.", "She smiles, and she says “ok”."),
        ("Her frown deepens, but she laughs.", "She laughs."),
        ("In the video the man frowns deeply and smiles.", "In the video the man smiles."),
        ("the lip corners rise she frowns the voice suggests joy", "the lip corners rise the voice suggests joy"),
        ("The person feels angry because she frowns.", "The person feels angry."),
        (
            "The frown is deep and his nose wrinkles (AU09) from 2.0 to 4.0 s and his voice is low.",
            "His nose wrinkles (AU09) from 2.0 to 4.0 s and his voice is low.",
        ),
        ("She frowns, indicating anger.", ""),
        ("Nothing of it is there.", "Nothing of it is there."),
    ],
)
def test_what_is_struck_goes_and_every_other_word_stays(sentence, left):
    assert strike(sentence, "frown") == left


def test_what_was_struck_is_counted_once():
    assert without("She frowns, he frowns and smiles.", lambda piece: ("frown" in piece, ()))[1] == [
        "She frowns", "he frowns",
    ]  # fmt: skip
