"""Which data sets can be read, and `read`."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from types import MappingProxyType
from typing import Any

from affekt.suggestions import did_you_mean

from affekt_datasets.checking import check_samples
from affekt_datasets.dataset import Dataset
from affekt_datasets.errors import DatasetError
from affekt_datasets.left_out import EMPTY_FILE, NO_FILE, LeftOut
from affekt_datasets.media_folders import existing_root, feature_folders
from affekt_datasets.problems import Report, raise_for
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabularies


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A layout that can be read."""

    name: str
    target: str
    """`module:function` in `affekt_datasets.readers`."""
    title: str
    licence: str
    """The licence in a word or two, as its makers state it."""
    vocabulary: str | None = None
    written: bool = False
    """It is a data set of texts that nobody speaks: its samples have no media."""

    def load(self) -> Callable[..., list[Sample]]:
        """Imports the function that reads."""
        module, _, function = self.target.partition(":")
        reader: Callable[..., list[Sample]] = getattr(import_module(f"affekt_datasets.readers.{module}"), function)
        return reader

    def options(self) -> dict[str, Any]:
        """Option → its default."""
        parameters = signature(self.load()).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is Parameter.KEYWORD_ONLY}


_EULA = "by agreement with its makers (EULA)"
CATALOGUE: Mapping[str, Reader] = MappingProxyType({
    reader.name: reader
    for reader in (
        Reader(name="merr", target="merr:merr", vocabulary="merr", licence=_EULA,
               title="MERR, coarse and fine: pseudo-labels, clues and reasons for MER2023 clips"),
        Reader(name="mer2023", target="mer2023:mer2023", vocabulary="mer2023", licence=_EULA,
               title="MER2023: train, MULTI (test1), NOISE (test2), SEMI (test3)"),
        Reader(name="mer2024", target="mer2024:mer2024", vocabulary="mer2024", licence=_EULA,
               title="MER2024: train, SEMI, NOISE, OV"),
        Reader(name="dfew", target="dfew:dfew", vocabulary="dfew", licence=_EULA,
               title="DFEW: single-label clips of films, five folds"),
        Reader(name="emer", target="emer:emer", licence="research only",
               title="EMER, OV-MERD and OV-MERD+: reasons and open-vocabulary labels for MER2023 clips"),
        Reader(name="meld", target="meld:meld", vocabulary="meld", licence="GPL-3.0",
               title="MELD: utterances of Friends"),
        Reader(name="iemocap", target="iemocap:iemocap", vocabulary="iemocap", licence=_EULA,
               title="IEMOCAP: 10 actors in 5 sessions, four emotions"),
        Reader(name="cmu-mosi", target="sentiment:cmu_mosi", vocabulary="sentiment", licence="research only",
               title="CMU-MOSI: film reviews, sentiment from -3 to 3"),
        Reader(name="cmu-mosei", target="sentiment:cmu_mosei", vocabulary="sentiment", licence="research only",
               title="CMU-MOSEI: monologues, sentiment from -3 to 3"),
        Reader(name="ch-sims", target="sentiment:ch_sims", vocabulary="sentiment", licence="research only",
               title="CH-SIMS: Chinese films and shows, sentiment from -1 to 1"),
        Reader(name="ch-sims-v2", target="sentiment:ch_sims_v2", vocabulary="sentiment", licence="research only",
               title="CH-SIMS v2: the labelled clips"),
        Reader(name="ravdess", target="file_names:ravdess", vocabulary="ravdess", licence="CC BY-NC-SA 4.0",
               title="RAVDESS: 24 actors, 8 emotions, English"),
        Reader(name="emodb", target="file_names:emodb", vocabulary="emodb", licence="free for research",
               title="EmoDB: 10 speakers, 7 emotions, German"),
        Reader(name="polish", target="file_names:polish", vocabulary="polish", licence="CC BY",
               title="Polish set: 5 speakers, 3 emotions, single words"),
        Reader(name="nemo", target="voices:nemo", vocabulary="nemo", licence="CC BY-NC-SA 4.0",
               title="nEMO: 9 actors, 6 emotions, Polish"),
        Reader(name="ased", target="voices:ased", vocabulary="ased", licence="research only",
               title="ASED: 65 speakers, 5 emotions, Amharic"),
        Reader(name="javanese_voice", target="voices:javanese", vocabulary="javanese", licence="MIT",
               title="Javanese voices: 10 actors, 6 emotions"),
        Reader(name="javanese_av", target="voices:javanese", vocabulary="javanese", licence="research only",
               title="Javanese voices and faces: 10 actors, 6 emotions"),
        Reader(name="urdu", target="voices:urdu", vocabulary="urdu", licence="research only",
               title="Urdu talk shows: 38 speakers, 4 emotions"),
        Reader(name="emogator", target="voices:emogator", vocabulary="emogator", licence="Apache-2.0",
               title="EmoGator: voices without words, 357 people, 30 categories"),
        Reader(name="fer2013", target="fer2013:fer2013", vocabulary="fer2013", licence="research only",
               title="FER2013: faces, 48×48 grey"),
        Reader(name="rafdb", target="rafdb:rafdb", vocabulary="rafdb", licence="research only",
               title="RAF-DB: faces from the web, 7 emotions"),
        Reader(name="emcona", target="emcona:emcona", vocabulary="emcona", licence="Apache-2.0", written=True,
               title="EMCONA: arguments and pairs of arguments, with the emotions that three and five people named"),
        Reader(name="goemotions", target="goemotions:goemotions", vocabulary="goemotions", licence="Apache-2.0",
               written=True, title="GoEmotions: comments of Reddit, 27 emotions and neutral"),
        Reader(name="folder", target="folder:folder", licence="yours",
               title="A folder of your own: with a CSV, or a folder a label"),
    )
})  # fmt: skip
"""Name → reader."""


def read(name: str, root: str | Path, *, allow: Iterable[str] = (), **options: Any) -> Dataset:
    """Reads a data set in its official layout and checks it.

    Args:
        allow: kinds of problems to go on with ("missing", …); the clips concerned are in `Dataset.left_out`.
        options: of the reader; `CATALOGUE[name].options()` lists them.

    Raises:
        DatasetError: there is no such data set or option, the folder does not hold it, or something is wrong with it:
            every kind is counted.
    """
    dataset = examine(name, root, **options)
    raise_for(name, dataset.root, dataset.report, allow)
    if options.get("annotations_only") or _reader(name).written:
        return dataset
    without = [LeftOut(sample=sample, reason=why) for sample in dataset.samples if (why := _unusable(sample.media))]
    kept = tuple(sample for sample in dataset.samples if not _unusable(sample.media))
    return replace(dataset, samples=kept, left_out=(*dataset.left_out, *without))


def examine(name: str, root: str | Path, **options: Any) -> Dataset:
    """Reads as `read` does, and leaves what is wrong in the report.

    Raises:
        DatasetError: there is no such data set or option, or the folder does not hold it.
    """
    reader = _reader(name)
    if unknown := [option for option in options if option not in reader.options()]:
        raise DatasetError(
            f'{name} has no option "{unknown[0]}"{did_you_mean(unknown[0], reader.options())}',
            hint=f"one of {', '.join(reader.options()) or '(none)'}",
        )
    folder, report = existing_root(name, Path(root)), Report()
    samples = reader.load()(folder, report, **options)
    if not samples and not report.grave():
        raise DatasetError(f'"{folder}" holds nothing of {name}', hint=f"the layout in the README: {reader.title}")
    check_samples(samples, report)
    words = vocabularies().get(reader.vocabulary or "")
    return Dataset(
        name=name, root=folder, samples=tuple(samples), vocabulary=words, report=report,
        features=feature_folders(folder), left_out=tuple(report.left_out),
    )  # fmt: skip


def _reader(name: str) -> Reader:
    if name not in CATALOGUE:
        raise DatasetError(
            f'there is no reader for "{name}"{did_you_mean(name, CATALOGUE)}',
            hint=f'one of {", ".join(CATALOGUE)}; "folder" reads any folder with a CSV',
        )
    return CATALOGUE[name]


def _unusable(media: Path | None) -> str:
    """Why media cannot be used; nothing where they can."""
    if media is None or not media.exists():
        return NO_FILE
    return EMPTY_FILE if media.is_file() and media.stat().st_size == 0 else ""


def default_folder(name: str) -> Path:
    """Where a data set lies unless told otherwise: `$AFFEKT_SHARED/data/NAME`."""
    return Path(os.environ.get("AFFEKT_SHARED", "../shared")) / "data" / name
