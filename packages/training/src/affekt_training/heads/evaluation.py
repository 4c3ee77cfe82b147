"""Which head is measured on which corpus: one `Scored` a test set."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from affekt import OptionsError

from affekt_training.heads import fer2013
from affekt_training.heads.corpora import SPEECH
from affekt_training.heads.scored import Scored

Corpus = Literal["ravdess", "emodb", "nemo", "ased", "javanese_voice", "urdu", "emogator", "fer2013", "meld"]


def evaluate(corpus: Corpus, data: Path | None, cross_validated: bool, cache: Path) -> Mapping[str, Scored]:
    """Name of the test set → what the head says of it.

    Args:
        data: the corpus in its official layout; for MELD the folder of its source archive, or None to fetch it.
        cross_validated: train anew without each fold's speakers, instead of asking the shipped head.
        cache: where fetched archives and encoded clips are kept.

    Raises:
        DataError: the folder holds no such corpus.
        OptionsError: the corpus has an official split, so that it is not cross-validated.
    """
    if cross_validated and corpus not in SPEECH:
        raise OptionsError(f"{corpus} comes with official splits and is not cross-validated", hint="--shipped")
    if corpus in SPEECH:
        from affekt_training.heads.train_voice import cross_validate, shipped

        ask = cross_validate if cross_validated else shipped
        return {corpus: ask(data, corpus)}
    if corpus == "fer2013":
        splits = fer2013.read(data)
        return {f"fer2013 {split}": fer2013.score(pictures) for split, pictures in splits.items()}
    from affekt_heads.words import WordsHead

    from affekt_training.heads import meld_emorynlp, train_words

    lines = [line for line in meld_emorynlp.read(meld_emorynlp.fetch(data or cache)) if line.corpus == "meld"]
    test = train_words.encode([line for line in lines if line.split == "test"])
    return {"meld test": train_words.score(WordsHead.load(), test)}
