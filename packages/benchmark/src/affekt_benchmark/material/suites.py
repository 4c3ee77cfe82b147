"""What can be measured: a data set, a part of it, and the measures that are official for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from affekt import AffektError
from affekt.suggestions import did_you_mean


class BenchmarkError(AffektError):
    """A measurement that cannot be made, or a result that cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """One test set and how it is scored."""

    name: str
    dataset: str
    """A reader of affekt-datasets."""
    split: tuple[str, ...] = ()
    """The splits of the data set; empty for all of it."""
    split_option: str = ""
    """Option of the reader that is given the splits, where it reads only those that it is asked for."""
    words_alone: bool = False
    """Only the words of its clips are read, so their media need not be there."""
    needs: Literal["label", "labels", "description"] = "label"
    """What a clip must have to be measured."""
    vocabulary: str | None = None
    """The vocabulary of the labels; None where they are open, or the data's own."""
    own_labels: bool = False
    """The labels are those that the clips have."""
    evaluators: Mapping[str, Mapping[str, Any]]
    """Evaluator → its options."""
    headline: tuple[str, ...]
    """Measures that the console shows, the official one first."""
    note: str = ""
    folder: str = ""
    """The folder of a part below that of the whole suite, as its makers name it; the data set's own name serves too."""
    parts: tuple["Suite", ...] = ()
    """The parts of a suite made of several: its score is the mean of their first headline measures."""

    @property
    def short(self) -> str:
        """A part's name within its suite."""
        return self.name.rpartition("/")[2]

    @property
    def tests_on(self) -> str:
        """The data set and its split, as results and model cards name them."""
        return f"{self.dataset} {', '.join(self.split)}".strip()


CLOSED: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"uar": {}, "f1": {}, "accuracy": {}, "calibration": {}, "risk-coverage": {}, "confusion": {}}
)
"""The evaluators of every suite with one label a clip."""
_MER2023: Mapping[str, Any] = {"dataset": "mer2023", "vocabulary": "mer2023"}
_MER2024: Mapping[str, Any] = {"dataset": "mer2024", "split_option": "tracks"}
_SUITES = (
    Suite(name="ravdess", dataset="ravdess", vocabulary="ravdess", evaluators=CLOSED, headline=("uar", "accuracy")),
    Suite(name="emodb", dataset="emodb", vocabulary="emodb", evaluators=CLOSED, headline=("uar", "accuracy")),
    Suite(
        name="fer2013",
        dataset="fer2013",
        split=("public_test",),
        vocabulary="fer2013",
        evaluators=CLOSED,
        headline=("accuracy", "uar"),
        note="The pictures are cut-out faces already, so they are given to the pipeline as its face track.",
    ),
    Suite(
        name="mer2023",
        **_MER2023,
        split=("test3",),
        evaluators={"mer2023": {"track": "semi"}, **CLOSED},
        headline=("score", "accuracy", "uar"),
        note="MER-SEMI. MULTI and NOISE are suites of their own.",
    ),
    *(
        Suite(
            name=f"mer2023-{track}",
            **_MER2023,
            split=(split,),
            evaluators={"mer2023": {"track": track}, **CLOSED},
            headline=("score", "mse", "accuracy", "uar"),
            note="Needs a pipeline that states valence.",
        )
        for track, split in (("multi", "test1"), ("noise", "test2"))
    ),
    *(
        Suite(
            name=f"mer2024-{track}",
            **_MER2024,
            split=(track,),
            vocabulary="mer2024",
            evaluators=CLOSED,
            headline=("weighted_f1", "accuracy", "uar"),
        )
        for track in ("semi", "noise")
    ),
    Suite(
        name="mer2024-ov",
        **_MER2024,
        split=("ov",),
        needs="labels",
        evaluators={"mer2024-ov": {}, "emotion-wheel": {}},
        headline=("average", "level1", "level2", "coverage:truth"),
        note="Official values need the language model's synonym groups: `-e mer2024-ov.groups=FILE`.",
    ),
    Suite(
        name="dfew",
        dataset="dfew",
        vocabulary="dfew",
        evaluators={"dfew": {}, **CLOSED},
        headline=("uar", "war"),
        note="Means over the five folds. Five models, each without its fold: `--models runs/fold-*`; one: `--fold 1`.",
    ),
    Suite(
        name="iemocap",
        dataset="iemocap",
        vocabulary="iemocap",
        evaluators=CLOSED,
        headline=("uar", "accuracy"),
        note="Four emotions, all five sessions; one session with `--protocol leave-one-session-out --fold iemocap-5`.",
    ),
    Suite(
        name="emer",
        dataset="emer",
        needs="description",
        evaluators={"emer-proxy": {}, "emotion-wheel": {}},
        headline=("clue", "label", "level1"),
        note="`--judge MODEL` adds clue and label overlap rated by a language model.",
    ),
    Suite(
        name="mer-unibench",
        dataset="mer-unibench",
        evaluators={},
        headline=("mean",),
        note="Its nine data sets, in the folders of its release or as their own makers hand them out. Officially a "
        "language model reads words as sentiment: `-e sentiment.sentiments=FILE` takes what it said.",
        parts=(
            *(
                Suite(name=f"mer-unibench/{name}", dataset=name, folder=folder, split=(split,),
                      evaluators={"hit-rate": {}}, headline=("hit_rate",))
                for name, folder, split in (
                    ("mer2023", "mer2023-dataset-process", "test1"), ("mer2024", "mer2024-dataset-process", "semi"),
                    ("meld", "meld-process", "test"), ("iemocap", "iemocap-process", "test"),
                )
            ),
            *(
                Suite(name=f"mer-unibench/{name}", dataset=name, folder=folder, split=("test",),
                      evaluators={"sentiment": {}}, headline=("waf", "accuracy"))
                for name, folder in (
                    ("cmu-mosi", "cmumosi-process"), ("cmu-mosei", "cmumosei-process"),
                    ("ch-sims", "sims-process"), ("ch-sims-v2", "simsv2-process"),
                )
            ),
            Suite(name="mer-unibench/ov-merd-plus", dataset="emer", folder="ovmerdplus-process", needs="labels",
                  evaluators={"emotion-wheel": {}}, headline=("level1",)),
        ),
    ),
)  # fmt: skip
FOLDER = Suite(
    name="folder", dataset="folder", own_labels=True, evaluators=CLOSED,
    headline=("uar", "accuracy", "macro_f1", "ece"),
    note="Recordings of one's own: a table with file_name and label, or a folder a label.",
)  # fmt: skip
SUITES: Mapping[str, Suite] = MappingProxyType({suite.name: suite for suite in _SUITES})
"""Name → suite."""


def find(name: str) -> Suite:
    """A suite, or a part of one, by name.

    Raises:
        BenchmarkError: there is none of this name.
    """
    for part in SUITES[name.partition("/")[0]].parts if name.partition("/")[0] in SUITES else ():
        if part.name == name:
            return part
    if name not in SUITES:
        raise BenchmarkError(
            f'there is no suite "{name}"{did_you_mean(name, SUITES)}', hint=f"one of {', '.join(SUITES)}"
        )
    return SUITES[name]
