"""Whose recordings and lines emotion-llama-mini learnt from, as the record that lies beside its weights.

Training writes such a record itself since it exists; the shipped weights are older. The clips are those that the preset
of the last stage reads; the stages before it heard some of the same, and stage 0 nobody.
"""

from collections.abc import Iterator
from pathlib import Path

from affekt_datasets import Sample, TrainedOn, TrainingRecord

from affekt_training.cache import default_cache
from affekt_training.config import DataUse, StageConfig, read
from affekt_training.mini import PRESET
from affekt_training.samples import ASTERISK, WITHOUT_FOLDER, selected


def record(archive: Path | None = None) -> TrainingRecord:
    """The record, from the data sets that lie here and the archive of lines, which is fetched where it is not given.

    Raises:
        DataError: a data set is missing.
        WeightsError: the lines cannot be fetched.
    """
    config = read(PRESET)
    return TrainingRecord(parts=tuple(
        TrainedOn.of(use.set, list(_samples(config, use, archive)), split=use.split) for use in config.data
    ))  # fmt: skip


def _samples(config: StageConfig, use: DataUse, archive: Path | None) -> Iterator[Sample]:
    if use.set not in WITHOUT_FOLDER:
        yield from selected(config, use)[0]
    elif use.set == ASTERISK:
        from affekt_training.heads.asterisk_prompts import PROMPTS, statistics

        for index in range(len(statistics()) // 2):  # each as recorded, and between others
            yield Sample(id=f"{ASTERISK}-{index}", media=None, speaker=f"{ASTERISK}-{index // PROMPTS}")
    else:
        from affekt_training.heads import meld_emorynlp

        corpus, split = use.set.removesuffix("-lines"), use.split or "train"
        lines = meld_emorynlp.read(archive or meld_emorynlp.fetch(default_cache()))
        own = [one for one in lines if (one.corpus, one.split) == (corpus, split) and one.emotion in config.labels]
        for index, line in enumerate(own):
            yield Sample(id=f"{corpus}-{split}-{index}", media=None, speaker=f"{corpus}-{line.speaker}")
