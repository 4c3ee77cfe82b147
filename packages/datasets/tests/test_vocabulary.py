"""Labels and the mappings between them are data with their source."""

import pytest
from affekt_datasets import CATALOGUE, DatasetError, mapping, vocabularies, vocabulary
from affekt_datasets.vocabulary import COMMON


def kind(label: str) -> str:
    """EmoGator's two surprises, "surprise (negative)" and "surprise (positive)", are kinds of one emotion."""
    return label.partition(" (")[0]


def test_every_vocabulary_is_sound_and_says_where_it_is_from() -> None:
    common = vocabulary(COMMON)
    for name, words in vocabularies().items():
        assert len(words.source) > 20, name
        assert len(set(words.labels)) == len(words.labels), name
        assert set(words.codes.values()) <= set(words.labels), name
        assert set(words.common.values()) | set(words.near.values()) <= set(common.labels), name
        kinds = {kind(label) for label in words.common}
        assert len(set(words.common.values())) == len(kinds), f"{name}: two labels become one"
        assert not set(words.near) & set(words.common), f"{name}: near where the same emotion is there"
    assert {reader.vocabulary for reader in CATALOGUE.values()} - {None} <= set(vocabularies())


def test_a_label_without_a_counterpart_maps_to_none_and_never_to_a_neighbour() -> None:
    assert mapping("mer2023", "dfew") == {
        "neutral": "neutral", "angry": "angry", "happy": "happy", "sad": "sad", "worried": None, "surprise": "surprise",
    }  # fmt: skip
    assert mapping("mer2023", "dfew", near=True)["worried"] == "fear"
    assert mapping("emodb", "ravdess")["boredom"] is None
    assert mapping("ravdess", "affekt")["disgust"] == "disgusted"


def test_mappings_there_and_back_lose_nothing_that_both_know() -> None:
    for source in vocabularies():
        for target in vocabularies():
            there, back = mapping(source, target), mapping(target, source)
            known = {label: mapped for label, mapped in there.items() if mapped}
            returned = {label: back[mapped] or "" for label, mapped in known.items()}
            assert {kind(label) for label in known} == {kind(label) for label in returned.values()}, (source, target)
            assert all(kind(label) == kind(again) for label, again in returned.items()), (source, target)


def test_an_unknown_vocabulary_is_named() -> None:
    with pytest.raises(DatasetError, match='no vocabulary "casme"'):
        mapping("casme", "dfew")
