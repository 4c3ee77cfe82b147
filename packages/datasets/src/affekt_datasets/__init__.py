"""Emotion data sets as they lie on disk → typed samples, with everything that is wrong counted first.

    from affekt_datasets import read
    ravdess = read("ravdess", "data/ravdess")
    for sample in ravdess.samples:
        print(sample.id, sample.label, sample.speaker)
        clip = sample.clip()

Read on in `sample` (what a sample is), `dataset` (samples together: splits), `protocols` (folds of a cross-validation),
`catalogue` (which data sets there are), `readers` (one official layout a file), `problems` and `checking` (what can be
wrong), `left_out` (clips that are not used, by reason), `training_record` (whose recordings a model learnt from),
`vocabulary` (labels, and from one data set's to another's), `noise` (MER2024's), `tables` (Parquet and Hugging Face
`datasets`).
"""

from affekt_datasets.catalogue import CATALOGUE, Reader, default_folder, read
from affekt_datasets.checking import leaks, overlaps
from affekt_datasets.dataset import Dataset
from affekt_datasets.errors import DatasetError
from affekt_datasets.left_out import LeftOut, by_reason
from affekt_datasets.problems import Problem, Report
from affekt_datasets.protocols import Fold, Protocol, dealt, fold, fold_of, folds
from affekt_datasets.sample import Sample
from affekt_datasets.training_record import TrainedOn, TrainingRecord
from affekt_datasets.vocabulary import Vocabulary, mapping, vocabularies, vocabulary

__all__ = [
    "CATALOGUE",
    "Dataset",
    "DatasetError",
    "Fold",
    "LeftOut",
    "Problem",
    "Protocol",
    "Reader",
    "Report",
    "Sample",
    "TrainedOn",
    "TrainingRecord",
    "Vocabulary",
    "by_reason",
    "dealt",
    "default_folder",
    "fold",
    "fold_of",
    "folds",
    "leaks",
    "mapping",
    "overlaps",
    "read",
    "vocabularies",
    "vocabulary",
]
