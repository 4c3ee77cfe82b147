"""The corpora of the protocol, and what is read in each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from affekt_benchmark.material.suites import CLOSED, Suite

Channel = Literal["voice", "face", "words"]
ENCODERS: Mapping[Channel, str] = MappingProxyType(
    {"voice": "voice-statistics", "face": "expression", "words": "minilm"}
)
"""Channel → the encoder that reads it, unless another one is asked for."""
SEEN = "the encoder of faces learnt from pictures of this corpus"


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """One corpus of the leaderboard."""

    name: str
    """A reader of affekt-datasets, too."""
    title: str
    language: str
    channels: Sequence[Channel]
    vocabulary: str
    split: tuple[str, ...] = ()
    tracked: bool = False
    """Faces have to be found in its films."""
    seen_in_training: bool = False
    """An encoder has learnt from it."""

    @property
    def suite(self) -> Suite:
        """The corpus as a suite, as suites are measured."""
        return Suite(
            name=self.name, dataset=self.name, split=self.split, vocabulary=self.vocabulary, evaluators=CLOSED,
            words_alone=tuple(self.channels) == ("words",), headline=("uar", "accuracy", "ece", "aurc"),
            note="affekt-corpora-v1: probes in folds by person.",
        )  # fmt: skip

    @property
    def conditions(self) -> Mapping[str, Sequence[Channel]]:
        """What is judged by: every channel, and all of them where there are several."""
        each: dict[str, Sequence[Channel]] = {channel: (channel,) for channel in self.channels}
        return each | ({"all": self.channels} if len(self.channels) > 1 else {})


CORPORA: Sequence[Corpus] = (
    Corpus(name="ravdess", title="RAVDESS", language="en", channels=("voice",), vocabulary="ravdess"),
    Corpus(name="emodb", title="EmoDB", language="de", channels=("voice",), vocabulary="emodb"),
    Corpus(name="nemo", title="nEMO", language="pl", channels=("voice",), vocabulary="nemo"),
    Corpus(name="ased", title="ASED", language="am", channels=("voice",), vocabulary="ased"),
    Corpus(name="javanese_voice", title="Javanese, voices", language="jv", channels=("voice",), vocabulary="javanese"),
    Corpus(name="javanese_av", title="Javanese, films", language="jv", channels=("voice", "face"),
           vocabulary="javanese", tracked=True),
    Corpus(name="urdu", title="Urdu talk shows", language="ur", channels=("voice",), vocabulary="urdu"),
    Corpus(name="emogator", title="EmoGator, no words", language="", channels=("voice",), vocabulary="emogator"),
    Corpus(name="fer2013", title="FER2013, public test", language="", channels=("face",), vocabulary="fer2013",
           split=("public_test",)),
    Corpus(name="rafdb", title="RAF-DB, training", language="", channels=("face",), vocabulary="rafdb",
           seen_in_training=True),
    Corpus(name="meld", title="MELD, words", language="en", channels=("words",), vocabulary="meld"),
)  # fmt: skip
